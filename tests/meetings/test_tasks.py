from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import invitations, tasks
from meetings.models import Invitation, Meeting, SupportNeed
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from tests.meetings import world

pytestmark = pytest.mark.django_db


def days_away(meeting, days, deadline=14):
    start = world.in_days(days)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=6), registration_deadline=start - timedelta(days=deadline)
    )
    Invitation.objects.update(invited_at=timezone.now() - timedelta(days=60))


def test_registration_closes_at_its_deadline_and_only_once(invited):
    assert not tasks.close_registration(meeting=invited)
    days_away(invited, 10)
    assert tasks.close_registration(meeting=invited)
    assert not tasks.close_registration(meeting=invited)
    invited.refresh_from_db()
    assert invited.status == "registration_closed"
    assert invited.history.first().history_change_reason == "Anmeldefrist abgelaufen"


def test_the_clock_may_strike_as_often_as_it_likes(invited):
    days_away(invited, 27)
    for _ in range(4):
        tasks.clock()
    assert world.mails(kind="reminder").count() == 3


def test_one_meetings_trouble_keeps_no_other_from_its_reminders(invited, people, overall, monkeypatch, caplog):
    other = world.make_dated_meeting("2031-NORD-2")
    invitations.invite(meeting=other, contacts=people, by=overall)
    days_away(invited, 26)
    days_away(other, 27)
    # A row that cannot be read any more, as after a broken import.
    Invitation.objects.filter(meeting=invited, email="erste@example.org").update(email="keine Adresse")
    tasks.clock()
    assert f"The clock failed for meeting {invited.code}" in caplog.text
    assert set(world.mails(kind="reminder").values_list("recipient", flat=True)) == {row.email for row in people}
    assert not world.mails(kind="reminder", key__contains=f":{invited.pk}:").exists()


@pytest.mark.parametrize("status", ["idea", "save_the_date", "postponed", "cancelled", "held"])
def test_meetings_that_are_not_running_are_left_alone(invited, status):
    days_away(invited, 27)
    Meeting.objects.filter(pk=invited.pk).update(status=status, cancelled_at=timezone.now())
    tasks.clock()
    assert not world.mails(kind="reminder").exists()


def test_needs_are_deleted_on_their_day(invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, diet="vegetarisch")
    tasks.clock()
    assert SupportNeed.objects.exists()
    SupportNeed.objects.update(delete_on=timezone.localdate())
    tasks.clock()
    assert not SupportNeed.objects.exists()
