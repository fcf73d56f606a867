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
    assert world.mails(kind="reminder").count() == 2  # two days ago they were reminded: too soon
    Invitation.objects.exclude(reminded_at=None).update(reminded_at=world.in_days(-11))
    for _ in range(3):
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


# --- the meeting's own days ----------------------------------------------------------------------
def days_of(meeting, text):
    Meeting.objects.filter(pk=meeting.pk).update(reminder_days=text)


def test_each_meeting_is_reminded_on_its_own_days(invited):
    days_of(invited, "21")
    due_for(invited, 22)
    tasks.clock()
    assert not world.mails(kind="reminder").exists()
    due_for(invited, 20)
    tasks.clock()
    assert world.mails(kind="reminder").count() == 3
    assert "letzte Erinnerung" in world.mails(kind="reminder").first().text


def test_perhaps_gets_only_the_last_of_three(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.TENTATIVE)
    days_of(invited, "60, 40, 20")
    for left in (59, 39):
        due_for(invited, left)
        tasks.clock()
        Invitation.objects.exclude(reminded_at=None).update(reminded_at=world.in_days(-19))
        assert not world.mails(kind="reminder", recipient=invitation.email).exists()
    assert not any("letzte Erinnerung" in mail.text for mail in world.mails(kind="reminder"))
    due_for(invited, 19)
    tasks.clock()
    assert "letzte Erinnerung" in world.mails(kind="reminder", recipient=invitation.email).get().text
    assert world.mails(kind="reminder").count() == 7


def test_a_reminder_by_hand_does_not_use_up_one_of_the_timetable(invited, overall):
    due_for(invited, 40)
    reminders.remind(meeting=invited, by=overall)
    assert "letzte Erinnerung" not in world.mails(kind="reminder").first().text
    Invitation.objects.update(reminded_at=world.in_days(-13))
    due_for(invited, 27)
    tasks.clock()
    assert world.mails(kind="reminder").count() == 6


def test_days_changed_to_fewer_still_remind(invited):
    due_for(invited, 27)
    tasks.clock()
    Invitation.objects.update(reminded_at=world.in_days(-9))
    days_of(invited, "18")
    due_for(invited, 18)
    tasks.clock()
    assert world.mails(kind="reminder").count() == 6


def test_the_plan_says_the_days_in_words(invited):
    Invitation.objects.update(invited_at=world.in_days(-60))
    Meeting.objects.filter(pk=invited.pk).update(invited_at=world.in_days(-60))
    invited.refresh_from_db()
    assert reminders.planned(invited) == "Erinnerung am Mi, 12. Februar 2031 und am So, 23. Februar 2031."
    assert reminders.planned(Meeting(starts_at=None)) == ""


def test_a_moved_meeting_is_reminded_before_its_new_day_and_asked_again(invited, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited,
        starts_at=at(10, day=day),
        ends_at=at(16, day=day),
        venue=None,
        reason="Saal",
        reminders="21",
        by=overall,
    )
    invited.refresh_from_db()
    assert invited.reminder_days == "21"
    assert reminders.planned(invited) == "Erinnerung am Mi, 19. März 2031."
    assert not Invitation.objects.exclude(reminded_at=None).exists()


def test_days_after_the_new_deadline_are_refused_at_the_move(invited, overall):
    day = (2031, 4, 9)
    with pytest.raises(scheduling.SchedulingError, match="käme nach der Anmeldefrist"):
        scheduling.move(
            meeting=invited,
            starts_at=at(10, day=day),
            ends_at=at(16, day=day),
            venue=None,
            reason="Saal",
            reminders="28, 5",
            by=overall,
        )
    invited.refresh_from_db()
    assert invited.starts_at == at(10)
