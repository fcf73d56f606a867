"""A mail to everybody who takes part: once to each, later only to new ones; its page, preview and trial."""

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import circulars, invitations, participant_info, registrations
from meetings.invitations import InvitationError
from meetings.models import AgendaItem, Mailing, Meeting
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db
INFO = participant_info.CIRCULAR


def accept(meeting, *names):
    for name in names:
        row = meeting.invitations.get(email=f"{name}@example.org")
        registrations.record_answer(invitation=row, partstat="accepted")


@pytest.fixture
def ready(invited):
    AgendaItem.objects.create(meeting=invited, title="Auftakt", duration_min=30)
    Meeting.objects.filter(pk=invited.pk).update(max_per_project=9)
    invited.refresh_from_db()
    accept(invited, "erste", "zweite")
    return invited


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def address(meeting, name="circular", *args, kind="teilnahmeinfo"):
    return reverse(f"admin:meetings_{name}", args=[meeting.pk, kind, *args])


def infos(**filters):
    return world.mails(kind="participant_info", **filters)


# --- sending -------------------------------------------------------------------------------------
def test_one_mail_each_after_the_pause_in_the_persons_own_order(ready, overall):
    mailing = circulars.send(circular=INFO, meeting=ready, by=overall)
    assert (mailing.kind, mailing.round, mailing.recipient_count) == ("participant_info", 1, 2)
    assert sorted(infos().values_list("recipient", flat=True)) == ["erste@example.org", "zweite@example.org"]
    mail = infos().first()
    assert mail.not_before == mailing.not_before > timezone.now()
    assert mail.group == mailing.group
    assert mail.thread == f"meeting:{ready.pk}:{mail.recipient}"


def test_a_second_sending_reaches_new_people_only(ready, overall):
    circulars.send(circular=INFO, meeting=ready, by=overall)
    with pytest.raises(InvitationError, match="haben sie schon"):
        circulars.send(circular=INFO, meeting=ready, by=overall)
    accept(ready, "dritte")
    second = circulars.send(circular=INFO, meeting=ready, by=overall)
    assert (second.round, second.recipient_count) == (2, 1)
    assert infos().count() == 3
    assert infos().last().recipient == "dritte@example.org"


def test_a_mail_that_was_taken_back_can_be_sent_again(ready, overall):
    first = circulars.send(circular=INFO, meeting=ready, by=overall)
    queue.withdraw(group=first.group, by=overall)
    circulars.send(circular=INFO, meeting=ready, by=overall)
    assert infos(state=State.QUEUED).count() == 2


def test_the_same_form_sends_once(ready, overall):
    form_id = FormReceipt.new_id()
    circulars.send(circular=INFO, meeting=ready, by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        circulars.send(circular=INFO, meeting=ready, by=overall, form_id=form_id)
    assert infos().count() == 2


def test_number_of_queries_to_choose_does_not_grow_with_the_people(
    meeting, project, overall, django_assert_max_num_queries
):
    AgendaItem.objects.create(meeting=meeting, title="Auftakt")
    Meeting.objects.filter(pk=meeting.pk).update(max_per_project=9)
    meeting.refresh_from_db()
    people = [world.make_project_person(f"p{number}@example.org", project) for number in range(6)]
    invitations.invite(meeting=meeting, contacts=people, by=overall)
    accept(meeting, *[f"p{number}" for number in range(6)])
    with django_assert_max_num_queries(4):
        assert len(circulars.open_recipients(INFO, meeting)) == 6


# --- the page ------------------------------------------------------------------------------------
def test_page_names_everybody_with_the_reason_and_sends(office, ready):
    page = office.get(address(ready)).content.decode()
    assert "Teilnahmeinfo an 2 Personen senden" in page
    assert "Platz bestätigt" in page
    assert not OutboxMessage.objects.filter(kind="participant_info").exists()
    done = office.post(address(ready), {"form_id": FormReceipt.new_id()}, follow=True).content.decode()
    assert "Die Teilnahmeinfo an 2 Personen wartet im Postausgang" in done
    assert "Anhalten" in done
    page = office.get(address(ready)).content.decode()
    assert "2 Personen haben die Mail schon" in page
    assert "senden</button>" not in page


def test_page_says_what_is_missing_instead_of_the_button(office, ready):
    ready.agenda.all().delete()
    page = office.get(address(ready)).content.decode()
    assert "Legen Sie zuerst die Tagesordnung an" in page
    assert "senden</button>" not in page
    answer = office.post(address(ready), {"form_id": FormReceipt.new_id()})
    assert "Legen Sie zuerst die Tagesordnung an" in answer.content.decode()
    assert not Mailing.objects.filter(kind="participant_info").exists()


def test_preview_and_trial_show_the_mail_of_a_real_person_without_her_link(office, ready, kaya):
    row = ready.invitations.get(email="erste@example.org")
    page = office.get(address(ready, "circular_preview", row.pk)).content.decode()
    assert row.greeting in page
    assert "[persönlicher Link]" in page
    done = office.post(address(ready, "circular_test_mail", row.pk), follow=True).content.decode()
    assert "Die Probemail geht gleich an kaya@example.org." in done
    mail = OutboxMessage.objects.get(kind="trial")
    assert (mail.recipient, mail.subject[:7]) == ("kaya@example.org", "Probe: ")
    assert "{link:" not in mail.text + mail.html
    assert not infos().exists()


def test_whom_the_mail_does_not_concern_has_no_preview(office, ready):
    silent = ready.invitations.get(email="dritte@example.org")
    for name in ("circular_preview", "circular_test_mail"):
        assert office.post(address(ready, name, silent.pk)).status_code == 404
    assert office.get(address(ready, "circular_preview", 987654)).status_code == 404
    assert office.get(address(ready, kind="unbekannt")).status_code == 404


def test_foreign_coordinators_and_members_send_nothing(client, ready, bavarian, gross):
    for person in (bavarian, gross):
        client.force_login(person)
        assert client.get(address(ready)).status_code in (302, 403, 404)
        assert client.post(address(ready), {"form_id": FormReceipt.new_id()}).status_code in (302, 403, 404)
    assert not infos().exists()
