"""The queue "Antworten zuordnen" in the work area: what it shows to whom, and the two ways to settle a mail."""

import pytest
from django.utils import timezone

from meetings import incoming
from meetings.models import IncomingMail
from meetings.models.invitation import PartStat
from tests.meetings import replies

pytestmark = pytest.mark.django_db
LIST = "/admin/meetings/incomingmail/"
QUERIES = 7


@pytest.fixture
def waiting(invitation):
    return incoming.receive(replies.answer(invitation, sender="chef@example.org", lines="COMMENT:Gern\n"))


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def test_queue_opens_with_the_waiting_ones(office, waiting):
    page = office.get(LIST, follow=True)
    assert page.redirect_chain[0][0].endswith("?state__exact=waiting")
    assert "chef@example.org" in page.content.decode()


def test_overview_names_what_waits(office, waiting):
    page = office.get("/admin/").content.decode()
    assert "Antworten zuordnen" in page
    assert "chef@example.org" in page


def test_answer_is_taken_over_by_the_coordinator(office, waiting, invitation, kaya):
    address = f"{LIST}{waiting.pk}/change/"
    assert "kam von chef@example.org" in office.get(address).content.decode()
    data = {"step": "assign", "meeting": invitation.meeting_id, "invitation": invitation.pk, "partstat": "accepted"}
    page = office.post(address, data, follow=True).content.decode()
    invitation.refresh_from_db()
    assert f"Die Antwort von {invitation.name} ist übernommen." in page
    assert invitation.partstat == PartStat.ACCEPTED


def test_nothing_chosen_is_said_at_the_fields(office, waiting, invitation):
    page = office.post(f"{LIST}{waiting.pk}/change/", {"step": "assign", "meeting": invitation.meeting_id})
    assert "Wählen Sie aus, wer geantwortet hat." in page.content.decode()
    assert "Wählen Sie aus, was die Person geantwortet hat." in page.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_refusal_of_the_job_is_shown_and_nothing_settled(office, waiting, invitation, invited):
    invited.status, invited.cancelled_at = "cancelled", timezone.now()
    invited.save()
    data = {"step": "assign", "meeting": invited.pk, "invitation": invitation.pk, "partstat": "accepted"}
    page = office.post(f"{LIST}{waiting.pk}/change/", data)
    assert "Dieses Treffen ist abgesagt." in page.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_dismissed_mail_keeps_its_note_and_loses_its_text(office, waiting):
    office.post(f"{LIST}{waiting.pk}/change/", {"step": "dismiss", "note": "Am Telefon geklärt"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.note, waiting.text) == ("settled", "Am Telefon geklärt", "")


def test_second_click_says_that_it_is_done(office, waiting):
    data = {"step": "dismiss", "note": ""}
    office.post(f"{LIST}{waiting.pk}/change/", data)
    assert "schon erledigt" in office.post(f"{LIST}{waiting.pk}/change/", data, follow=True).content.decode()


@pytest.mark.parametrize("address", ["999999", "9" * 40, "abc", "1'"])
def test_foreign_or_wrong_number_is_not_found(office, waiting, address):
    assert office.get(f"{LIST}{address}/change/").status_code == 404


@pytest.mark.parametrize("chosen", ["", "x", "9" * 40, "0"])
def test_wrong_meeting_changes_nothing(office, waiting, chosen):
    answer = office.post(f"{LIST}{waiting.pk}/change/?treffen={chosen}", {"step": "assign", "meeting": chosen})
    assert answer.status_code == 200
    assert IncomingMail.objects.get().state == "waiting"


def test_others_see_nothing_of_the_own_meetings_mails(client, waiting, bavarian, gross, lindner, administrator):
    for who in (bavarian, administrator):
        client.force_login(who)
        assert client.get(f"{LIST}{waiting.pk}/change/").status_code == 404
    for who in (gross, lindner):
        client.force_login(who)
        assert client.get(LIST, follow=True).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_with_one_and_three(office, invitation, django_assert_num_queries, number):
    for index in range(number):
        incoming.receive(replies.text_mail(sender=f"person{index}@example.org"))
    office.get(f"{LIST}?state__exact=waiting")
    with django_assert_num_queries(QUERIES):
        office.get(f"{LIST}?state__exact=waiting")
