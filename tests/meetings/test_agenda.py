import pytest

from meetings import agenda, scheduling
from meetings.models import AgendaItem
from meetings.models.agenda import with_times
from tests.meetings.world import at

pytestmark = pytest.mark.django_db


def item(title, position=1, **fields):
    return AgendaItem(title=title, position=position, duration_min=30, **fields)


def save(meeting, items=(), removed=(), by=None, **texts):
    agenda.save(meeting=meeting, items=items, removed=removed, texts=texts, by=by)
    meeting.refresh_from_db()


def titles(meeting):
    return list(meeting.agenda.order_by("position").values_list("position", "title"))


def test_items_are_numbered_from_one_without_gaps(meeting):
    save(meeting, [item("Begrüßung", 4), item("Praxis", 9)])
    assert titles(meeting) == [(1, "Begrüßung"), (2, "Praxis")]


def test_removing_one_closes_the_gap(meeting):
    save(meeting, [item("Begrüßung", 1), item("Praxis", 2), item("Ausblick", 3)])
    save(meeting, removed=[meeting.agenda.get(position=2)])
    assert titles(meeting) == [(1, "Begrüßung"), (2, "Ausblick")]


def test_an_item_is_moved_by_its_number(meeting):
    save(meeting, [item("Begrüßung", 1), item("Praxis", 2)])
    second = meeting.agenda.get(position=2)
    second.position = 0
    save(meeting, [second])
    assert titles(meeting) == [(1, "Praxis"), (2, "Begrüßung")]


def test_each_item_begins_when_the_one_before_ends(meeting):
    save(meeting, [item("Begrüßung", 1), item("Praxis", 2)])
    times = [time for _item, time in with_times(list(meeting.agenda.all()), meeting.starts_at)]
    assert times == [at(10), at(10, 30)]


def test_another_description_of_an_announced_meeting_raises_sequence(meeting, overall):
    save(meeting, description="Vorher", by=overall)
    assert meeting.ics_sequence == 0
    scheduling.announce(meeting=meeting, by=overall)
    save(meeting, description="Nachher", by=overall)
    assert (meeting.description, meeting.ics_sequence) == ("Nachher", 1)
    save(meeting, description="Nachher", by=overall)
    assert meeting.ics_sequence == 1


def test_notes_are_kept_with_their_history_and_raise_nothing(meeting, overall):
    scheduling.announce(meeting=meeting, by=overall)
    save(meeting, travel_cost_note="Bahn, 2. Klasse.", by=overall)
    assert (meeting.travel_cost_note, meeting.ics_sequence) == ("Bahn, 2. Klasse.", 0)
    assert meeting.history.first().history_change_reason == "Hinweise geändert"
