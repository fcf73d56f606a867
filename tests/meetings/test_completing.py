import pytest

from meetings import incoming
from meetings.models import AgendaItem, Meeting
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from tests.meetings import replies, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(invited):
    Meeting.objects.filter(pk=invited.pk).update(attendance_mode="mixed")


@pytest.fixture
def groups(invited):
    for position, title in enumerate(("Sprache", "Wohnen"), start=1):
        AgendaItem(meeting=invited, position=position, title=title, kind="workshop", is_parallel=position > 1).save()


def confirmations():
    return list(world.mails(kind="confirmation"))


def test_an_answer_from_the_calendar_is_asked_for_the_mode_in_one_mail(invitation, mixed):
    incoming.receive(replies.answer(invitation))
    (mail,) = confirmations()
    assert mail.subject.startswith("Bitte ergänzen: ")
    assert "ob Sie vor Ort oder online teilnehmen; bis dahin planen wir Sie vor Ort ein" in mail.text
    assert "antwort=ja" in mail.text
    assert "PARTSTAT=ACCEPTED" in world.unfolded(mail.calendar)


def test_an_answer_from_the_calendar_is_asked_for_the_workshop(invitation, groups):
    incoming.receive(replies.answer(invitation))
    (mail,) = confirmations()
    assert "Bitte ergänzen Sie noch, welche Arbeitsgruppe Sie wählen." in mail.text


def test_both_are_asked_for_together(invitation, mixed, groups):
    incoming.receive(replies.answer(invitation))
    (mail,) = confirmations()
    assert "online teilnehmen und welche Arbeitsgruppe Sie wählen; bis dahin" in mail.text


def test_the_same_answer_again_asks_no_second_time(invitation, mixed):
    for client in ("gmail", "apple"):
        incoming.receive(replies.answer(invitation, client=client))
    assert len(confirmations()) == 1


def test_on_the_waiting_list_the_subject_says_so(invitation, mixed):
    Meeting.objects.update(capacity=0)
    incoming.receive(replies.answer(invitation))
    assert confirmations()[0].subject.startswith("Warteliste, bitte ergänzen: ")


def test_who_answered_on_the_page_is_asked_nothing(invitation, mixed):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, mode="online")
    assert confirmations()[0].subject.startswith("Ihr Platz ist bestätigt: ")


def test_an_answer_from_the_calendar_keeps_the_mode_that_was_chosen(invitation, mixed):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, mode="online")
    invitation.answers.update(received_at=world.in_days(-1))
    incoming.receive(replies.answer(invitation))
    invitation.refresh_from_db()
    assert invitation.registration.mode == "online"
    assert len(confirmations()) == 1


def test_a_no_from_the_calendar_is_asked_nothing(invitation, mixed, groups):
    incoming.receive(replies.answer(invitation, "DECLINED"))
    assert "ergänzen" not in confirmations()[0].text
