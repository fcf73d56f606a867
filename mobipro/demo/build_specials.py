"""The cases a coordinator must have met: moved, cancelled, postponed, joint, online, full with a waiting list."""

from datetime import date, datetime, timedelta

from meetings import offers
from meetings.models import AgendaItem, Meeting, MeetingChange, PhotoConsent, Registration, WorkshopChoice
from meetings.models.invitation import PartStat
from mobipro.demo.build_meetings import local, now_on
from regions.models import Region, User

Status = Meeting.Status


def build(today: date, meetings: list[Meeting], logins: dict[str, User]) -> None:
    """Called before invitations are made: changes of the record itself."""
    moved = _latest(meetings, today, "NIHB")
    if moved:
        _move(moved, today, logins["kaya"])
    past = [row for row in meetings if row.status in Meeting.HELD_STATUSES and row.kind == Meeting.Kind.REGIONAL]
    if len(past) > 5:
        _cancel(past[-5], today, logins["brandner"])
    coming = [row for row in meetings if row.status == Status.SAVE_THE_DATE and row.kind == Meeting.Kind.REGIONAL]
    if coming:
        _online(coming[0])
    ideas = [row for row in meetings if row.status == Status.IDEA and row.kind == Meeting.Kind.REGIONAL]
    if ideas:
        _joint(ideas[0])
    if len(coming) > 1:
        _postpone(coming[-1], logins["seidel"])


def _latest(meetings: list[Meeting], today: date, code: str) -> Meeting | None:
    """The region's last meeting that lies behind today; it will have been moved into the coming weeks."""
    rows = [row for row in meetings if f"-{code}-" in row.code and row.starts_on and row.starts_on < today]
    return rows[-1] if rows else None


def _move(meeting: Meeting, today: date, by: User) -> None:
    old_start, old_end = meeting.starts_at, meeting.ends_at
    day = today + timedelta(days=22)
    while day.weekday() not in (1, 2, 3) or (day.month == 12 and day.day > 18) or (day.month == 1 and day.day < 9):
        day += timedelta(days=1)
    meeting.starts_at, meeting.ends_at = local(day, 10), local(day, 16)
    meeting.registration_deadline = local(day - timedelta(days=5), 23, 59)
    meeting.status, meeting.held_at, meeting.invited_at = Status.INVITED, None, now_on(today) - timedelta(days=30)
    meeting.ics_sequence = 1
    meeting.save()
    place = meeting.venue.address if meeting.venue else ""
    MeetingChange(
        meeting=meeting,
        kind=MeetingChange.Kind.MOVED,
        reason="Der Saal wird am alten Termin saniert.",
        old_starts_at=old_start,
        old_ends_at=old_end,
        old_place=place,
        new_starts_at=meeting.starts_at,
        new_ends_at=meeting.ends_at,
        new_place=place,
        answers_reset=True,
        sequence=1,
        made_by=by,
        made_at=now_on(today) - timedelta(days=25),
    ).save()


def _cancel(meeting: Meeting, today: date, by: User) -> None:
    meeting.status, meeting.held_at = Status.CANCELLED, None
    meeting.cancelled_at = (meeting.starts_at or now_on(today)) - timedelta(days=6)
    meeting.ics_sequence = 1
    meeting.save()
    MeetingChange(
        meeting=meeting,
        kind=MeetingChange.Kind.CANCELLED,
        reason="Streik im Bahnverkehr. Die Themen werden beim nächsten Treffen behandelt.",
        old_starts_at=meeting.starts_at,
        old_ends_at=meeting.ends_at,
        sequence=1,
        made_by=by,
        made_at=meeting.cancelled_at,
    ).save()


def _online(meeting: Meeting) -> None:
    meeting.attendance_mode, meeting.venue = Meeting.AttendanceMode.ONLINE, None
    meeting.online_url = "https://konferenz.example.org/netzwerk"
    meeting.travel_cost_note = ""
    meeting.save()


def _joint(meeting: Meeting) -> None:
    first = meeting.regions.first()
    other = Region.objects.active().exclude(pk=first.pk if first else 0).order_by("-number").first()
    if other:
        meeting.regions.add(other)
        meeting.subtitle = f"Gemeinsames Treffen mit der Region {other}"
        meeting.save()


def _postpone(meeting: Meeting, by: User) -> None:
    MeetingChange(
        meeting=meeting,
        kind=MeetingChange.Kind.POSTPONED,
        reason="Der Gastgeber ist verhindert. Ein neuer Termin wird abgestimmt.",
        old_starts_at=meeting.starts_at,
        old_ends_at=meeting.ends_at,
        sequence=1,
        made_by=by,
    ).save()
    meeting.status, meeting.ics_sequence = Status.POSTPONED, 1
    meeting.save()


def ask_again(meetings: list[Meeting]) -> None:
    """After the answers: those who had accepted a moved meeting keep their seat and confirm it again."""
    for meeting in meetings:
        if meeting.ics_sequence == 0 or meeting.status != Status.INVITED:
            continue
        for invitation in meeting.invitations.filter(partstat=PartStat.ACCEPTED)[:3]:
            invitation.needs_reconfirmation = True
            invitation.save()


def fill(meetings: list[Meeting], now: datetime) -> None:
    """After the answers: one meeting ahead has fewer seats than people who said yes. The last two wait; the one before
    them has an offer that she has not answered."""
    status = Registration.Status
    ahead = [row for row in meetings if row.status in (Status.INVITED, Status.REGISTRATION_CLOSED)]
    ahead = [row for row in ahead if row.ics_sequence == 0 and row.kind == Meeting.Kind.REGIONAL]
    ahead.sort(key=lambda row: row.status != Status.INVITED)  # rather one that people still answer to
    for meeting in ahead[:1]:
        seated = list(meeting.registrations.filter(status=status.CONFIRMED).order_by("queued_at"))
        for registration in seated[-2:]:
            registration.status, registration.confirmed_at = status.WAITING, None
            registration.save()
        if len(seated) > 3 and meeting.starts_at:
            offered = seated[-3]
            offered.status, offered.confirmed_at = status.OFFERED, None
            offered.held_until = offers.stands_until(meeting.starts_at, now)
            offered.save()
        meeting.capacity = max(len(seated) - 2, 1)
        meeting.save()


def let_choose(meetings: list[Meeting], now: datetime) -> None:
    """After the answers: the moved meeting has two workshops at the same time, is mixed, and photos are planned."""
    for meeting in meetings:
        if meeting.ics_sequence == 0 or meeting.status != Status.INVITED:
            continue
        meeting.attendance_mode, meeting.photo_planned = Meeting.AttendanceMode.MIXED, True
        meeting.online_url = "https://konferenz.example.org/netzwerk"
        meeting.save()
        groups = _parallel(meeting)
        for number, registration in enumerate(meeting.registrations.holding_a_seat()):
            if number % 4 != 3:  # every fourth has not chosen yet
                WorkshopChoice(registration=registration, agenda_item=groups[number % 2], chosen_at=now).save()
            if number % 3 == 0:
                PhotoConsent(invitation=registration.invitation, given_at=now).save()


def _parallel(meeting: Meeting) -> list[AgendaItem]:
    first = meeting.agenda.get(kind=AgendaItem.Kind.WORKSHOP)
    for item in meeting.agenda.filter(position__gt=first.position):
        item.position += 1
        item.save()
    second = AgendaItem(
        meeting=meeting,
        position=first.position + 1,
        kind=AgendaItem.Kind.WORKSHOP,
        title="Ankommen und wohnen: was in den ersten Wochen hilft",
        duration_min=first.duration_min,
        goal="Eine Liste, die jedes Projekt am ersten Tag zur Hand hat.",
        is_parallel=True,
    )
    first.capacity, second.capacity = 12, 8
    for item in (first, second):
        item.save()
    return [first, second]
