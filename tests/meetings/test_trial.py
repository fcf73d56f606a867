"""A coordinator sends the invitation to herself first."""

import pytest

from meetings import invitations, recipients, trial
from meetings.invitations import InvitationError
from mobipro.outbox.models import OutboxMessage
from tests.meetings import world

pytestmark = pytest.mark.django_db
PREVIEW = invitations.preview_mail


@pytest.fixture
def candidate(meeting, people, kaya):
    return next(row for row in recipients.candidates(meeting, kaya) if row.contact == people[0])


def test_trial_goes_to_the_coordinator_alone_and_invites_nobody(meeting, candidate, kaya):
    mail = trial.send_to_self(meeting=meeting, candidate=candidate, render=PREVIEW, by=kaya)
    assert OutboxMessage.objects.get() == mail
    assert (mail.recipient, mail.subject[:7]) == ("kaya@example.org", "Probe: ")
    assert not meeting.invitations.exists()


def test_entry_of_the_trial_never_meets_the_real_one(meeting, candidate, kaya):
    mail = trial.send_to_self(meeting=meeting, candidate=candidate, render=PREVIEW, by=kaya)
    calendar = world.unfolded(mail.calendar)
    assert str(meeting.ics_uid) not in calendar
    assert "mailto:kaya@example.org" in calendar
    assert candidate.contact.email not in calendar


def test_trial_holds_no_personal_link(meeting, candidate, kaya):
    mail = trial.send_to_self(meeting=meeting, candidate=candidate, render=PREVIEW, by=kaya)
    for text in (mail.text, mail.html, mail.calendar):
        assert "/antwort/" not in text
        assert "{link:" not in text
    assert meeting.get_absolute_url() in mail.text


def test_without_a_date_there_is_no_trial(project, people, kaya):
    meeting = world.make_meeting("2031-NORD-2")
    row = recipients.candidates(meeting, kaya)[0]
    with pytest.raises(InvitationError, match="Setzen Sie zuerst den Termin"):
        trial.send_to_self(meeting=meeting, candidate=row, render=PREVIEW, by=kaya)


def test_button_on_the_preview_sends_it(client, meeting, candidate, kaya):
    client.force_login(kaya)
    address = f"/admin/meetings/meeting/{meeting.pk}/einladen/vorschau/{candidate.contact.pk}/"
    assert "Probemail an kaya@example.org senden" in client.get(address).content.decode()
    page = client.post(f"/admin/meetings/meeting/{meeting.pk}/probe/{candidate.contact.pk}/", follow=True)
    assert "Die Probemail geht gleich an kaya@example.org." in page.content.decode()


def test_foreign_meeting_sends_nothing(client, meeting, candidate, gross, bavarian):
    address = f"/admin/meetings/meeting/{meeting.pk}/probe/{candidate.contact.pk}/"
    for who in (gross, bavarian):
        client.force_login(who)
        assert client.post(address).status_code in (302, 403, 404)
    assert not OutboxMessage.objects.exists()


def test_save_the_date_is_tried_in_the_same_way(client, meeting, candidate, kaya):
    client.force_login(kaya)
    address = f"/admin/meetings/meeting/{meeting.pk}/save-the-date/vorschau/{candidate.contact.pk}/"
    trial_address = f"/admin/meetings/meeting/{meeting.pk}/save-the-date/probe/{candidate.contact.pk}/"
    assert f'action="{trial_address}"' in client.get(address).content.decode()
    page = client.post(trial_address, follow=True)
    assert "Die Probemail geht gleich an kaya@example.org." in page.content.decode()
    mail = OutboxMessage.objects.get()
    assert mail.subject.startswith("Probe: Save the Date: ")
    calendar = world.unfolded(mail.calendar)
    assert "STATUS:TENTATIVE" in calendar
    assert str(meeting.ics_uid) not in calendar
    assert not meeting.invitations.exists()
