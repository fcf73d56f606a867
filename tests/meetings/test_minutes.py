from datetime import date

import pytest

from meetings import minutes
from meetings.models import AgendaItem, Decision
from regions.models import AlreadyReceived, FormReceipt
from tests import factories

pytestmark = pytest.mark.django_db
DUE = date(2031, 6, 1)


@pytest.fixture
def item(meeting):
    row = AgendaItem(meeting=meeting, title="Sprache am Arbeitsplatz", position=1, duration_min=60)
    row.save()
    return row


def save(item, minutes_text="Verlauf", result_text="Ergebnis", revision=None, by=None):
    revision = item.revision if revision is None else revision
    return minutes.save_item(item=item, minutes_text=minutes_text, result_text=result_text, revision=revision, by=by)


def test_course_and_result_are_stored_without_blanks_around(item):
    saved = save(item, "  Drei Träger berichten.\n", "Einigkeit")
    assert (saved.minutes_text, saved.result_text) == ("Drei Träger berichten.", "Einigkeit")


def test_two_editors_see_both_versions_and_nothing_is_lost(item):
    old = item.revision
    save(item, "Frau Kaya schreibt")
    with pytest.raises(minutes.Conflict) as caught:
        save(item, "Herr Brandner schreibt", revision=old)
    assert caught.value.theirs.minutes_text == "Frau Kaya schreibt"
    assert caught.value.mine["minutes_text"] == "Herr Brandner schreibt"
    assert "beide Fassungen" in str(caught.value)


def test_saving_the_same_words_again_is_no_conflict(item):
    old = item.revision
    save(item)
    assert save(item, revision=old).minutes_text == "Verlauf"


def test_a_text_that_is_too_long_says_by_how_much(item):
    with pytest.raises(minutes.MinutesError, match="TOP 1: Der Text ist 5 Zeichen zu lang"):
        save(item, "x" * (minutes.LONGEST_TEXT + 5))


def test_decisions_are_numbered_in_their_meeting(meeting, item, overall):
    numbers = [minutes.add_decision(meeting=meeting, text=f"Punkt {n}", by=overall).number for n in range(3)]
    assert numbers == [1, 2, 3]
    minutes.remove(record=meeting.decisions.get(number=2), by=overall)
    assert minutes.add_decision(meeting=meeting, text="Noch einer", by=overall).number == 4
    assert Decision.history.filter(history_type="-").get().history_user == overall


@pytest.mark.parametrize(("text", "words"), [("  ", "was vereinbart wurde"), ("x" * 2001, "1 Zeichen zu lang")])
def test_an_impossible_decision_is_refused_in_german(meeting, text, words):
    with pytest.raises(minutes.MinutesError, match=words):
        minutes.add_decision(meeting=meeting, text=text, by=None)


def test_a_task_names_a_person_of_the_address_book_or_a_name(meeting, overall):
    owner = factories.make_contact("wer@example.org", last_name="Zuständig", first_name="Zoë")
    known = minutes.add_action(meeting=meeting, title="Liste schicken", due_on=DUE, owner=owner, by=overall)
    named = minutes.add_action(meeting=meeting, title="Saal suchen", due_on=DUE, owner_name=" Die  Kammer ", by=overall)
    assert (known.owner_name, named.owner_name) == (owner.full_name, "Die Kammer")
    assert named.visibility == "network"


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"title": " ", "owner_name": "Wer"}, "was zu tun ist"), ({"title": "Was"}, "wer die Aufgabe")],
)
def test_a_task_without_who_or_what_is_refused(meeting, fields, words):
    with pytest.raises(minutes.MinutesError, match=words):
        minutes.add_action(meeting=meeting, due_on=DUE, by=None, **fields)


def test_a_form_sent_twice_makes_one_decision_and_one_task(meeting, overall):
    for job, fields in ((minutes.add_decision, {"text": "A"}), (minutes.add_action, {"title": "A", "due_on": DUE})):
        form_id = FormReceipt.new_id()
        extra = {"owner_name": "Wer"} if "title" in fields else {}
        job(meeting=meeting, by=overall, form_id=form_id, **fields, **extra)
        with pytest.raises(AlreadyReceived):
            job(meeting=meeting, by=overall, form_id=form_id, **fields, **extra)
    assert (meeting.decisions.count(), meeting.action_items.count()) == (1, 1)
