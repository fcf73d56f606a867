from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import invitations, reminders, scheduling, tasks
from meetings.models import Invitation, Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db


def due_for(meeting, days_before):
    """The meeting as if it were so many days away, invited long ago."""
    start = world.in_days(days_before)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=6), registration_deadline=start - timedelta(days=14)
    )
    Invitation.objects.update(invited_at=timezone.now() - timedelta(days=60))


def test_only_the_silent_are_reminded_and_only_once_a_day_of_the_timetable(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    due_for(invited, 27)
    for _ in range(3):
        tasks.clock()
    assert set(world.mails(kind="reminder").values_list("recipient", flat=True)) == {
        "zweite@example.org",
        "dritte@example.org",
    }
    assert world.mails(kind="reminder").count() == 2
    due_for(invited, 16)
    tasks.clock()
    assert world.mails(kind="reminder").count() == 4


def test_perhaps_gets_only_the_last_reminder(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.TENTATIVE)
    due_for(invited, 27)
    tasks.clock()
    assert not world.mails(kind="reminder", recipient="erste@example.org").exists()
    due_for(invited, 16)
    tasks.clock()
    assert world.mails(kind="reminder", recipient="erste@example.org").count() == 1


def test_nobody_is_reminded_after_the_deadline_and_registration_closes(invited):
    due_for(invited, 10)
    tasks.clock()
    tasks.clock()
    invited.refresh_from_db()
    assert not world.mails(kind="reminder").exists()
    assert invited.status == "registration_closed"


def test_nobody_is_reminded_days_after_the_invitation(invited):
    due_for(invited, 27)
    Invitation.objects.update(invited_at=timezone.now())
    tasks.clock()
    assert not world.mails(kind="reminder").exists()


def test_reminders_whose_day_was_past_at_the_move_are_dropped(invited, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    due_for(invited, 20)
    tasks.clock()
    assert not world.mails(kind="reminder").exists()
    invited.changes.update(made_at=timezone.now() - timedelta(days=30))
    tasks.clock()
    assert world.mails(kind="reminder").count() == 3


def test_a_reminder_by_hand_refuses_when_all_answered(invited, overall):
    assert reminders.remind(meeting=invited, by=overall).recipient_count == 3
    for row in invited.invitations.all():
        record_answer(invitation=row, partstat=PartStat.ACCEPTED)
    with pytest.raises(invitations.InvitationError, match="niemanden"):
        reminders.remind(meeting=invited, by=overall)
