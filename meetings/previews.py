"""The mail of a change as one recipient would get it, before anything is changed. Nothing is saved."""

from copy import copy
from datetime import datetime

from django.utils import timezone

from meetings import emails, notices, scheduling
from meetings.models import Meeting, MeetingChange, Venue
from meetings.models.invitation import PartStat
from mobipro import links

TEMPLATES = {
    MeetingChange.Kind.MOVED: "change",
    MeetingChange.Kind.POSTPONED: "postponed",
    MeetingChange.Kind.REINSTATED: "reinstated",
    MeetingChange.Kind.CANCELLED: "cancellation",
}


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
    rows = meeting.invitations.active().exclude(message=None).select_related("contact").order_by("pk")
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
    person.meeting = planned
    subject, text, _ = emails.render(
        TEMPLATES[MeetingChange.Kind(kind)], person, emails.meeting_context(planned), change=change, asks=asks
    )
    return subject, links.mask(text)
