"""Entries from phones: any order, more than once, from two phones – always the same list."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import attendance, check_in
from meetings.check_in import Entry
from meetings.models import Attendance, CheckIn, Meeting
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(invited):
    """The meeting began three hours ago; Ana, Birgit and Cem are invited."""
    start = timezone.now() - timedelta(hours=3)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    return Meeting.objects.get(pk=invited.pk)


@pytest.fixture
def ana(running):
    return running.invitations.get(email="erste@example.org")


@pytest.fixture
def cem(running):
    return running.invitations.get(email="dritte@example.org")


def tap(person, state, minutes_ago=0, **fields):
    """An entry about an invitation, or about a person without one (a key)."""
    who = {"walk_in": person} if isinstance(person, uuid.UUID) else {"invitation_id": person.pk}
    made_at = timezone.now() - timedelta(minutes=minutes_ago)
    return Entry(operation_id=uuid.uuid4(), state=state, made_at=made_at, **who, **fields)


def take(meeting, *entries, by=None):
    return check_in.take(meeting=meeting, entries=entries, by=by)


def state_of(invitation):
    return Attendance.objects.filter(invitation=invitation).values_list("state", flat=True).first()


def test_a_tap_is_attendance_at_once_and_the_meeting_goes_on(running, ana, overall):
    take(running, tap(ana, "present"), by=overall)
    row = Attendance.objects.get()
    assert (row.invitation, row.name, row.state, row.recorded_by) == (ana, "Ana Arndt", "present", overall)
    running.refresh_from_db()
    assert running.status == "invited"


def test_the_same_entry_sent_three_times_counts_once(running, ana):
    entry, later = tap(ana, "present", 20), tap(ana, "left_early", 10)
    take(running, entry, later)
    for _ in range(2):
        outcome = take(running, entry, entry)
        assert outcome.taken == [str(entry.operation_id)] * 2
    assert CheckIn.objects.count() == 2
    assert state_of(ana) == "left_early"


def test_every_order_of_arrival_gives_the_same_list(running, ana):
    moments = [("present", 50), ("left_early", 30), ("", 20), ("present", 10)]
    for order in itertools.permutations(moments):
        CheckIn.objects.all().delete()
        Attendance.objects.all().delete()
        for state, minutes in order:
            take(running, tap(ana, state, minutes))
        assert state_of(ana) == "present", order


def test_a_mistake_is_taken_back(running, ana):
    take(running, tap(ana, "present", 10))
    take(running, tap(ana, "", 5))
    assert not Attendance.objects.exists()


def test_a_person_without_invitation_is_present_once_though_two_phones_enter_her(running):
    first, second = uuid.uuid4(), uuid.uuid4()
    take(running, tap(first, "present", 20, name=" Gerda  Gast ", organisation="Kammer"))
    take(running, tap(second, "present", 15, name="Gerda Gast", organisation="Kammer"))
    take(running, tap(second, "left_early", 5, name="Gerda Gast", organisation="Kammer"))
    row = Attendance.objects.get()
    assert (row.name, row.is_walk_in, row.state, row.walk_in_key) == ("Gerda Gast", True, "left_early", first)


def test_a_person_whom_the_desk_entered_is_the_same_at_the_door(running, overall):
    attendance.record(meeting=running, states={}, walk_ins=[("Gerda Gast", "Kammer")], by=overall)
    Attendance.objects.update(walk_in_key=None)  # from before there was a check-in
    take(running, tap(uuid.uuid4(), "left_early", name="Gerda Gast", organisation="Kammer"))
    assert Attendance.objects.get().state == "left_early"


def test_whoever_is_represented_is_excused_and_back_when_that_was_a_mistake(running, cem):
    key = uuid.uuid4()
    take(running, tap(key, "present", 30, name="Zoë Vertretung", instead_of=cem.pk))
    assert state_of(cem) == "excused"
    take(running, tap(key, "left_early", 20, name="Zoë Vertretung"))
    assert state_of(cem) == "excused"
    take(running, tap(key, "", 10, name="Zoë Vertretung"))
    assert not Attendance.objects.exists()


def test_whoever_comes_herself_after_all_is_present(running, cem):
    take(running, tap(uuid.uuid4(), "present", 30, name="Zoë Vertretung", instead_of=cem.pk))
    take(running, tap(cem, "present", 10))
    assert state_of(cem) == "present"


def test_one_impossible_entry_keeps_no_other_from_being_taken(running, ana):
    other = world.make_dated_meeting("2031-NORD-2")
    wrong = [
        tap(ana, "absent"),
        tap(ana, "quatsch"),
        Entry(uuid.uuid4(), "present", timezone.now(), invitation_id=987654),
        tap(uuid.uuid4(), "present", name=" \x07 "),
        tap(uuid.uuid4(), "present", name="Zoë", instead_of=987654),
    ]
    outcome = take(running, *wrong, tap(ana, "present"))
    assert len(outcome.refused) == len(wrong)
    assert len(outcome.taken) == 1
    assert state_of(ana) == "present"
    assert not other.attendances.exists()


def test_a_wrong_clock_moves_an_entry_into_the_meeting(running, ana):
    take(running, tap(ana, "present", minutes_ago=-60 * 24 * 400), tap(ana, "left_early", minutes_ago=60 * 24 * 4000))
    first, last = CheckIn.objects.all()
    assert first.made_at == running.starts_at - check_in.EARLY
    assert last.made_at <= timezone.now()
    assert state_of(ana) == "present"


@pytest.mark.parametrize(
    ("starts_in_hours", "is_open"), [(5, False), (3, True), (-5, True), (-29 * 24, True), (-31 * 24, False)]
)
def test_the_door_opens_four_hours_before_and_closes_after_thirty_days(running, starts_in_hours, is_open):
    running.starts_at = timezone.now() + timedelta(hours=starts_in_hours)
    running.ends_at = running.starts_at + timedelta(hours=6)
    assert check_in.is_open(running) is is_open


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_a_meeting_that_is_off_has_no_door(running, ana, status):
    Meeting.objects.filter(pk=running.pk).update(status=status, cancelled_at=timezone.now())
    with pytest.raises(check_in.CheckInError, match="geschlossen"):
        take(running, tap(ana, "present"))


def test_too_many_entries_at_once_are_refused_whole(running, ana):
    with pytest.raises(check_in.CheckInError, match="Höchstens 500"):
        take(running, *[tap(ana, "present") for _ in range(check_in.MOST + 1)])
    assert not CheckIn.objects.exists()


# --- with the list at the desk -------------------------------------------------------------------
def test_closing_marks_the_missing_and_a_late_phone_still_counts(running, ana, cem, overall):
    from meetings import registrations
    from meetings.models import Answer

    Meeting.objects.filter(pk=running.pk).update(starts_at=world.in_days(1), ends_at=world.in_days(2))
    for row in (ana, cem):
        registrations.record_answer(invitation=row, partstat="accepted", via=Answer.Via.LINK)
    Meeting.objects.filter(pk=running.pk).update(starts_at=running.starts_at, ends_at=running.ends_at)
    take(running, tap(ana, "present", 60))
    attendance.close(meeting=running, by=overall)
    assert (state_of(ana), state_of(cem)) == ("present", "absent")
    running.refresh_from_db()
    assert running.status == "held"
    take(running, tap(cem, "present", 90))  # tapped before the end, brought after it
    assert state_of(cem) == "present"


def test_a_correction_at_the_desk_is_not_undone_by_an_older_tap(running, ana, overall):
    attendance.record(meeting=running, states={ana.pk: "absent"}, by=overall)
    take(running, tap(ana, "present", 30))
    assert state_of(ana) == "absent"
    take(running, tap(ana, "present"))
    assert state_of(ana) == "present"


def test_a_desk_list_that_changes_nothing_makes_no_entry(running, ana, overall):
    take(running, tap(ana, "present", 60))
    attendance.record(meeting=running, states={ana.pk: "present"}, by=overall)
    take(running, tap(ana, "left_early", 30))
    assert state_of(ana) == "left_early"


def test_the_log_goes_after_thirty_days_and_the_attendance_stays(running, ana):
    take(running, tap(ana, "present"))
    assert not check_in.outdated(timezone.now()).exists()
    check_in.outdated(timezone.now() + timedelta(days=31)).delete()
    assert not CheckIn.objects.exists()
    assert Attendance.objects.count() == 1


# --- what phones send ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        {"id": "x", "person": "i-1", "state": "present", "at": 1},
        {"id": str(uuid.uuid4()), "person": "i-1", "state": "present", "at": "bald"},
        {"id": str(uuid.uuid4()), "person": "i-1", "state": "present", "at": -5},
        {"id": str(uuid.uuid4()), "person": "i-1", "state": "present", "at": 10**30},
        {"id": str(uuid.uuid4()), "person": "x-1", "state": "present", "at": 1},
        {"id": str(uuid.uuid4()), "person": "i-²", "state": "present", "at": 1},
        {"id": str(uuid.uuid4()), "person": f"i-{'9' * 40}", "state": "present", "at": 1},
        {"id": str(uuid.uuid4()), "person": "w-1", "state": "present", "at": 1},
        {"id": str(uuid.uuid4()), "person": "i-1", "state": "present", "at": 1, "instead_of": "'; --"},
    ],
)
def test_nonsense_is_no_entry(row):
    with pytest.raises((ValueError, KeyError, TypeError)):
        check_in.parse(row)


def test_an_entry_is_read_as_it_was_sent():
    row = {"id": str(uuid.uuid4()), "person": "i-12", "state": "present", "at": 1_800_000_000_500, "instead_of": 3}
    entry = check_in.parse(row)
    assert (entry.invitation_id, entry.walk_in, entry.instead_of) == (12, None, 3)
    assert entry.made_at.timestamp() == 1_800_000_000.5
