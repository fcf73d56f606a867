"""The Postausgang of a meeting: found, filtered, exported, held and released."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from mobipro.outbox import bounces
from mobipro.outbox.models import OutboxMessage, State
from tests.meetings import world

pytestmark = pytest.mark.django_db
QUERIES = 13


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


@pytest.fixture
def address(invited):
    return f"/admin/meetings/meeting/{invited.pk}/postausgang/"


def text(response):
    return response.content.decode()


def test_every_mail_of_the_meeting_is_listed_and_no_other(office, address, invited):
    other = world.make_dated_meeting("2031-NORD-2", title="Anderes")
    OutboxMessage.objects.create(key="x", thread=f"meeting:{other.pk}:a@example.org", recipient="a@example.org")
    page = text(office.get(address))
    assert "3 Mails" in page
    assert "erste@example.org" in page
    assert "a@example.org" not in page


def test_words_and_states_narrow_the_list(office, address):
    OutboxMessage.objects.filter(recipient="zweite@example.org").update(state=State.FAILED, last_error="550 Nein")
    assert "1 Mail<" in text(office.get(address, {"q": "zweite"}))
    failed = text(office.get(address, {"stand": "failed"}))
    assert "550 Nein" in failed
    assert "erste@example.org" not in failed
    assert "Keine Mail passt zu dieser Auswahl." in text(office.get(address, {"stand": "sent"}))


@pytest.mark.parametrize(
    "query", [{"seite": "x"}, {"stand": "'"}, {"art": "\x00"}, {"q": "\x00" * 3}, {"q": "x" * 5000}]
)
def test_odd_questions_get_an_answer(office, address, query):
    assert office.get(address, query).status_code == 200


def test_mail_that_came_back_is_found_and_says_why(office, address):
    message = OutboxMessage.objects.get(recipient="erste@example.org")
    bounces.record(message=message, bounce="hard", words="5.1.1 User unknown")
    page = text(office.get(address, {"stand": "ruecklauf"}))
    assert "5.1.1 User unknown" in page
    assert "1 Mail<" in page


def test_export_holds_the_same_rows_with_umlauts_and_times(office, address):
    OutboxMessage.objects.filter(recipient="dritte@example.org").update(state=State.SENT, sent_at=timezone.now())
    response = office.get(address, {"format": "xlsx"})
    assert "postausgang-2031-nord-1-" in response["Content-Disposition"]
    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[3][:3] == ("Person", "E-Mail-Adresse", "Betreff")
    by_address = {row[1]: row for row in rows[4:]}
    assert by_address["dritte@example.org"][0] == "Cem Çelik"
    assert by_address["dritte@example.org"][4] == "gesendet"
    assert by_address["dritte@example.org"][6] is not None


def test_sending_is_held_and_released_here(office, address, invited):
    mailing = invited.mailings.get()
    page = text(office.get(address))
    assert "3 warten" in page
    assert "Anhalten" in page
    office.post(f"/admin/meetings/meeting/{invited.pk}/versand/{mailing.pk}/anhalten/")
    page = text(office.get(address))
    assert "3 angehalten" in page
    assert "Freigeben" in page


def test_other_people_do_not_see_it(client, address, bavarian, gross, lindner):
    for who in (bavarian, gross, lindner):
        client.force_login(who)
        assert client.get(address).status_code in (302, 403, 404)


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_with_one_and_three(office, address, number, django_assert_num_queries):
    keep = OutboxMessage.objects.order_by("pk").values_list("pk", flat=True)[:number]
    OutboxMessage.objects.exclude(pk__in=list(keep)).delete()
    office.get(address)
    with django_assert_num_queries(QUERIES):
        office.get(address)
