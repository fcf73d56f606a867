"""Mails as one recipient would get them: of a change, and of an edited text. Nothing is saved."""

from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from meetings import emails, invitations, notices, participant_info, scheduling, thanks
from meetings.models import Answer, Invitation, MailText, Meeting, MeetingChange, Registration, Venue
from meetings.models.invitation import PartStat
from meetings.recipients import candidates
from mobipro import links

CIRCULARS = {row.kind: row for row in (participant_info.CIRCULAR, thanks.CIRCULAR)}


def change_mail(
    meeting: Meeting,
    *,
    kind: str,
    reason: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    venue: Venue | None = None,
    deadline: datetime | None = None,
) -> tuple[str, str] | None:
    """(subject, text) for somebody who said yes, else for the first invited; None when nobody is to be told."""
    rows = meeting.invitations.active().exclude(message=None).select_related("contact", "registration").order_by("pk")
    person = rows.filter(partstat=PartStat.ACCEPTED).first() or rows.first()
    if person is None:
        return None
    planned = copy(meeting)
    change = MeetingChange(
        meeting=planned,
        kind=kind,
        reason=reason,
        old_starts_at=meeting.starts_at,
        old_ends_at=meeting.ends_at,
        old_place=notices.place_of(meeting),
        made_at=timezone.now(),
    )
    if starts_at is not None and ends_at is not None:
        planned.starts_at, planned.ends_at, planned.venue = (
            scheduling.aware(starts_at),
            scheduling.aware(ends_at),
            venue,
        )
        planned.registration_deadline = (
            scheduling.aware(deadline) if deadline else scheduling.default_deadline(planned.starts_at)
        )
    change.new_starts_at, change.new_ends_at = planned.starts_at, planned.ends_at
    change.new_place = notices.place_of(planned)
    asks = kind == MeetingChange.Kind.REINSTATED or planned.starts_on != meeting.starts_on
    asks = asks and not person.is_only_noted
    person.meeting = planned
    words = {"change": change, "asks": asks, "registration": getattr(person, "registration", None)}
    subject, text, _ = emails.render(emails.CHANGE_TEMPLATES[kind], person, emails.meeting_context(planned), **words)
    return subject, links.mask(text)


# --- editable texts ------------------------------------------------------------------------------
def recipients(meeting: Meeting, by: Any) -> dict[str, Invitation]:
    """Who gets mails about this meeting: the invited, else those who could be invited. Nothing is saved."""
    rows = meeting.invitations.active().select_related("contact").order_by("name", "pk")
    invited = {f"e{row.pk}": row for row in rows}
    if invited:
        return invited
    able = [row for row in candidates(meeting, by) if not row.excluded_reason]
    return {f"k{row.contact.pk}": invitations.draft_for(meeting, row) for row in able}


def worded_mail(person: Invitation, text: MailText) -> tuple[str, str, str]:
    """(subject, text, html) of a kind of mail with this wording, links masked; a change is made up for it."""
    meeting = copy(person.meeting)
    if meeting.starts_at is None:
        raise ValueError("A preview needs a date.")
    meeting.status = Meeting.Status.INVITED
    meeting.registration_deadline = meeting.registration_deadline or scheduling.default_deadline(meeting.starts_at)
    person = copy(person)
    person.meeting, person.partstat, person.needs_reconfirmation = meeting, PartStat.NEEDS_ACTION, False
    change = MeetingChange(
        meeting=meeting,
        kind=MeetingChange.Kind.MOVED,
        reason="Hier steht der Grund, der beim Ändern angegeben wird.",
        old_starts_at=meeting.starts_at - timedelta(days=7),
        old_ends_at=meeting.ends_at and meeting.ends_at - timedelta(days=7),
        old_place=notices.place_of(meeting),
        new_starts_at=meeting.starts_at,
        new_ends_at=meeting.ends_at,
        new_place=notices.place_of(meeting),
    )
    if text.kind in (MailText.Kind.POSTPONED, MailText.Kind.CANCELLATION):
        change.old_starts_at, change.old_ends_at = meeting.starts_at, meeting.ends_at
    more: dict[str, Any] = {"change": change, "asks": True, "is_last": False}
    # Who got the Save the Date is invited later; everybody else is shown as an invited person.
    person.invited_at = None if text.kind == MailText.Kind.SAVE_THE_DATE else timezone.now()
    if text.kind == MailText.Kind.CONFIRMATION or text.kind in CIRCULARS:
        person.partstat, more["asks"] = PartStat.ACCEPTED, False
    if text.kind == MailText.Kind.CONFIRMATION:
        more["answer"] = Answer(partstat=PartStat.ACCEPTED, via=Answer.Via.LINK, received_at=timezone.now())
        more["registration"] = Registration(status=Registration.Status.CONFIRMED)
    if text.kind in CIRCULARS:
        more.update(CIRCULARS[text.kind].context(meeting))
    shared = {**emails.meeting_context(meeting), "mail_texts": {text.kind: text}}
    subject, plain, html = emails.render(text.kind, person, shared, **more)
    return subject, links.mask(plain), links.mask(html)
