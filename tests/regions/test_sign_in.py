"""The entrance: what it tells strangers, how often it lets them try, and the second factor of the office."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.urls import reverse

from mobipro.outbox.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "ein-langes-Kennwort"
LOGIN = "account_login"


@pytest.fixture(autouse=True)
def _nobody_tried_before(base_data, settings):
    cache.clear()
    settings.EMAIL_BACKEND = "mobipro.outbox.backend.OutboxBackend"  # pytest-django puts another one in


def sign_in(client, email, password=PASSWORD, **query):
    return client.post(reverse(LOGIN, query=query or None), {"login": email, "password": password})


def page_without(response, email):
    """The page with its one-time values and the typed address taken out."""
    text = response.content.decode().replace(email, "…")
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", text)


# --- strangers -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_request_login_code"])
def test_an_empty_form_says_what_to_do(client, name):
    page = client.post(reverse(name), {}).content.decode()
    assert "Füllen Sie dieses Feld aus." in page
    assert "zwingend" not in page


@pytest.mark.parametrize("name", ["account_change_password", "account_reauthenticate"])
def test_an_empty_form_of_the_account_says_what_to_do(client, gross, name):
    client.force_login(gross)
    page = client.post(reverse(name), {}).content.decode()
    assert "Füllen Sie dieses Feld aus." in page
    assert "zwingend" not in page


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_request_login_code"])
def test_the_entrance_does_not_tell_who_has_an_account(client, gross, name):
    pages = []
    for email in ("gross@example.org", "niemand@example.org"):
        client.cookies.clear()
        data = {"login": email, "email": email, "password": "falsch-und-lang-genug"}
        response = client.post(reverse(name), data, follow=True)
        assert response.status_code == 200
        pages.append((response.redirect_chain, page_without(response, email)))
    assert pages[0] == pages[1]


def test_only_the_mail_tells_that_there_is_no_account(client, gross):
    for email in ("gross@example.org", "niemand@example.org"):
        client.post(reverse("account_reset_password"), {"email": email})
    mails = {mail.recipient: mail.text for mail in OutboxMessage.objects.all()}
    assert set(mails) == {"gross@example.org", "niemand@example.org"}
    assert reverse("account_reset_password_from_key", args=["x", "y"])[:25] in mails["gross@example.org"]
    assert "key" not in mails["niemand@example.org"]


def test_an_inactive_account_cannot_sign_in(client, gross):
    gross.is_active = False
    gross.save()
    assert "_auth_user_id" not in client.session
    sign_in(client, gross.email)
    assert "_auth_user_id" not in client.session


def test_guessing_passwords_ends_after_five_times(client, gross):
    for _ in range(6):
        response = sign_in(client, gross.email, "falsch-und-lang-genug")
    assert "Zu viele" in response.content.decode()
    right = sign_in(client, gross.email)
    assert right.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("name", "field", "number"), [("account_reset_password", "email", 6), ("account_request_login_code", "email", 4)]
)
def test_an_address_is_not_flooded_with_mails_and_the_page_says_so(client, gross, name, field, number):
    for _ in range(number):
        client.cookies.clear()  # another browser each time: the same one would be led on to the code
        response = client.post(reverse(name), {field: gross.email})
    assert response.status_code in (200, 429)
    assert "zu viele" in response.content.decode().lower()
    assert OutboxMessage.objects.filter(recipient=gross.email).count() == number - 1


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_login_leads_to_no_foreign_site(client, gross, target):
    response = sign_in(client, gross.email, next=target)
    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert "evil" not in response["Location"]
    there = client.get(reverse("admin:login"), {"next": target})
    assert "Location" not in there or there["Location"].startswith("/")


def test_the_login_leads_back_to_where_one_wanted_to_go(client, gross):
    assert sign_in(client, gross.email, next="/gute-praxis/meine/")["Location"] == "/gute-praxis/meine/"


# --- the second factor ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["kaya", "administrator"])
def test_the_office_needs_a_second_factor_where_the_setting_says_so(client, settings, name, request):
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("admin:index")).status_code == 200
    settings.SECOND_FACTOR_REQUIRED = True
    for address in (reverse("admin:index"), reverse("member_home"), reverse("home"), reverse("practices:create")):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, reverse("mfa_index")), address
    assert client.post(reverse("admin:meetings_year_plan", args=[2031])).status_code == 302
    for name_of_open in ("mfa_index", "account_logout", "healthz"):
        assert client.get(reverse(name_of_open)).status_code == 200


@pytest.mark.parametrize("name", ["gross", "lindner"])
def test_members_and_funders_need_no_second_factor(client, settings, name, request):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("home")).status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(client, settings, kaya):
    settings.SECOND_FACTOR_REQUIRED = True
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(kaya, secret)
    assert sign_in(client, kaya.email)["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("admin:index")).status_code == 302
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert "_auth_user_id" not in client.session
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_works_own_login_page_asks_for_no_password(client, kaya):
    """Django's own admin login would let the password alone in: there is none."""
    response = client.post(reverse("admin:login"), {"username": kaya.email, "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"].startswith(reverse(LOGIN))
    assert "_auth_user_id" not in client.session


def test_the_demo_says_that_its_login_has_one_step(client, settings):
    notice = "In dieser Vorführung genügt das Passwort."
    assert notice not in client.get(reverse(LOGIN)).content.decode()
    settings.MAIL_WEB_URL = "http://localhost:8028"
    assert notice in client.get(reverse(LOGIN)).content.decode()
    settings.SECOND_FACTOR_REQUIRED = True
    assert notice not in client.get(reverse(LOGIN)).content.decode()


def test_a_person_without_any_role_reaches_the_own_page_and_no_more(client):
    client.force_login(factories.make_user("ohne@example.org"))
    assert client.get(reverse("member_home")).status_code == 200
    for name in ("funder_home", "practices:create", "practices:own_list"):
        assert client.get(reverse(name)).status_code == 403
