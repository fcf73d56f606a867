"""Job: offer a freed seat to somebody who waits. Call it under the lock of the Meeting row; `seats` decides to whom.

How long an offer stands: 48 hours, but never more than half of the time that is left until the meeting begins, so
that the next one still gets hers and can travel. In the last hours nobody is waited for: all who wait are told at
once, and the first to say yes has the seat (docs/decisions/0025-seat-offers.md).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from meetings import emails, history
from meetings.models import Meeting, Registration
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State

OFFER = timedelta(hours=48)
LAST_HOURS = timedelta(hours=12)
KIND = "seat_offer"  # of the mail
_QUARTER = 15  # minutes; an hour that can be said
Status = Registration.Status


def stands_until(starts_at: datetime, now: datetime) -> datetime:
    """When an offer made `now` lapses: on a full quarter of an hour."""
    end = now + min(OFFER, (starts_at - now) / 2)
    return end.replace(minute=end.minute - end.minute % _QUARTER, second=0, microsecond=0)


def is_last_minute(meeting: Meeting, now: datetime | None = None) -> bool:
    """The meeting begins within hours: whoever says yes first has a free seat. Not where seats are given one by one."""
    if meeting.starts_at is None or meeting.confirm_seats_individually:
        return False
    return meeting.starts_at - (now or timezone.now()) <= LAST_HOURS


def make(row: Registration, *, by: Any, now: datetime) -> None:
    """The seat is hers until `held_until`; the mail asks for her yes. `row.meeting` has a date."""
    if row.meeting.starts_at is None:
        raise ValueError("A meeting without date has no seats to offer.")
    row.status, row.held_until = Status.OFFERED, stands_until(row.meeting.starts_at, now)
    history.save(row, by=by, reason=f"Platz angeboten bis {timezone.localtime(row.held_until):%d.%m.%Y, %H:%M} Uhr")
    emails.seat_offer(row.invitation, row, cause=_cause(row))


def tell_all(rows: Iterable[Registration], *, by: Any) -> None:
    """Everybody who waits learns that a seat is free; they stay in line until one of them takes it."""
    for row in rows:
        history.save(row, by=by, reason="Freier Platz kurz vor Beginn gemeldet")
        emails.seat_offer(row.invitation, row, cause=_cause(row))


def was_never_sent(row: Registration) -> bool:
    """The mail with the offer still waits in the Postausgang: she cannot have answered."""
    mails = OutboxMessage.objects.filter(thread=emails.thread_of(row.invitation), kind=KIND).order_by("pk")
    last = mails.last()
    return last is not None and last.state in (State.QUEUED, State.HELD)


def renew(row: Registration, *, now: datetime) -> None:
    """Offer the seat once more, with a new hour, in place of the mails that never went out."""
    mails = OutboxMessage.objects.filter(thread=emails.thread_of(row.invitation), kind=KIND)
    queue.withdraw(keys=list(mails.values_list("key", flat=True)), by=None, reason="Die Frist des Angebots ist vorbei")
    make(row, by=None, now=now)


def _cause(row: Registration) -> str:
    return f"{row.history.count()}"
