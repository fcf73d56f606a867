import pytest
from django.utils import timezone

from meetings import checks, reminders, scheduling
from meetings.models import Invitation
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from tests.meetings import world

pytestmark = pytest.mark.django_db


def test_a_queued_invitation_is_stopped_when_it_is_no_longer_true(invited, invitation, overall):
    message = world.mails(kind="invitation", recipient="erste@example.org").get()
    assert checks.still_invited(message) is None
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=timezone.now())
    assert "ausgeladen" in checks.still_invited(message)
    Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=None)
    scheduling.cancel(meeting=invited, reason="Krankheit", by=overall)
    assert "abgesagt" in checks.still_invited(message)


def test_a_queued_reminder_is_stopped_by_an_answer(invited, invitation, overall):
    reminders.remind(meeting=invited, by=overall)
    message = world.mails(kind="reminder", recipient="erste@example.org").get()
    assert checks.still_silent(message) is None
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert "geantwortet" in checks.still_silent(message)
