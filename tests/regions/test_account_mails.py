"""The mails of the sign-in: allauth sends them, the portal words them."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _programme(base_data):
    """The operator's settings, whose sentences each mail ends with."""


def mail_after(outbox, client, route, email):
    response = client.post(reverse(route), {"email": email})
    assert response.status_code == 302
    sent = outbox[-1]
    return SimpleNamespace(subject=sent.subject, text=sent.body, html=sent.alternatives[0].content)


def test_a_forgotten_password_gets_a_link_in_formal_german(mailoutbox, client, gross):
    mail = mail_after(mailoutbox, client, "account_reset_password", gross.email)
    assert mail.subject == "Neues Passwort festlegen"
    assert mail.text.startswith(f"Guten Tag {gross},\n")
    assert "/konto/password/reset/key/" in mail.text
    assert "Fachvermittlung gefördert" in mail.text
    assert "/konto/password/reset/key/" in mail.html
    assert "Fachvermittlung gefördert" in mail.html


def test_an_unknown_address_is_told_whom_to_ask_and_offered_no_sign_up(mailoutbox, client):
    mail = mail_after(mailoutbox, client, "account_reset_password", "niemand@example.org")
    assert mail.text.startswith("Guten Tag,\n")
    assert "schreiben Sie bitte an vernetzung@example.org" in mail.text
    assert "signup" not in mail.text + mail.html


def test_a_sign_in_code_stands_in_both_texts(mailoutbox, client, gross):
    mail = mail_after(mailoutbox, client, "account_request_login_code", gross.email)
    assert mail.subject == "Ihr Anmeldecode"
    code = mail.text.split("Er gilt drei Minuten:\n\n")[1].split("\n")[0]
    assert len(code) >= 6
    assert f">{code}</p>" in mail.html


@pytest.mark.parametrize("name", ["Dörte O'Brien & Söhne <gGmbH>"])
def test_a_name_with_special_letters_is_escaped_only_in_html(mailoutbox, client, gross, name):
    gross.first_name, gross.last_name = "", name
    gross.save()
    mail = mail_after(mailoutbox, client, "account_reset_password", gross.email)
    assert f"Guten Tag {name}," in mail.text
    assert "&lt;gGmbH&gt;" in mail.html


@pytest.mark.parametrize("route", ["account_reset_password", "account_request_login_code"])
@pytest.mark.parametrize("email", ["gross@example.org", "niemand@example.org"])
def test_no_mail_of_the_sign_in_speaks_informally_or_of_the_machine(mailoutbox, client, gross, route, email):
    mail = mail_after(mailoutbox, client, route, email)
    for words in (mail.text, mail.html):
        assert not any(word in words for word in ("Hallo", " du ", " dein", "Danke dass", "example.com", "testserver!"))
