"""How many days before: what may be typed, and which moments follow, also across the nights when clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from meetings import reminder_days

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*parts):
    return datetime(*parts, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("typed", "days"),
    [("28, 17", (28, 17)), ("17 28", (28, 17)), ("7", (7,)), ("1;120 , 60", (120, 60, 1)), (" 30,", (30,))],
)
def test_numbers_are_understood_and_sorted(typed, days):
    assert reminder_days.parse(typed) == days
    assert reminder_days.parse(reminder_days.written(days)) == days


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "ein bis drei Zahlen"),
        ("bald", "ein bis drei Zahlen"),
        ("28,,17", "ein bis drei Zahlen"),
        ("2 8.5", "ein bis drei Zahlen"),
        ("٣", "ein bis drei Zahlen"),
        ("9" * 12, "ein bis drei Zahlen"),
        ("4, 3, 2, 1", "Höchstens 3"),
        ("0", "von 1 bis 120"),
        ("121", "von 1 bis 120"),
        ("17, 17", "nur einmal"),
    ],
)
def test_everything_else_is_told_in_german(typed, words):
    with pytest.raises(ValidationError, match=words):
        reminder_days.validate(typed)


@pytest.mark.parametrize(
    ("start", "days", "moment"),
    [
        (berlin(2027, 4, 10, 10), 14, berlin(2027, 3, 27, 10)),
        (berlin(2027, 3, 28, 10), 1, berlin(2027, 3, 27, 10)),
        (berlin(2027, 10, 31, 10), 17, berlin(2027, 10, 14, 10)),
        (berlin(2027, 11, 1, 9, 30), 1, berlin(2027, 10, 31, 9, 30)),
    ],
)
def test_reminders_come_at_the_hour_of_the_start_also_when_clocks_change(start, days, moment):
    found = reminder_days.moment(start, days)
    assert found == moment
    assert (found.hour, found.minute) == (start.hour, start.minute)


def test_days_after_the_deadline_are_named():
    start, deadline = berlin(2027, 6, 15, 10), berlin(2027, 6, 1, 23, 59)
    assert reminder_days.too_late("28, 14", start, deadline) == ""
    assert "13 Tage vorher (Mi, 2. Juni 2027)" in reminder_days.too_late("28, 13", start, deadline)
    assert "Di, 1. Juni 2027" in reminder_days.too_late("28, 13", start, deadline)
    assert reminder_days.too_late("1", start, None) == ""


def test_a_new_day_that_is_over_is_named_and_an_old_one_may_stay():
    start, now = berlin(2027, 6, 15, 10), berlin(2027, 5, 20, 12)
    assert reminder_days.past("28, 17", "28, 17", start, now) == ""
    assert "30 Tage vorher war So, 16. Mai 2027" in reminder_days.past("30, 17", "28, 17", start, now)


def test_the_sentence_names_each_day_and_what_is_dropped():
    start = berlin(2027, 2, 9, 10)
    early, late = berlin(2027, 1, 1, 12), berlin(2027, 1, 11, 12)
    assert reminder_days.in_words("28, 17", start, now=early) == (
        "Erinnerung am Di, 12. Januar 2027 und am Sa, 23. Januar 2027."
    )
    words = reminder_days.in_words("28, 17", start, asked_at=late, now=late)
    assert words.startswith("Erinnerung am Sa, 23. Januar 2027; am Di, 12. Januar 2027 entfällt")
    assert reminder_days.in_words("28", start, now=berlin(2027, 2, 1, 10)) == "Keine weitere Erinnerung."
