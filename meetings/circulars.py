"""Job: one mail to everybody whom a kind of mail concerns, such as the participant info; sent again only to new ones.

What is particular to a kind stands in its own module: participant_info, thanks.
"""

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from meetings import emails, notices, scheduling
from meetings.invitations import InvitationError, Preview
from meetings.models import Invitation, Mailing, Meeting, MeetingChange
from meetings.recipients import obstacle
from mobipro import links
from mobipro.outbox.models import OutboxMessage, State
from regions.models import ContactPerson

HAVE_MAIL = "hat die Mail schon"


@dataclass(frozen=True)
class Recipient:
    """One person with the reason why she gets the mail, or why not."""

    invitation: Invitation
    why: str = ""
    excluded_reason: str = ""


@dataclass(frozen=True)
class Circular:
    """A kind of mail: whom it concerns, when it may go out, and what all its mails say."""

    kind: str  # of the Mailing, the outbox row, the template and the editable text alike
    people: Callable[[Meeting], list[Recipient]]
    refusal: Callable[[Meeting], str]  # why it cannot be sent now, in German; empty when it can
    context: Callable[[Meeting], dict[str, Any]]


def recipients(circular: Circular, meeting: Meeting) -> list[Recipient]:
    """Everybody the mail concerns, by name; who has it already or cannot be reached says so."""
    told = _told(circular, meeting)
    return [_checked(row, told) for row in circular.people(meeting)]


def open_recipients(circular: Circular, meeting: Meeting) -> list[Recipient]:
    """Who would get it now."""
    return [row for row in recipients(circular, meeting) if not row.excluded_reason]


def _checked(row: Recipient, told: set[str]) -> Recipient:
    if row.excluded_reason:
        return row
    if f"meetings.Invitation:{row.invitation.pk}" in told:
        return Recipient(row.invitation, row.why, HAVE_MAIL)
    contact = row.invitation.contact
    # Somebody on leave has a seat all the same, and reads it when she is back or in her deputy's mailbox.
    is_away = contact is not None and contact.status == ContactPerson.Status.ON_LEAVE and not contact.bounced_at
    return Recipient(row.invitation, row.why, obstacle(contact) if contact and not is_away else "")


def _told(circular: Circular, meeting: Meeting) -> set[str]:
    """References of those who have the mail; what went out before the meeting was moved counts no longer."""
    groups = [row.group for row in meeting.mailings.filter(kind=circular.kind)]
    if not groups:
        return set()
    rows = OutboxMessage.objects.filter(group__in=groups).exclude(state=State.WITHDRAWN)
    moves = meeting.changes.exclude(kind=MeetingChange.Kind.CORRECTED).order_by("-made_at")
    moved_at = moves.values_list("made_at", flat=True).first()
    if moved_at:
        rows = rows.filter(created_at__gt=moved_at)
    return set(rows.values_list("reference", flat=True))


@transaction.atomic
def send(*, circular: Circular, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Mailing:
    """One mail to each open recipient, after the usual pause. Raises InvitationError when it cannot be sent now or
    when nobody is left to get it."""
    locked = scheduling.lock(meeting, form_id, by, circular.kind)
    refusal = circular.refusal(locked)
    if refusal:
        raise InvitationError(refusal)
    chosen = open_recipients(circular, locked)
    if not chosen:
        raise InvitationError("Alle, die diese Mail betrifft, haben sie schon.")
    mailing = notices.next_mailing(locked, circular.kind, by)
    mailing.recipient_count = len(chosen)
    mailing.save()
    shared = {**emails.meeting_context(locked), **circular.context(locked)}
    for row in chosen:
        row.invitation.meeting = locked
        emails.circular(row.invitation, mailing=mailing, shared=shared)
    return mailing


def preview(circular: Circular, meeting: Meeting, invitation: Invitation) -> Preview:
    """The mail to this person as it would go out now; nothing is saved."""
    person = copy(invitation)
    person.meeting = meeting
    shared = {**emails.meeting_context(meeting), **circular.context(meeting)}
    subject, text, html = emails.render(circular.kind, person, shared)
    return Preview(subject, links.mask(text), links.mask(html), "")


def is_outdated(message: OutboxMessage, meeting: Meeting) -> bool:
    """Whether the meeting was moved after this mail was written; for the last-moment checks."""
    moves = meeting.changes.exclude(kind=MeetingChange.Kind.CORRECTED)
    return moves.filter(made_at__gt=message.created_at).exists()
