from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import attendance
from meetings.models import Attendance, Meeting
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(invited):
    start = timezone.now() - timedelta(hours=3)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    return invited


def ids(meeting):
    return list(meeting.invitations.order_by("pk").values_list("pk", flat=True))


def record(meeting, states, by=None, **fields):
    return attendance.record(meeting=meeting, states=states, by=by, **fields)


def test_the_first_list_makes_the_meeting_held(begun, overall):
    first, second, third = ids(begun)
    held = record(begun, {first: "present", second: "left_early", third: "absent"}, by=overall)
    assert held.status == "held"
    assert held.held_at is not None
    assert Attendance.objects.present().count() == 2
    assert held.history.first().history_user == overall


def test_a_second_list_corrects_the_first_and_doubles_nobody(begun, overall):
    first = ids(begun)[0]
    record(begun, {first: "absent"}, walk_ins=[("Gerda Gast", "Kammer")], by=overall)
    record(begun, {first: "present"}, walk_ins=[(" Gerda  Gast ", "Kammer")], by=overall)
    assert Attendance.objects.count() == 2
    assert Attendance.objects.get(is_walk_in=False).state == "present"


def test_people_who_came_without_an_invitation_count_as_present(begun):
    record(begun, {}, walk_ins=[("Gerda  Gast", "Kammer"), ("  ", "leer")])
    row = Attendance.objects.get()
    assert (row.name, row.is_walk_in, row.state) == ("Gerda Gast", True, "present")


def test_a_person_of_another_meeting_is_refused(begun, people, overall):
    from meetings import invitations

    other = world.make_dated_meeting("2031-NORD-2")
    invitations.invite(meeting=other, contacts=people[:1], by=overall)
    with pytest.raises(attendance.AttendanceError, match="gehört nicht zu diesem Treffen"):
        record(begun, {other.invitations.get().pk: "present"})
    assert not Attendance.objects.exists()


def test_an_unknown_state_is_refused(begun):
    with pytest.raises(attendance.AttendanceError, match="Angabe aus der Liste"):
        record(begun, {ids(begun)[0]: "vielleicht"})


def test_nothing_is_recorded_before_the_meeting_begins(invited):
    with pytest.raises(attendance.AttendanceError, match="wenn das Treffen begonnen hat"):
        record(invited, {})


@pytest.mark.parametrize("status", ["cancelled", "postponed"])
def test_a_meeting_that_is_off_has_no_attendance(begun, status):
    Meeting.objects.filter(pk=begun.pk).update(status=status, cancelled_at=timezone.now())
    with pytest.raises(attendance.AttendanceError, match="Dieses Treffen ist"):
        record(begun, {})


def test_the_same_form_is_taken_once(begun, overall):
    form_id = FormReceipt.new_id()
    record(begun, {}, by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        record(begun, {}, by=overall, form_id=form_id)
