"""Job: remind those who have not answered, by hand or at days counted back from the meeting."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from meetings import emails, history, notices, scheduling
from meetings.invitations import InvitationError
from meetings.models import Invitation, Mailing, Meeting, MeetingChange
from meetings.models.invitation import PartStat
from meetings.recipients import obstacle

REMINDER_DAYS = (28, 17)  # before the meeting; only to the silent (walks.md)
REST_DAYS = 3  # nobody is reminded so soon after the invitation
Status = Meeting.Status


@transaction.atomic
def remind(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Mailing:
    """An extra reminder to everybody who has not answered. Raises InvitationError when nobody is silent."""
    locked = scheduling.lock(meeting, form_id, by, "remind")
    if locked.status != Status.INVITED or locked.is_deadline_passed or locked.has_started:
        raise InvitationError("Erinnert wird nur, solange die Anmeldung läuft.")
    rows = list(locked.invitations.invited().filter(_silent()).select_related("contact"))
    mailing = _remind(locked, rows, number=None, by=by)
    if mailing is None:
        raise InvitationError("Alle haben geantwortet; es gibt niemanden zu erinnern.")
    return mailing


@transaction.atomic
def remind_due(*, meeting: Meeting, now: datetime | None = None) -> Mailing | None:
    """The reminders of T-28 and T-17 as far as they are due; called by the clock, as often as it likes.

    "Perhaps" gets only the last one; reminders whose day was past at the invitation are dropped.
    """
    now = now or timezone.now()
    locked = scheduling.lock(meeting)
    if locked.status != Status.INVITED or locked.starts_at is None or locked.is_deadline_passed or locked.has_started:
        return None
    days = [locked.starts_at - timedelta(days=before) for before in REMINDER_DAYS]
    due = [(number, day) for number, day in enumerate(days, start=1) if day <= now]
    if not due:
        return None
    number, day = due[-1]
    moves = locked.changes.exclude(kind=MeetingChange.Kind.CORRECTED)
    changed_at = moves.values_list("made_at", flat=True).first()
    if changed_at and changed_at > day - timedelta(days=REST_DAYS):
        return None  # the mail about the new date has just asked; reminders whose day was past then are dropped
    whom = _silent() | (Q(partstat=PartStat.TENTATIVE) if number == len(REMINDER_DAYS) else Q(pk=None))
    rows = (
        locked.invitations.invited()
        .filter(whom, reminder_count__lt=number, invited_at__lte=day - timedelta(days=REST_DAYS))
        .select_related("contact")
    )
    return _remind(locked, list(rows), number=number, by=None)


def _silent() -> Q:
    return Q(partstat=PartStat.NEEDS_ACTION) | Q(needs_reconfirmation=True)


def _remind(meeting: Meeting, rows: list[Invitation], *, number: int | None, by: Any) -> Mailing | None:
    rows = [row for row in rows if row.contact is None or not obstacle(row.contact)]
    if not rows:
        return None
    mailing = notices.next_mailing(meeting, Mailing.Kind.REMINDER, by)
    shared = emails.meeting_context(meeting)
    for row in rows:
        row.meeting = meeting
        count = number or row.reminder_count + 1
        # An extra one by hand is told from the timetable's by its sending.
        key_number = count if number else 100 * mailing.round + count
        emails.reminder(row, mailing=mailing, number=key_number, is_last=count >= len(REMINDER_DAYS), shared=shared)
        row.reminder_count = count
        history.save(row, by=by, reason="Erinnert")
    mailing.recipient_count = len(rows)
    mailing.save()
    return mailing
