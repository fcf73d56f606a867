"""Job: invite, hold, release, withdraw."""

import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import emails, history, ical, notices, scheduling, seats
from meetings.models import Invitation, Mailing, Meeting
from meetings.models.invitation import PartStat
from meetings.recipients import Candidate, candidates
from mobipro import links
from mobipro.outbox import queue
from regions.models import ContactPerson

Status = Meeting.Status
_INVITABLE = (Status.IDEA, Status.SAVE_THE_DATE, Status.INVITED, Status.REGISTRATION_CLOSED)


class InvitationError(Exception):
    """The step is not possible; the text says why and what to do."""


@dataclass(frozen=True)
class Preview:
    """One mail as the recipient would get it; personal links are masked."""

    subject: str
    text: str
    html: str
    ics: str


# --- invite --------------------------------------------------------------------------------------
@transaction.atomic
def invite(
    *,
    meeting: Meeting,
    contacts: Iterable[ContactPerson],
    by: Any,
    form_id: "uuid.UUID | str | None" = None,
    not_before: datetime | None = None,
) -> Mailing:
    """Invite these people: one Mailing, one Invitation and one mail each, in one commit. Raises InvitationError."""
    locked = scheduling.lock(meeting, form_id, by, "invite")
    check_invitable(locked)
    wanted = {contact.pk for contact in contacts}
    chosen = [row for row in candidates(locked, by) if row.contact.pk in wanted and not row.excluded_reason]
    if not chosen:
        raise InvitationError("Wählen Sie mindestens eine Person aus, die noch nicht eingeladen ist.")
    if len(chosen) < len(wanted):
        raise InvitationError(
            "Eine der gewählten Personen ist inzwischen eingeladen, nicht erreichbar oder gehört nicht zu diesem "
            "Treffen. Prüfen Sie die Auswahl."
        )
    known = {row.email.lower(): row for row in locked.invitations.all()}
    rows = [known.get(row.contact.email.lower()) for row in chosen]
    open_meeting(locked, by, noted=[row for row in rows if row and row.is_only_noted and row.withdrawn_at is None])
    mailing = notices.next_mailing(locked, Mailing.Kind.INVITATION, by)
    mailing.not_before = not_before or mailing.not_before
    mailing.recipient_count = len(chosen)
    mailing.save()
    shared = emails.meeting_context(locked)
    for candidate, row in zip(chosen, rows, strict=True):
        emails.invitation(person_row(locked, candidate, row, by), mailing=mailing, shared=shared)
    return mailing


def is_time_to_invite(meeting: Meeting) -> bool:
    """Whether people can (still) be invited; the date may be missing yet."""
    return meeting.status in _INVITABLE and not meeting.has_started


def check_invitable(meeting: Meeting) -> None:
    """Raises InvitationError with what is missing, or why it is too late."""
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn lässt sich nicht einladen.")
    if meeting.status not in _INVITABLE:
        raise InvitationError(
            f"Dieses Treffen ist {meeting.get_status_display()}; einladen lässt sich dazu nicht mehr."
        )
    if meeting.has_started:
        raise InvitationError("Dieses Treffen hat schon begonnen; einladen lässt sich dazu nicht mehr.")


def open_meeting(meeting: Meeting, by: Any, noted: list[Invitation]) -> None:
    """The first invitation opens the meeting: CONFIRMED, so SEQUENCE rises if it was public; `noted` follow later."""
    if noted:
        notices.take_back(noted, by)
    if meeting.registration_deadline is None and meeting.starts_at is not None:
        meeting.registration_deadline = scheduling.default_deadline(meeting.starts_at)
    if meeting.status not in (Status.INVITED, Status.REGISTRATION_CLOSED):
        scheduling.set_organizer(meeting)
        meeting.ics_sequence += 1 if meeting.announced_at else 0
        meeting.status = Status.INVITED
        meeting.invited_at = meeting.invited_at or timezone.now()
        meeting.announced_at = meeting.announced_at or timezone.now()
    elif noted:
        meeting.ics_sequence += 1
    history.save(meeting, by=by, reason="Einladung versandt")


def person_row(
    meeting: Meeting, candidate: Candidate, known: Invitation | None, by: Any, *, is_invited: bool = True
) -> Invitation:
    """Her row; un-invited before: the old one with a new link. The Save the Date's answer does not count."""
    contact = candidate.contact
    row = fresh_row(meeting, known)
    row.invited_at = timezone.now() if is_invited else None
    row.meeting, row.contact, row.project = meeting, contact, candidate.project
    row.name, row.first_name, row.greeting = contact.full_name, contact.first_name, contact.greeting
    row.organisation_name, row.email = contact.organisation.name, contact.email
    row.reason, row.reason_text = candidate.reason, candidate.reason_text
    history.save(row, by=by, reason="Eingeladen" if is_invited else "Save the Date")
    return row


def fresh_row(meeting: Meeting, known: Invitation | None) -> Invitation:
    """A new row, or the old one of a person who was un-invited or had only the date: nothing of it counts any more."""
    row = known or Invitation(meeting=meeting)
    if row.pk:
        row.link_version += 1 if row.withdrawn_at else 0
        row.withdrawn_at, row.partstat, row.reminded_at = None, PartStat.NEEDS_ACTION, None
        row.needs_reconfirmation, row.answered_at, row.named_by = False, None, None
        row.asked_from_sequence = meeting.ics_sequence
    return row


def preview_mail(meeting: Meeting, candidate: Candidate) -> Preview:
    """The mail to this person as it would go out now; nothing is saved."""
    return preview_of(meeting, draft_for(meeting, candidate))


def preview_of(meeting: Meeting, draft: Invitation, note: str = "") -> Preview:
    """The mail of an invitation that is not saved."""
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn gibt es keine Vorschau.")
    deadline = meeting.registration_deadline or scheduling.default_deadline(meeting.starts_at)
    meeting = copy(meeting)  # as it will be after the first invitation
    scheduling.set_organizer(meeting)
    meeting.status, meeting.registration_deadline = Status.INVITED, deadline
    draft.meeting = meeting
    subject, text, html = emails.render("invitation", draft, emails.meeting_context(meeting), note=note)
    calendar = ical.request(meeting, draft, partstat=PartStat.NEEDS_ACTION, link=links.MASK)
    return Preview(subject, links.mask(text), links.mask(html), calendar.decode())


def draft_for(meeting: Meeting, candidate: Candidate) -> Invitation:
    """The row that this person would get, for a preview; never saved."""
    contact = candidate.contact
    return Invitation(
        meeting=meeting,
        contact=contact,
        name=contact.full_name,
        first_name=contact.first_name,
        greeting=contact.greeting,
        email=contact.email,
        reason=candidate.reason,
        reason_text=candidate.reason_text,
    )


# --- afterwards ----------------------------------------------------------------------------------
@transaction.atomic
def hold(*, mailing: Mailing, by: Any) -> int:
    """Stop what has not gone out; gives the number of mails."""
    return queue.hold(group=mailing.group, by=by)


@transaction.atomic
def release(*, mailing: Mailing, by: Any) -> int:
    return queue.release(group=mailing.group, by=by)


@transaction.atomic
def withdraw(
    *, invitation: Invitation, by: Any, reason: str = "", form_id: "uuid.UUID | str | None" = None
) -> Invitation:
    """Un-invite one person: the seat becomes free, her entry goes away, the others notice nothing."""
    meeting = scheduling.lock(invitation.meeting, form_id, by, "withdraw")
    row = Invitation.objects.select_related("message").get(pk=invitation.pk)
    row.meeting = meeting
    if row.withdrawn_at is not None:
        raise InvitationError("Diese Person ist schon ausgeladen.")
    if meeting.status in Meeting.HELD_STATUSES or meeting.is_over:
        raise InvitationError("Das Treffen ist vorbei; ausladen lässt sich niemand mehr.")
    uninvite(row, by=by, reason=scheduling.one_line(reason, 300))
    return row


def uninvite(row: Invitation, *, by: Any, reason: str) -> None:
    """The step itself, for jobs that hold the meeting's lock; `row.meeting` is the locked one."""
    meeting = row.meeting
    row.withdrawn_at = timezone.now()
    history.save(row, by=by, reason=f"Ausgeladen: {reason}" if reason else "Ausgeladen")
    queue.withdraw(thread=emails.thread_of(row), by=by, reason="Die Person ist ausgeladen")
    if emails.has_entry(row) and meeting.starts_at is not None:
        meeting.ics_sequence += 1  # each CANCEL raises it (RFC 5546 §3.2.5)
        history.save(meeting, by=by, reason=f"Ausgeladen: {row.name}")
        emails.withdrawn(row, reason=reason)
    seats.give_back(row, by=by)
