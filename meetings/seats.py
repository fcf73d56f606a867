"""Job: the seats of a meeting. Every function expects that the caller locked the Meeting row: count, then insert,
without a lock sold six of one seats."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import emails, history, offers, workshops
from meetings.models import Invitation, Meeting, Registration
from meetings.models.invitation import PartStat

RETURN_HOURS = 48  # a deputy declined: so long the first person's seat waits for her
Status = Registration.Status
TAKING = workshops.TAKING


class SeatError(Exception):
    """The step is not possible; the text says why and what to do."""


def free_seats(meeting: Meeting) -> int:
    return max(0, meeting.capacity - meeting.registrations.filter(status__in=TAKING).count())


def seats_of_project(invitation: Invitation) -> int:
    """Seats of the same project without this person's own."""
    if invitation.project_id is None:
        return 0
    rows = invitation.meeting.registrations.filter(status__in=TAKING, invitation__project=invitation.project_id)
    return rows.exclude(invitation=invitation).count()


def is_project_full(invitation: Invitation) -> bool:
    return invitation.project_id is not None and seats_of_project(invitation) >= invitation.meeting.max_per_project


def has_room_for(invitation: Invitation) -> bool:
    """Whether a yes gets a seat now: one is free, or a deputy takes over the one that waits for her."""
    first = invitation.named_by if invitation.reason == Invitation.Reason.DEPUTY else None
    if first is not None and first.partstat == PartStat.DELEGATED:
        return Registration.objects.filter(invitation=first, status__in=TAKING).exists()
    return free_seats(invitation.meeting) > 0 and not is_project_full(invitation)


def place_in_line(registration: Registration) -> int:
    """1 for the first on the waiting list; 0 for somebody who does not wait."""
    if registration.status != Status.WAITING:
        return 0
    line = list(registration.meeting.registrations.waiting().values_list("pk", flat=True))
    return line.index(registration.pk) + 1


def take(
    invitation: Invitation,
    *,
    by: Any,
    mode: str = "",
    comment: str = "",
    may_skip_confirmation: bool = False,
    keeps_offer: bool = False,
) -> Registration:
    """A seat if there is one for this person, else the end of the waiting list; whoever has one keeps it.

    An offered seat becomes hers – also after its hour, as long as nobody else got it –, unless `keeps_offer`: a deputy
    has still to say yes. Empty `mode` or `comment`: what she said before stays.
    """
    now = timezone.now()
    row = Registration.objects.filter(invitation=invitation).first()
    if row is None:
        row = Registration(invitation=invitation, meeting=invitation.meeting, status=Status.CANCELLED, queued_at=now)
    row.meeting = invitation.meeting
    if row.status == Status.CANCELLED:
        row.queued_at = now
        has_seat = free_seats(invitation.meeting) > 0 and not is_project_full(invitation)
        _set(row, has_seat, now, may_skip_confirmation)
    elif row.status == Status.OFFERED and not keeps_offer:
        row.status, row.confirmed_at = Status.CONFIRMED, now
    elif row.status == Status.WAITING and may_take_now(row):
        _set(row, True, now)
    online = invitation.meeting.attendance_mode == Meeting.AttendanceMode.ONLINE
    row.mode = Registration.Mode.ONLINE if online else mode or row.mode  # nobody comes to a meeting without a room
    row.comment = comment or row.comment
    row.held_until = row.held_until if row.status == Status.OFFERED else None
    history.save(row, by=by, reason=row.get_status_display())
    return row


def may_take_now(row: Registration) -> bool:
    """She waits, the meeting begins within hours and a seat is free: the first to say yes has it."""
    meeting = row.invitation.meeting
    if row.status != Status.WAITING or not offers.is_last_minute(meeting) or meeting.has_started:
        return False
    return free_seats(meeting) > 0 and not is_project_full(row.invitation)


def _set(row: Registration, has_seat: bool, now: datetime, may_skip_confirmation: bool = False) -> None:
    if not has_seat:
        row.status = Status.WAITING
    elif row.meeting.confirm_seats_individually and not may_skip_confirmation:
        row.status = Status.REQUESTED
    else:
        row.status, row.confirmed_at = Status.CONFIRMED, now


def give_back(invitation: Invitation, *, by: Any) -> bool:
    """Free the seat (or the place in line) and let the next one move up; False when there was none."""
    row = Registration.objects.filter(invitation=invitation).exclude(status=Status.CANCELLED).first()
    if row is None:
        return False
    had_seat = row.status in TAKING
    row.status, row.held_until, row.confirmed_at = Status.CANCELLED, None, None
    history.save(row, by=by, reason="Platz abgegeben")
    row_needs = getattr(row, "support_need", None)
    if row_needs is not None:
        row_needs.delete()  # no seat, no reason to keep what may hint at health
    workshops.leave(row)
    if had_seat:
        move_up(invitation.meeting, by=by)
    return True


def hand_over(giver: Invitation, taker: Invitation, *, by: Any) -> Registration | None:
    """The deputy accepts: the first person's seat or place in line becomes hers."""
    old = Registration.objects.filter(invitation=giver).exclude(status=Status.CANCELLED).first()
    if old is None:
        return None
    new = Registration.objects.filter(invitation=taker).first() or Registration(invitation=taker)
    new.meeting, new.status = giver.meeting, old.status
    new.queued_at, new.confirmed_at = old.queued_at, old.confirmed_at
    new.held_until = old.held_until if old.status == Status.OFFERED else None
    history.save(new, by=by, reason=f"Platz übernommen von {giver.name}")
    workshops.hand_over(old, new)
    old.status, old.confirmed_at, old.held_until = Status.CANCELLED, None, None
    history.save(old, by=by, reason=f"Platz abgegeben an {taker.name}")
    return new


def hold_for(invitation: Invitation, *, by: Any) -> Registration | None:
    """The deputy declined: the seat is the first person's again for two days, then the waiting list's."""
    row = Registration.objects.filter(invitation=invitation).exclude(status=Status.CANCELLED).first()
    if row is None:
        return None
    if row.status != Status.OFFERED:  # an offer keeps its own hour
        row.held_until = timezone.now() + timedelta(hours=RETURN_HOURS)
    history.save(row, by=by, reason="Platz zurück von der Vertretung")
    return row


def move_up(meeting: Meeting, *, by: Any) -> list[Registration]:
    """Offer free seats to the waiting, in their order; who would exceed her project's share is passed over.

    Where seats are given one by one, the coordinator decides about them instead. Gives who has a seat on offer now.
    """
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED) or meeting.has_started:
        return []
    free, now = free_seats(meeting), timezone.now()
    moved: list[Registration] = []
    if not free:
        return moved
    line = list(meeting.registrations.waiting().select_related("invitation"))
    for row in line:
        row.meeting = row.invitation.meeting = meeting
    if offers.is_last_minute(meeting, now):
        offers.tell_all([row for row in line if not is_project_full(row.invitation)], by=by)
        return moved
    for row in line:
        if len(moved) >= free:
            break
        if is_project_full(row.invitation):
            continue
        if meeting.confirm_seats_individually:
            row.status = Status.REQUESTED
            history.save(row, by=by, reason="Von der Warteliste nachgerückt")
        else:
            offers.make(row, by=by, now=now)
        moved.append(row)
    return moved


def _cause(row: Registration) -> str:
    """Once for each time that a seat was given; a person may wait, get a seat and wait again."""
    return f"{row.history.count()}"


@transaction.atomic
def fill(*, meeting: Meeting, by: Any) -> int:
    """After the number of seats was raised; gives how many moved up."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    return len(move_up(locked, by=by))


@transaction.atomic
def confirm(*, registration: Registration, by: Any) -> Registration:
    """ "Plätze einzeln bestätigen": the coordinator gives the seat. Raises SeatError."""
    meeting = Meeting.objects.select_for_update().get(pk=registration.meeting_id)
    row = Registration.objects.select_related("invitation").get(pk=registration.pk)
    row.meeting = row.invitation.meeting = meeting
    if row.status not in (Status.REQUESTED, Status.WAITING, Status.OFFERED):
        raise SeatError(f"Hier ist nichts zu bestätigen: {row.get_status_display()}.")
    if row.status == Status.WAITING and not free_seats(meeting):
        raise SeatError("Es ist kein Platz frei. Erhöhen Sie die Zahl der Plätze oder warten Sie auf eine Absage.")
    row.status, row.confirmed_at, row.held_until = Status.CONFIRMED, timezone.now(), None
    history.save(row, by=by, reason="Platz bestätigt")
    emails.seat_news(row.invitation, row, news="confirmed", cause=_cause(row))
    return row


@transaction.atomic
def release_overdue(*, meeting: Meeting, now: datetime | None = None) -> int:
    """Seats that nobody confirmed in time (moved date, deputy who declined) and offers without an answer go to the
    next in line; for the clock. Who let the hour pass is off the list and told so. Gives their number."""
    now = now or timezone.now()
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if locked.has_started or locked.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return 0
    late = locked.registrations.filter(status__in=[*TAKING, Status.WAITING], held_until__lte=now)
    rows = list(late.select_related("invitation"))
    for row in rows:
        row.meeting = row.invitation.meeting = locked
        if row.status == Status.OFFERED and offers.was_never_sent(row):
            offers.renew(row, now=now)  # the relay was away; nobody loses her place for that
            continue
        _release(row)
    if rows or not offers.is_last_minute(locked, now):  # then each free seat is told of once
        move_up(locked, by=None)
    return len(rows)


def _release(row: Registration) -> None:
    invitation, news = row.invitation, "lapsed" if row.status == Status.OFFERED else "released"
    if invitation.partstat == PartStat.ACCEPTED:
        invitation.partstat = PartStat.NEEDS_ACTION
    invitation.needs_reconfirmation = False
    history.save(invitation, by=None, reason="Nicht rechtzeitig bestätigt")
    row.status, row.held_until, row.confirmed_at = Status.CANCELLED, None, None
    history.save(row, by=None, reason="Frist verstrichen, Platz frei")
    workshops.leave(row)
    emails.seat_news(invitation, row, news=news, cause=_cause(row))
