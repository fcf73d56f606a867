import email
import email.policy

import pytest
from django.utils import timezone
from icalendar import Calendar

from meetings import invitations, recipients
from meetings.models import Invitation, Mailing, Meeting
from mobipro import links, mail
from mobipro.outbox.models import State
from regions.models import AlreadyReceived, FormReceipt
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db


def test_inviting_writes_one_mail_a_person_in_one_sending(meeting, people, overall):
    mailing = invitations.invite(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    rows = world.mails(group=mailing.group)
    assert (rows.count(), mailing.recipient_count, meeting.status) == (3, 3, "invited")
    first = rows.get(recipient="erste@example.org")
    assert first.calendar_method == "REQUEST"
    assert "mailto:erste@example.org" in world.unfolded(first.calendar)
    assert "zweite@example.org" not in first.text + first.html + first.calendar
    assert first.not_before > timezone.now()
    assert first.sender == "MobiPro-EU Vernetzung <vernetzung@example.org>"
    assert "{link:meetings:answer|" in first.text
    assert "Frist" not in first.subject


def test_the_stored_mail_holds_no_usable_link(invited):
    for row in world.mails():
        assert "/treffen/antwort/" not in row.text + row.html + row.calendar


def test_the_mail_that_goes_out_carries_the_link_and_one_calendar_twice(invited):
    message = world.mails(kind="invitation", recipient="erste@example.org").get()
    message.text, message.html = links.fill(message.text), links.fill(message.html)
    message.calendar = links.fill_calendar(message.calendar)
    parsed = email.message_from_bytes(mail.build(message), policy=email.policy.default)
    kinds = [part.get_content_type() for part in parsed.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    parts = {part.get_content_type(): part for part in parsed.walk()}
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert parts["text/calendar"].get_payload(decode=True) == parts["application/ics"].get_payload(decode=True)
    link = (
        f"http://localhost:8000/treffen/antwort/{world.token_of(invited.invitations.get(email='erste@example.org'))}/"
    )
    assert f"{link}?antwort=vertretung" in parts["text/plain"].get_content()
    event = Calendar.from_ical(parts["text/calendar"].get_payload(decode=True)).walk("VEVENT")[0]
    assert event["DESCRIPTION"].endswith(link)


def test_a_second_invitation_reaches_only_the_new(invited, people, project, overall):
    new = world.make_project_person("vierte@example.org", project)
    preselected = [row for row in recipients.candidates(invited, overall) if row.preselected]
    assert [row.contact for row in preselected] == [new]
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=invited, contacts=people, by=overall)
    second = invitations.invite(meeting=invited, contacts=[new], by=overall)
    assert second.round == 2
    assert invited.invitations.count() == 4


def test_the_same_form_invites_once(meeting, people, overall):
    form_id = FormReceipt.new_id()
    invitations.invite(meeting=meeting, contacts=people, by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        invitations.invite(meeting=meeting, contacts=people, by=overall, form_id=form_id)
    assert Mailing.objects.count() == 1


def test_a_person_of_another_region_cannot_be_smuggled_in(meeting, people, kaya):
    stranger = world.make_project_person("fremd@example.org", factories.make_project("Im Westen", "NRW"))
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=meeting, contacts=[*people, stranger], by=kaya)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("status", ["cancelled", "held", "postponed"])
def test_inviting_to_a_meeting_that_is_not_to_come_is_refused(meeting, people, overall, status):
    Meeting.objects.filter(pk=meeting.pk).update(status=status, cancelled_at=timezone.now())
    with pytest.raises(invitations.InvitationError):
        invitations.invite(meeting=meeting, contacts=people, by=overall)


def test_inviting_without_a_date_is_refused(people, overall):
    with pytest.raises(invitations.InvitationError, match="Termin"):
        invitations.invite(meeting=world.make_meeting("2031-NORD-2"), contacts=people, by=overall)


def test_the_preview_shows_the_mail_and_saves_nothing(meeting, people):
    first = next(row for row in recipients.candidates(meeting) if row.contact.email == "erste@example.org")
    shown = invitations.preview_mail(meeting, first)
    assert "Guten Tag Ana Arndt" in shown.text
    assert "[persönlicher Link]" in shown.html
    assert "METHOD:REQUEST" in shown.ics
    assert not Invitation.objects.exists()


def test_a_sending_can_be_held_and_released(invited, overall):
    mailing = invited.mailings.get()
    assert invitations.hold(mailing=mailing, by=overall) == 3
    assert world.mails(state=State.HELD).count() == 3
    assert invitations.release(mailing=mailing, by=overall) == 3


def test_one_person_is_withdrawn_without_cancelling_the_meeting(invitation, overall):
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    invitations.withdraw(invitation=invitation, by=overall, reason="Doppelt eingeladen.")
    mail = world.mails(kind="withdrawn").get()
    assert "METHOD:CANCEL" in mail.calendar
    assert "STATUS:" not in mail.calendar
    assert mail.recipient == "erste@example.org"
    assert invitation.meeting.invitations.active().count() == 2


def test_who_is_withdrawn_before_the_mail_went_out_hears_nothing(invitation, overall):
    invitations.withdraw(invitation=invitation, by=overall)
    assert not world.mails(kind="withdrawn").exists()
    assert world.mails(recipient="erste@example.org").get().state == State.WITHDRAWN


def test_a_withdrawn_person_can_be_invited_again_with_a_new_link(invitation, people, overall):
    invitations.withdraw(invitation=invitation, by=overall)
    invitations.invite(meeting=invitation.meeting, contacts=people[:1], by=overall)
    invitation.refresh_from_db()
    assert invitation.link_version == 2
    assert invitation.withdrawn_at is None
