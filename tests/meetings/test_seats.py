from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import registrations, scheduling, seats, tasks
from meetings.models import Invitation, Meeting, Registration
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db


def with_seats(meeting, number, **fields):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=number, max_per_project=9, **fields)


def accept(*rows):
    return [record_answer(invitation=row, partstat=PartStat.ACCEPTED).registration for row in rows]


def status_of(invitation):
    return Registration.objects.get(invitation=invitation).status


@pytest.fixture
def three(invited):
    return list(invited.invitations.order_by("pk"))


def test_the_waiting_list_is_served_in_its_order(invited, three):
    with_seats(invited, 1)
    accept(*three)
    record_answer(invitation=three[0], partstat=PartStat.DECLINED)
    assert [status_of(row) for row in three] == ["cancelled", "offered", "waiting"]
    assert seats.place_in_line(Registration.objects.get(invitation=three[2])) == 1


def test_who_gives_up_and_comes_back_stands_at_the_end(invited, three):
    with_seats(invited, 1)
    accept(*three)
    record_answer(invitation=three[1], partstat=PartStat.DECLINED)
    accept(three[1])
    line = [Registration.objects.get(invitation=row) for row in (three[2], three[1])]
    assert [seats.place_in_line(row) for row in line] == [1, 2]


def test_who_has_a_seat_keeps_it_on_a_second_yes(invited, three):
    with_seats(invited, 1)
    accept(three[0], three[1])
    assert accept(three[0])[0].status == "confirmed"


def test_a_full_project_is_passed_over_but_keeps_its_place(invited, three):
    with_seats(invited, 1)
    accept(*three)
    Invitation.objects.filter(pk=three[0].pk).update(project=None)
    Invitation.objects.filter(pk=three[2].pk).update(project=None)
    Meeting.objects.filter(pk=invited.pk).update(max_per_project=0)
    record_answer(invitation=three[0], partstat=PartStat.DECLINED)
    assert [status_of(row) for row in three[1:]] == ["waiting", "offered"]


def test_more_seats_are_offered_to_the_next_ones_with_a_mail_each(invited, three, overall):
    with_seats(invited, 1)
    accept(*three)
    with_seats(invited, 3)
    assert seats.fill(meeting=invited, by=overall) == 2
    assert world.mails(kind="seat_offer").count() == 2
    assert seats.fill(meeting=invited, by=overall) == 0


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_nobody_moves_up_in_a_meeting_that_is_off(invited, three, overall, status):
    with_seats(invited, 1)
    accept(*three)
    with_seats(invited, 3, status=status, cancelled_at=timezone.now())
    assert seats.fill(meeting=invited, by=overall) == 0


def test_seats_given_one_by_one_wait_for_the_coordinator(invited, three, overall):
    with_seats(invited, 1, confirm_seats_individually=True)
    first, second = accept(three[0], three[1])
    assert (first.status, second.status) == ("requested", "waiting")
    assert "bestätigt die Plätze einzeln" in world.mails(kind="confirmation", recipient=three[0].email).get().text
    assert seats.confirm(registration=first, by=overall).status == "confirmed"
    assert "hat Ihren Platz bestätigt" in world.mails(kind="seat").get().text
    with pytest.raises(seats.SeatError, match="nichts zu bestätigen"):
        seats.confirm(registration=first, by=overall)
    with pytest.raises(seats.SeatError, match="kein Platz frei"):
        seats.confirm(registration=second, by=overall)


def test_a_deputy_who_accepts_takes_over_the_seat_even_when_all_is_full(invited, three):
    with_seats(invited, 1)
    accept(three[0])
    deputy = registrations.name_deputy(invitation=three[0], name="Dora Dachs", email="dora@example.org")
    accept(deputy)
    assert (status_of(three[0]), status_of(deputy)) == ("cancelled", "confirmed")
    assert Registration.objects.filter(status="confirmed").count() == 1


def test_a_returned_seat_waits_48_hours_and_then_goes_to_the_list(invited, three):
    with_seats(invited, 1)
    accept(three[0], three[1])
    deputy = registrations.name_deputy(invitation=three[0], name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.DECLINED)
    held = Registration.objects.get(invitation=three[0])
    assert timedelta(hours=47) < held.held_until - timezone.now() <= timedelta(hours=48)
    assert seats.release_overdue(meeting=invited) == 0
    assert seats.release_overdue(meeting=invited, now=timezone.now() + timedelta(hours=49)) == 1
    assert [status_of(row) for row in three[:2]] == ["cancelled", "offered"]
    assert "abgelaufen" in world.mails(kind="seat", recipient=three[0].email).last().text


def test_seats_nobody_confirmed_after_a_move_become_free_at_the_new_deadline(invited, three, overall):
    with_seats(invited, 1)
    accept(three[0], three[1])
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    tasks.clock()
    assert status_of(three[0]) == "confirmed"
    invited.refresh_from_db()
    seats.release_overdue(meeting=invited, now=invited.registration_deadline + timedelta(minutes=1))
    three[0].refresh_from_db()
    assert (status_of(three[0]), three[0].partstat) == ("cancelled", "needs_action")
    assert status_of(three[1]) == "offered"
