"""What is still missing, said with the field, its step and what to do."""

import pytest

from practices.completeness import (
    NEEDED_TO_PUBLISH,
    NEEDED_TO_SUBMIT,
    STEP_OF,
    is_filled,
    missing_to_publish,
    missing_to_submit,
    steps,
)
from tests.practices.conftest import make_practice

URLS = dict.fromkeys(range(1, 6), "/x/")


@pytest.fixture
def bare(gross):
    """A draft with its title and nothing else."""
    texts = dict.fromkeys(("teaser", "target_group", "situation", "aim", "approach", "results", "pitfalls"), "")
    practice = make_practice(gross, project=None, key_figure="", quote="", contact_note="", place="", kind="", **texts)
    practice.phases.clear()
    practice.topics.clear()
    return practice


def test_bare_draft_lacks_exactly_what_submitting_needs_in_the_order_of_the_form(bare):
    gaps = [gap.field for gap in missing_to_submit(bare)]
    assert gaps == [name for name in STEP_OF if name in NEEDED_TO_SUBMIT and name != "title"]


def test_complete_draft_lacks_nothing(draft):
    assert missing_to_submit(draft) == missing_to_publish(draft) == []


@pytest.mark.parametrize("field", [name for name in NEEDED_TO_PUBLISH if name != "topics"])
def test_text_for_others_is_needed_for_publishing_only(draft, field):
    setattr(draft, field, "  ")
    assert missing_to_submit(draft) == []
    (gap,) = missing_to_publish(draft)
    assert (gap.field, gap.text) == (field, NEEDED_TO_PUBLISH[field])
    assert gap.step == STEP_OF[field]


def test_text_beyond_its_limit_is_named_with_the_characters_too_many(draft):
    draft.approach = "ä" * 4003
    (gap,) = missing_to_submit(draft)
    assert (gap.field, gap.text) == ("approach", "Kürzen Sie den Text um 3 Zeichen.")


@pytest.mark.parametrize(
    ("field", "value", "filled"), [("aim", " ", False), ("aim", "x", True), ("phases", None, True)]
)
def test_blanks_are_nothing(draft, field, value, filled):
    if value is not None:
        setattr(draft, field, value)
    assert is_filled(draft, field) is filled


def test_step_list_tells_open_missing_and_done_apart(bare, gross):
    bare.teaser, bare.results = "Kurz", "Gut"
    states = [(row.number, row.label) for row in steps(bare, URLS)]
    assert states == [
        (1, "Angaben fehlen"),
        (2, "Noch offen"),
        (3, "Fertig"),
        (4, "Freiwillig"),
        (5, "Noch offen"),
    ]
    done = steps(make_practice(gross), URLS, current=5)
    assert [row.label for row in done] == ["Fertig", "Fertig", "Fertig", "Fertig", "Bereit zum Absenden"]
    assert done[-1].state == "current"
