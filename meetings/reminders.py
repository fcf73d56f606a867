"""Job: remind those who have not answered, by hand or on the meeting's days (meetings.reminder_days)."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from meetings import emails, history, notices, reminder_days, scheduling
from meetings.invitations import InvitationError
from meetings.models import Invitation, Mailing, Meeting, MeetingChange
from meetings.models.invitation import PartStat
from meetings.recipients import obstacle

Status = Meeting.Status


@transaction.atomic
def remind(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Mailing:
    """An extra reminder to everybody who has not answered. Raises InvitationError when nobody is silent."""
    locked = scheduling.lock(meeting, form_id, by, "remind")
    if locked.status != Status.INVITED or locked.is_deadline_passed or locked.has_started:
        raise InvitationError("Erinnert wird nur, solange die Anmeldung läuft.")
    rows = list(locked.invitations.invited().filter(silent()).select_related("contact"))
    now = timezone.now()
    coming = [when for _, when in _moments(locked, reminder_days.parse(locked.reminder_days)) if when > now]
    mailing = _remind(locked, rows, is_last=not coming, by=by, now=now)
    if mailing is None:
        raise InvitationError("Alle haben geantwortet; es gibt niemanden zu erinnern.")
    return mailing


@transaction.atomic
def remind_due(*, meeting: Meeting, now: datetime | None = None) -> Mailing | None:
    """The newest reminder that is due; called by the clock, as often as it likes.

    "Perhaps" gets only the last one; reminders whose day was past at the invitation are dropped.
    """
    now = now or timezone.now()
    locked = scheduling.lock(meeting)
    if locked.status != Status.INVITED or locked.starts_at is None or locked.is_deadline_passed or locked.has_started:
        return None
    days = reminder_days.parse(locked.reminder_days)
    due = [(number, when) for number, when in _moments(locked, days) if when <= now]
    if not due:
        return None
    number, when = due[-1]
    moves = locked.changes.exclude(kind=MeetingChange.Kind.CORRECTED)
    if reminder_days.is_dropped(when, moves.values_list("made_at", flat=True).first()):
        return None  # the mail about the new date has just asked; reminders whose day was past then are dropped
    rested = when - timedelta(days=reminder_days.REST_DAYS)
    whom = silent() | (Q(partstat=PartStat.TENTATIVE) if number == days[-1] else Q(pk=None))
    rows = (
        locked.invitations.invited()
        .filter(whom, Q(reminded_at=None) | Q(reminded_at__lt=rested), invited_at__lte=rested)
        .select_related("contact")
    )
    return _remind(locked, list(rows), occasion=f"t{number}", is_last=number == days[-1], by=None, now=now)


def planned(meeting: Meeting, now: datetime | None = None) -> str:
    """The days on which the silent are still reminded, in a sentence; empty without a date."""
    if meeting.starts_at is None:
        return ""
    moves = meeting.changes.exclude(kind=MeetingChange.Kind.CORRECTED).values_list("made_at", flat=True)
    asked_at = max((at for at in (moves.first(), meeting.invited_at) if at is not None), default=None)
    return reminder_days.in_words(
        meeting.reminder_days, meeting.starts_at, asked_at=asked_at, now=now or timezone.now()
    )


def _moments(meeting: Meeting, days: tuple[int, ...]) -> list[tuple[int, datetime]]:
    if meeting.starts_at is None:
        return []
    return [(number, reminder_days.moment(meeting.starts_at, number)) for number in days]


def silent() -> Q:
    """Who is reminded: no answer yet, or one for another day."""
    return Q(partstat=PartStat.NEEDS_ACTION) | Q(needs_reconfirmation=True)


def _remind(
    meeting: Meeting, rows: list[Invitation], *, is_last: bool, by: Any, now: datetime, occasion: str = ""
) -> Mailing | None:
    """`occasion` tells the timetable's reminders from each other; one by hand is told by its sending."""
    rows = [row for row in rows if row.contact is None or not obstacle(row.contact)]
    if not rows:
        return None
    mailing = notices.next_mailing(meeting, Mailing.Kind.REMINDER, by)
    shared = emails.meeting_context(meeting)
    for row in rows:
        row.meeting = meeting
        emails.reminder(row, mailing=mailing, occasion=occasion or f"r{mailing.round}", is_last=is_last, shared=shared)
        row.reminded_at = now
        history.save(row, by=by, reason="Erinnert")
    mailing.recipient_count = len(rows)
    mailing.save()
    return mailing
