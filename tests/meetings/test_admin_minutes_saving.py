"""Saving one item of the minutes while people write."""

import pytest
from django.urls import reverse

from meetings.models import AgendaItem
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


@pytest.fixture
def item(invited):
    return AgendaItem.objects.create(meeting=invited, title="Sprache am Arbeitsplatz")


def address(item, meeting=None):
    return reverse("admin:meetings_minutes_save", args=[(meeting or item.meeting).pk, item.pk])


def save(client, item, revision, minutes_text="Verlauf", result_text="Ergebnis"):
    return client.post(address(item), {"minutes_text": minutes_text, "result_text": result_text, "revision": revision})


def test_an_item_is_saved_and_the_answer_is_its_new_revision(office, item):
    answer = save(office, item, item.revision)
    item.refresh_from_db()
    assert (item.minutes_text, item.result_text) == ("Verlauf", "Ergebnis")
    assert answer.json() == {"revision": item.revision}


def test_the_second_of_two_gets_what_the_first_wrote_and_overwrites_nothing(office, item):
    old = item.revision
    save(office, item, old, "Frau Kaya schreibt")
    answer = save(office, item, old, "Herr Brandner schreibt")
    item.refresh_from_db()
    assert answer.status_code == 409
    assert answer.json() == {
        "revision": item.revision,
        "minutes_text": "Frau Kaya schreibt",
        "result_text": "Ergebnis",
    }
    assert item.minutes_text == "Frau Kaya schreibt"


def test_the_same_words_again_are_no_conflict(office, item):
    old = item.revision
    assert save(office, item, old).status_code == 200
    assert save(office, item, old).status_code == 200


def test_a_text_that_is_too_long_is_told(office, item):
    answer = save(office, item, item.revision, "x" * 20_001)
    assert answer.status_code == 422
    assert "1 Zeichen zu lang" in answer.json()["problem"]


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40])
def test_a_broken_revision_counts_as_an_old_one(office, item, revision):
    assert save(office, item, revision).status_code == 409


def test_an_item_of_another_meeting_is_not_found(office, item):
    other = world.make_dated_meeting("2031-NORD-2")
    assert office.post(address(item, other), {"revision": "0"}).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("bavarian", 403), ("gross", 302)])
def test_only_its_coordinators_write(client, request, item, name, status):
    client.force_login(request.getfixturevalue(name))
    assert save(client, item, item.revision).status_code == status
    item.refresh_from_db()
    assert item.minutes_text == ""


def test_reading_the_address_changes_nothing(office, item):
    assert office.get(address(item)).status_code == 405


def test_the_page_carries_what_the_script_needs(office, item):
    page = office.get(reverse("admin:meetings_minutes", args=[item.meeting_id])).content.decode()
    assert f'data-address="{address(item)}"' in page
    assert "js/minutes.js" in page
