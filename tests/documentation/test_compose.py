import pytest

from documentation import compose
from documentation.models import DocumentationSection
from meetings.models import Meeting

pytestmark = pytest.mark.django_db


def test_draft_has_the_sections_of_the_meeting_in_order(draft):
    assert [row.kind for row in draft.sections.all()] == ["programme", "workshop", "decisions", "participants"]
    assert [row.position for row in draft.sections.all()] == [1, 2, 3, 4]


def test_draft_repeats_neither_itself_nor_its_sections(draft, held_meeting):
    again = compose.create_draft(meeting=held_meeting, by=None)
    assert again == draft
    assert again.sections.count() == 4


def test_draft_of_a_meeting_that_was_not_held_is_refused(held_meeting):
    held_meeting.status = Meeting.Status.INVITED
    held_meeting.save()
    with pytest.raises(compose.ComposeError, match="nach dem Treffen"):
        compose.create_draft(meeting=held_meeting, by=None)


def test_results_become_paragraphs_and_lists(draft):
    body = draft.sections.get(kind="workshop").body
    assert "<li>Adresse</li>" in body
    assert "<h3>Ergebnis</h3>" in body


def test_small_groups_are_not_told_apart(draft):
    body = draft.sections.get(kind="participants").body
    assert "3 Personen" in body
    assert "weitere" in body


def test_hostile_words_in_the_minutes_stay_words(held_meeting):
    item = held_meeting.agenda.get(position=2)
    item.result_text = "<script>alert(1)</script> & <b>fett</b>"
    item.save()
    draft = compose.create_draft(meeting=held_meeting, by=None)
    body = draft.sections.get(kind="workshop").body
    assert "<script" not in body
    assert "&lt;b&gt;" in body


def test_tasks_of_the_office_alone_stay_out(held_meeting):
    held_meeting.action_items.create(
        title="Schriftdolmetschung organisieren",
        owner_name="Koordination",
        due_on="2026-01-05",
        visibility="coordination",
    )
    text = compose.decisions_text(held_meeting)
    assert "Checkliste übersetzen" in text
    assert "Schriftdolmetschung" not in text


def test_sections_move_and_are_numbered_anew(draft, kaya):
    last = draft.sections.last()
    compose.move_section(section=last, steps=-10, by=kaya)
    rows = list(draft.sections.all())
    assert rows[0] == last
    assert [row.position for row in rows] == [1, 2, 3, 4]


def test_empty_section_and_missing_summary_block(draft):
    DocumentationSection(documentation=draft, position=9, kind="foreword", title="Vorwort").save()
    draft.summary = ""
    draft.save()
    blocking = [gap.text for gap in compose.gaps(draft) if gap.blocks]
    assert any("Kurzfassung fehlt" in text for text in blocking)
    assert any("„Vorwort“ ist leer" in text for text in blocking)
