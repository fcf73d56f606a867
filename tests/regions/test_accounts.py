"""Invited sign-up from the mail to the first page, and the jobs on logins."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from mobipro import links
from mobipro.outbox.models import OutboxMessage
from regions import accounts
from regions.models import AccountInvitation, ContactPerson, RoleAssignment, User
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "Leuchtturm-am-Deich-7"


@pytest.fixture
def invitation(kaya):
    contact = factories.make_contact("neu@example.org", first_name="Zoë", last_name="Müller-Lüdenscheidt")
    return accounts.invite(email=contact.email, by=kaya, contact=contact)


def sign_up(client, **changes):
    data = {"first_name": "Zoë", "last_name": "Müller", "password1": PASSWORD, "password2": PASSWORD, **changes}
    return client.post(reverse("account_signup"), data)


def open_link(client, invitation):
    return reverse("account_invitation", args=[accounts.invitation_token(invitation)])


def test_an_invitation_is_one_mail_without_a_usable_link_in_the_database(invitation):
    message = OutboxMessage.objects.get()
    assert message.recipient == "neu@example.org"
    assert accounts.invitation_token(invitation) not in message.text + message.html
    assert accounts.invitation_token(invitation) in links.fill(message.text)
    assert "Guten Tag Zoë Müller-Lüdenscheidt" in message.text


def test_opening_the_link_changes_nothing(invitation, client):
    page = client.get(open_link(client, invitation))
    assert "Konto anlegen für <strong>neu@example.org</strong>" in page.content.decode()
    assert accounts.SESSION_KEY not in client.session
    assert "nur mit Einladung" in client.get(reverse("account_signup")).content.decode()


def test_the_invited_person_gets_account_role_and_contact(invitation, client):
    client.post(open_link(client, invitation))
    form = client.get(reverse("account_signup")).content.decode()
    assert 'value="neu@example.org"' in form
    assert 'value="Zoë"' in form
    response = sign_up(client)
    assert response.status_code == 302
    user = User.objects.get(email="neu@example.org")
    assert user.roles.get().organisation == invitation.contact.organisation
    assert ContactPerson.objects.get(email=user.email).user == user
    assert EmailAddress.objects.get(user=user).verified
    assert client.get(reverse("member_home")).status_code == 200
    invitation.refresh_from_db()
    assert invitation.used_at is not None


def test_another_address_in_the_form_is_ignored(invitation, client):
    client.post(open_link(client, invitation))
    sign_up(client, email="fremd@example.org")
    assert not User.objects.filter(email="fremd@example.org").exists()
    assert User.objects.filter(email="neu@example.org").exists()


def test_a_used_invitation_opens_nothing(invitation, client):
    client.post(open_link(client, invitation))
    sign_up(client)
    client.logout()
    response = client.get(open_link(client, invitation))
    assert response.status_code == 410
    assert "gilt nicht mehr" in response.content.decode()


def test_an_expired_invitation_opens_nothing(invitation, client):
    AccountInvitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert client.get(open_link(client, invitation)).status_code == 410
    assert client.post(open_link(client, invitation)).status_code == 410


def test_an_invitation_that_expires_while_the_form_is_open_makes_no_account(invitation, client):
    client.post(open_link(client, invitation))
    AccountInvitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    response = sign_up(client)
    assert "nur mit Einladung" in response.content.decode()
    assert not User.objects.filter(email="neu@example.org").exists()


def test_a_renewed_invitation_ends_the_old_link(invitation, client, kaya):
    old = open_link(client, invitation)
    renewed = accounts.invite(email="neu@example.org", by=kaya, contact=invitation.contact)
    assert renewed.pk == invitation.pk
    assert client.get(old).status_code == 410
    assert client.get(open_link(client, renewed)).status_code == 200
    assert OutboxMessage.objects.count() == 2


@pytest.mark.parametrize("token", ["x", "1.1.falsch", "1.1.AAAAAAAAAAAAAAAAAAAAAA", "ä", "0" * 500])
def test_a_forged_link_opens_nothing(base_data, client, token):
    assert client.get(f"/konto/einladung/{token}/").status_code == 410


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password1": "kurz", "password2": "kurz"}, "12 Zeichen"),
        ({"password2": "etwas anderes Langes"}, "Passwort"),
        ({"first_name": ""}, "Geben Sie Ihren Vornamen ein."),
        ({"last_name": "a\x0bb"}, "Steuerzeichen"),
    ],
)
def test_a_mistake_in_the_sign_up_is_named_at_the_field(invitation, client, changes, error):
    client.post(open_link(client, invitation))
    response = sign_up(client, **changes)
    assert response.status_code == 200
    assert not User.objects.filter(email="neu@example.org").exists()
    assert "Fehler" in response.content.decode()


def test_nobody_invites_to_a_role_above_the_own(kaya, overall, gross):
    with pytest.raises(accounts.AccountError, match="dürfen Sie nicht"):
        accounts.invite(email="a@example.org", by=kaya, role=RoleAssignment.Role.ADMINISTRATOR)
    with pytest.raises(accounts.AccountError, match="dürfen Sie nicht"):
        accounts.invite(email="a@example.org", by=overall, role=RoleAssignment.Role.ADMINISTRATOR)
    with pytest.raises(accounts.AccountError, match="dürfen Sie nicht"):
        accounts.invite(email="a@example.org", by=gross, organisation=factories.make_traeger())
    accounts.invite(email="a@example.org", by=overall, role=RoleAssignment.Role.FUNDER)


def test_an_address_with_an_account_is_not_invited_again(kaya, gross):
    with pytest.raises(accounts.AccountError, match="schon ein Konto"):
        accounts.invite(email="GROSS@example.org", by=kaya, organisation=factories.make_traeger())


def test_a_changed_address_changes_in_all_three_places(gross):
    contact = factories.make_contact("gross@example.org", user=gross)
    accounts.change_email(user=gross, email="juergen.gross@example.org", by=None)
    gross.refresh_from_db()
    contact.refresh_from_db()
    assert gross.email == contact.email == EmailAddress.objects.get(user=gross).email == "juergen.gross@example.org"


@pytest.fixture
def _mails_are_rows(settings):
    settings.EMAIL_BACKEND = "mobipro.outbox.backend.OutboxBackend"  # pytest-django puts another one in
    cache.clear()


def _link_in_the_mail(address):
    body = OutboxMessage.objects.get(recipient=address).text
    return re.search(r"/konto/confirm-email/\S+", body)[0]


def _log_in(client, user):
    data = {"login": user.email, "password": "ein-langes-Kennwort"}
    assert client.post("/konto/login/", data).status_code == 302


@pytest.mark.usefixtures("_mails_are_rows")
def test_an_own_change_of_address_reaches_login_and_address_book(gross, client):
    contact = factories.make_contact("gross@example.org", user=gross)
    contact.bounced_at = timezone.now()
    contact.save()
    _log_in(client, gross)
    client.post("/konto/email/", {"email": "J.Gross@Leer.example.net", "action_add": ""})
    gross.refresh_from_db()
    assert gross.email == "gross@example.org", "nothing changes before the link is opened"
    address = "j.gross@leer.example.net"
    client.post(_link_in_the_mail(address))
    gross.refresh_from_db()
    contact.refresh_from_db()
    assert gross.email == contact.email == EmailAddress.objects.get(user=gross).email == address
    assert contact.bounced_at is None


@pytest.mark.usefixtures("_mails_are_rows")
@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("frei@example.org", "Diese Adresse können Sie nicht verwenden"),
        ("größ@example.org", "Vor dem @ sind Umlaute"),
        ("", "Geben Sie die neue E-Mail-Adresse ein"),
        ("gross", "keine vollständige E-Mail-Adresse"),
    ],
)
def test_a_mistake_in_the_own_new_address_is_named(gross, client, address, error):
    factories.make_contact("frei@example.org")
    _log_in(client, gross)
    response = client.post("/konto/email/", {"email": address, "action_add": ""})
    assert response.status_code == 200
    assert error in response.content.decode()
    assert not OutboxMessage.objects.exists()


def test_nobody_takes_over_a_foreign_address(gross, kaya):
    factories.make_contact("frei@example.org")
    for address in ("kaya@example.org", "frei@example.org"):
        with pytest.raises(accounts.AccountError):
            accounts.change_email(user=gross, email=address, by=None)


def test_a_superuser_cannot_exist(base_data):
    with pytest.raises(IntegrityError), transaction.atomic():
        User(email="root@example.org", is_superuser=True).save()


def test_create_admin_makes_an_administrator_without_questions(base_data, monkeypatch):
    monkeypatch.setenv("MOBIPRO_ADMIN_PASSWORD", PASSWORD)
    call_command("create_admin", "--email", "chef@example.org", "--no-input")
    user = User.objects.get(email="chef@example.org")
    assert user.access.is_administrator
    assert user.check_password(PASSWORD)
    call_command("create_admin", "--email", "chef@example.org", "--no-input")
    assert user.roles.count() == 1


@pytest.mark.parametrize(("email", "password"), [("keine-adresse", PASSWORD), ("chef@example.org", "kurz")])
def test_create_admin_refuses_what_the_sign_up_would_refuse(base_data, monkeypatch, email, password):
    monkeypatch.setenv("MOBIPRO_ADMIN_PASSWORD", password)
    with pytest.raises(CommandError):
        call_command("create_admin", "--email", email, "--no-input")
    assert not User.objects.exists()
