"""Data about people around a meeting, on the day their time is over and on the day before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from meetings import incoming, registrations, requests
from meetings.models import (
    Answer,
    Attendance,
    IncomingMail,
    Invitation,
    InvitationRequest,
    Meeting,
    Registration,
    SupportNeed,
)
from meetings.models.invitation import PartStat
from mobipro import retention
from tests.meetings import replies

pytestmark = pytest.mark.django_db
NOW = datetime(2045, 6, 12, 9, tzinfo=UTC)
YEAR, DECADE = datetime(2044, 6, 12, 9, tzinfo=UTC), datetime(2035, 6, 12, 9, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
EDGES = pytest.mark.parametrize(("late", "erased"), [(timedelta(0), True), (MOMENT, False)])


def erased(key):
    return {done.rule.key: done.number for done in retention.run(now=NOW)}[key]


def ended(meeting, at):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=at - timedelta(hours=6), ends_at=at)


# --- received mails ------------------------------------------------------------------------------
@EDGES
def test_a_received_mail_keeps_its_outcome_and_loses_who_and_what(invitation, late, erased):
    row = incoming.receive(replies.answer(invitation))
    IncomingMail.objects.update(received_at=YEAR + late)
    retention.run(now=NOW)
    row.refresh_from_db()
    assert (row.sender == "") == (row.attendee == "") == (row.subject == "") == erased
    assert (row.state, row.kind, row.partstat) == ("done", "reply", "accepted")


def test_a_mail_that_nobody_assigned_for_a_year_waits_no_longer(invitation):
    row = incoming.receive(replies.text_mail(sender="erste@example.org"))
    IncomingMail.objects.update(received_at=YEAR)
    assert erased("incoming") == 1
    row.refresh_from_db()
    assert (row.state, row.text, row.reason) == ("ignored", "", "")
    assert erased("incoming") == 0


def test_the_same_mail_counts_once_even_after_its_content_is_gone(invitation):
    raw = replies.answer(invitation)
    first = incoming.receive(raw)
    IncomingMail.objects.update(received_at=YEAR)
    retention.run(now=NOW)
    assert incoming.receive(raw) == first


# --- requests ------------------------------------------------------------------------------------
@EDGES
def test_an_answered_request_goes_a_year_after_the_meeting(invitation, overall, late, erased):
    request = requests.request_late(invitation=invitation)
    requests.decide(request=request, accept=False, reply="Voll.", by=overall)
    ended(invitation.meeting, YEAR + late)
    retention.run(now=NOW)
    assert InvitationRequest.objects.exists() != erased


def test_an_open_request_stays(invitation):
    requests.request_late(invitation=invitation)
    ended(invitation.meeting, YEAR - timedelta(days=400))
    assert erased("requests") == 0


# --- needs ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("day", "number"), [(date(2045, 6, 12), 1), (date(2045, 6, 13), 0)])
def test_needs_go_on_their_day(invitation, day, number):
    registration = registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED).registration
    SupportNeed.objects.create(registration=registration, diet="vegan", delete_on=day)
    assert erased("support") == number


# --- proof of participation ----------------------------------------------------------------------
@EDGES
def test_after_the_proof_period_only_counts_are_left(invited, invitation, overall, late, erased):
    registrations.record_answer(
        invitation=invitation, partstat=PartStat.ACCEPTED, mode="onsite", comment="Ich bin Ana Arndt"
    )
    Attendance.objects.create(
        meeting=invited, invitation=invitation, name="Ana Arndt", state="present", recorded_by=overall
    )
    ended(invited, DECADE + late)
    retention.run(now=NOW)
    invitation.refresh_from_db()
    assert (Attendance.objects.get().name == "Name gelöscht") == erased
    assert (invitation.name == "Name gelöscht") == erased
    assert (invitation.contact is None) == erased
    assert ("@example.org" not in invitation.email) == erased
    assert Invitation.history.filter(name="Ana Arndt").exists() != erased
    assert Registration.history.filter(invitation_id=invitation.pk).exists() != erased
    assert Answer.objects.filter(detail__contains="Arndt").exists() != erased
    assert Attendance.objects.present().count() == 1
    assert invited.invitations.filter(partstat=PartStat.ACCEPTED).count() == 1
    assert invited.invitations.count() == 3


def test_the_period_is_a_setting(invited, settings):
    ended(invited, NOW - timedelta(days=5 * 366))
    assert erased("invitations") == 0
    settings.RETENTION_YEARS = 5
    assert erased("invitations") == 3
    assert erased("invitations") == 0
