from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import invitations, requests, scheduling
from meetings.models import Invitation, InvitationRequest, Meeting
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db
WHO = {
    "name": "Berta Berufsschule",
    "organisation_name": "BBS Leer",
    "function": "Lehrerin",
    "email": "berta@example.org",
}


@pytest.fixture
def national(overall):
    meeting = world.make_dated_meeting("2031-BUND", kind="national")
    return scheduling.announce(meeting=meeting, by=overall)


def ask(meeting, **fields):
    return requests.request_invitation(meeting=meeting, **(WHO | fields))


def test_a_request_waits_for_the_coordinator_and_is_confirmed_by_mail(national):
    assert ask(national).status == "open"
    mail = world.mails(kind="invitation_request").get()
    assert mail.recipient == "berta@example.org"
    assert "Bitte buchen Sie noch nichts." in mail.text


def test_asking_twice_is_one_request(national):
    assert ask(national) == ask(national, email="BERTA@example.org")
    assert world.mails(kind="invitation_request").count() == 1


def test_the_same_form_is_taken_once(national):
    form_id = FormReceipt.new_id()
    ask(national, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        ask(national, form_id=form_id)


def test_who_is_invited_already_learns_nothing_and_writes_nothing(national, people, overall):
    invitations.invite(meeting=national, contacts=people, by=overall)
    assert ask(national, email="erste@example.org") is None
    assert not InvitationRequest.objects.exists()


def test_regional_meetings_take_no_requests(meeting, overall):
    scheduling.announce(meeting=meeting, by=overall)
    with pytest.raises(requests.RequestError, match="keine Einladung mehr"):
        ask(meeting)


@pytest.mark.parametrize("email", ["", "berta", "müller@example.org", "a@b"])
def test_a_wrong_address_is_told_at_its_field(national, email):
    with pytest.raises(requests.RequestError) as caught:
        ask(national, email=email)
    assert caught.value.field == "email"


def test_line_breaks_in_names_cannot_lengthen_a_header(national):
    row = ask(national, name="Berta\r\nBcc: alle@example.org")
    assert "\n" not in row.name


def test_accepting_sends_the_invitation_with_the_coordinators_words(national, overall):
    row = requests.decide(request=ask(national), accept=True, reply="Schön, dass Sie kommen.", by=overall)
    assert (row.status, row.decided_by) == ("accepted", overall)
    mail = world.mails(kind="invitation").get()
    assert "Schön, dass Sie kommen." in mail.text
    assert Invitation.objects.get().reason == "guest"
    assert mail.calendar_method == "REQUEST"
    assert "ORGANIZER" in mail.calendar


def test_declining_needs_words_and_mails_them(national, overall):
    row = ask(national)
    with pytest.raises(requests.RequestError) as caught:
        requests.decide(request=row, accept=False, reply="  ", by=overall)
    assert caught.value.field == "reply"
    requests.decide(request=row, accept=False, reply="Der Saal ist voll.", by=overall)
    assert "Der Saal ist voll." in world.mails(kind="invitation_request").last().text
    assert not Invitation.objects.exists()


def test_a_decided_request_stays_as_it_is(national, overall):
    row = requests.decide(request=ask(national), accept=False, reply="Voll.", by=overall)
    with pytest.raises(requests.RequestError, match="schon abgelehnt"):
        requests.decide(request=row, accept=True, reply="", by=overall)


def test_nobody_is_accepted_to_a_cancelled_meeting(national, overall):
    row = ask(national)
    scheduling.cancel(meeting=national, reason="Krankheit.", by=overall)
    with pytest.raises(requests.RequestError, match="niemand mehr"):
        requests.decide(request=row, accept=True, reply="", by=overall)


def test_a_late_wish_after_the_start_is_refused(invited, invitation):
    start = timezone.now()
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    with pytest.raises(requests.RequestError, match="keine späte Zusage"):
        requests.request_late(invitation=invitation)


def test_new_links_go_only_to_readable_meetings_and_once_an_hour(invitation, invited):
    assert requests.send_new_links(email="ERSTE@example.org") == 1
    assert requests.send_new_links(email="erste@example.org") == 1
    mail = world.mails(kind="new_link").get()
    assert f"|{invitation.pk}|" in mail.text
    assert requests.send_new_links(email="niemand@example.org") == 0
    assert requests.send_new_links(email="kein-at") == 0
    start = timezone.now() - timedelta(days=100)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    assert requests.send_new_links(email="zweite@example.org") == 0


def test_the_public_form_answers_the_same_whoever_asks(client, national, people, overall):
    invitations.invite(meeting=national, contacts=people, by=overall)
    url = reverse("meetings:request_invitation", args=[national.slug])
    replies = []
    for email in ("erste@example.org", "fremd@example.org"):
        data = {"form_id": FormReceipt.new_id(), "name": "B", "einrichtung": "BBS", "funktion": "", "email": email}
        replies.append(client.post(url, data, follow=True))
    assert [reply.status_code for reply in replies] == [200, 200]
    assert all("Ihre Anfrage ist angekommen." in reply.content.decode() for reply in replies)
