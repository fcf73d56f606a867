"""Accounts: invited sign-up, the second factor of the office, and the jobs on logins."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from mobipro import links, mail
from regions import emails
from regions.models import AccountInvitation, ContactPerson, RoleAssignment, User
from regions.rules import invitable_roles
from regions.visibility import access_of

log = logging.getLogger(__name__)

INVITATION_PURPOSE = "account-invitation"
SESSION_KEY = "account_invitation"


class AccountError(Exception):
    """The change of an account is not possible; the text says why, in German."""


def invitation_token(invitation: AccountInvitation) -> str:
    return links.token(INVITATION_PURPOSE, invitation.pk, invitation.link_version)


def invitation_from_token(token: str) -> AccountInvitation | None:
    """The usable invitation behind a personal link, or None when forged, used or expired."""
    found = links.verify(INVITATION_PURPOSE, token)
    if found is None:
        return None
    record_id, version = found
    return AccountInvitation.objects.usable().filter(pk=record_id, link_version=version).first()


def invitation_in_session(request: HttpRequest) -> AccountInvitation | None:
    """The invitation that this browser opened."""
    return invitation_from_token(request.session.get(SESSION_KEY, ""))


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hook: sign-up only with an invitation in this session."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return invitation_in_session(request) is not None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        access = access_of(request.user)
        if access.is_office:
            return reverse("admin:index")
        return reverse("member_home")


class SecondFactorMiddleware:
    """Sends office people without a second factor to its set-up, where the setting requires one.

    The set-up itself, logout and files of the site stay reachable.
    """

    OPEN_PREFIXES = ("/konto/", "/static/", "/healthz", "/readyz")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR_REQUIRED
            and request.user.is_authenticated
            and not request.path.startswith(self.OPEN_PREFIXES)
            and access_of(request.user).is_office
            and not is_mfa_enabled(request.user)
        ):
            return redirect("mfa_index")
        return self.get_response(request)


@transaction.atomic
def invite(
    *,
    email: str,
    by: User | None,
    role: str = RoleAssignment.Role.TRAEGER_STAFF,
    contact: ContactPerson | None = None,
    organisation: Any = None,
    region: Any = None,
    all_regions: bool = False,
) -> AccountInvitation:
    """Invite an address to an account; an open invitation of the same address is renewed with a new link.

    Raises AccountError when the address already has an account or `by` may not invite to this role,
    and ValueError when it is no address.
    """
    address = mail.normalise_address(email)
    if by is not None and role not in invitable_roles(by):
        raise AccountError("Zu dieser Rolle dürfen Sie nicht einladen. Bitten Sie die Administration darum.")
    if User.objects.filter(email__iexact=address).exists():
        raise AccountError("Für diese Adresse gibt es schon ein Konto.")
    if role == RoleAssignment.Role.TRAEGER_STAFF and organisation is None and contact is None:
        raise AccountError("Wählen Sie den Träger aus, für den die Person arbeitet.")
    invitation = AccountInvitation.objects.select_for_update().filter(email__iexact=address, used_at=None).first()
    if invitation is None:
        invitation = AccountInvitation(email=address)
    else:
        invitation.link_version += 1
        invitation.expires_at = AccountInvitation._meta.get_field("expires_at").get_default()
    invitation.role, invitation.contact = role, contact
    invitation.organisation = organisation or (
        contact.organisation if contact and not region and not all_regions else None
    )
    invitation.region, invitation.all_regions, invitation.invited_by = region, all_regions, by
    invitation.save()
    emails.account_invitation(invitation)
    return invitation


@transaction.atomic
def accept_invitation(*, invitation: AccountInvitation, user: User) -> None:
    """Turn the invitation into the role it promises; called once, when the account was made.

    Raises AccountError when the invitation was used meanwhile.
    """
    locked = AccountInvitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.used_at is not None or locked.expires_at <= timezone.now():
        raise AccountError(
            "Diese Einladung wurde schon benutzt oder ist abgelaufen. Bitten Sie die Koordination um eine neue."
        )
    RoleAssignment.objects.get_or_create(
        user=user,
        role=locked.role,
        region=locked.region,
        all_regions=locked.all_regions,
        organisation=locked.organisation,
    )
    if locked.contact_id:
        contact = ContactPerson.objects.select_for_update().get(pk=locked.contact_id)
        contact.user = user
        contact.save()
    # The link came by mail to this address: it is verified.
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    locked.used_at = timezone.now()
    locked.save()
    user.__dict__.pop("access", None)


@transaction.atomic
def create_login(
    *, email: str, password: str, first_name: str = "", last_name: str = "", by: User | None = None
) -> User:
    """A ready login with a verified address; used by `create_admin` and the demo world."""
    address = mail.normalise_address(email)
    if User.objects.filter(email__iexact=address).exists():
        raise AccountError("Für diese Adresse gibt es schon ein Konto.")
    user = User.objects.create_user(address, password, first_name=first_name, last_name=last_name)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@transaction.atomic
def change_email(*, user: User, email: str, by: User | None) -> None:
    """Change an address in the login, in allauth's table and in the address book at once."""
    address = mail.normalise_address(email)
    if User.objects.filter(email__iexact=address).exclude(pk=user.pk).exists():
        raise AccountError("Für diese Adresse gibt es schon ein Konto.")
    if belongs_to_another_contact(address, user=user):
        raise AccountError("Diese Adresse steht schon bei einer anderen Ansprechperson.")
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.email = address
    locked.save()
    EmailAddress.objects.filter(user=locked).delete()
    EmailAddress.objects.create(user=locked, email=address, verified=True, primary=True)
    contact_follows_login(user=locked)


@transaction.atomic
def contact_follows_login(*, user: User) -> None:
    """Bring the address of a login into the address book, where mail goes; its old address is no longer read."""
    contact = ContactPerson.objects.select_for_update().filter(user=user).first()
    if contact is None or contact.email.lower() == user.email.lower():
        return
    if belongs_to_another_contact(user.email, user=user):
        log.warning("The address of user %s is another contact's; contact %s keeps the old one.", user.pk, contact.pk)
        return
    contact.email = user.email.lower()
    contact.bounced_at = None
    contact.save()


def belongs_to_another_contact(address: str, *, user: User) -> bool:
    return ContactPerson.objects.filter(email__iexact=address).exclude(user=user).exists()


def on_address_confirmed(user: User, **signal: Any) -> None:
    """allauth's signal: a person changed the own address and opened the link in the mail."""
    contact_follows_login(user=user)


@transaction.atomic
def reset_second_factor(*, user: User, reason: str, by: Any = None) -> int:
    """Take every second factor off a login that lost it; logged, and told to the person and all administrators.

    Gives how many factors were removed. The person sets up a new one at the next login.
    """
    words = " ".join(reason.split())[:300]
    if not words:
        raise AccountError("Nennen Sie den Grund, zum Beispiel „Telefon verloren, am Telefon erkannt“.")
    locked = User.objects.select_for_update().get(pk=user.pk)
    removed, _ = Authenticator.objects.filter(user=locked).delete()
    who = str(by) if by else "auf dem Server (manage.py)"
    log.warning("Second factor of user %s reset (%s factors) by %s: %s", locked.pk, removed, who, words)
    administrators = User.objects.filter(
        pk__in=RoleAssignment.objects.valid().filter(role=RoleAssignment.Role.ADMINISTRATOR).values("user"),
        is_active=True,
    )
    for person in {row.pk: row for row in [locked, *administrators]}.values():
        emails.second_factor_reset(locked, to=person, who=who, reason=words)
    return removed
