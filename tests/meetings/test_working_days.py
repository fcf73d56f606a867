"""The days that count, and where the tasks of a plan made late go."""

from datetime import date, timedelta

import pytest

from meetings.working_days import Calendar, due_days

NORD = ["DE-SH", "DE-HH", "DE-MV"]
MEETING = date(2027, 6, 9)  # a Wednesday


def days(offsets, today=date(2026, 12, 1), meeting_day=MEETING, states=NORD):
    return due_days(offsets, meeting_day=meeting_day, today=today, calendar=Calendar(states))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2027, 6, 12), "Saturday"),
        (date(2027, 6, 13), "Sunday"),
        (date(2027, 5, 6), "Ascension Day"),
        (date(2027, 3, 8), "Women's Day in Mecklenburg-Vorpommern only"),
        (date(2026, 12, 24), "Christmas Eve"),
        (date(2026, 12, 30), "between the years"),
        (date(2027, 1, 6), "still between the years"),
    ],
)
def test_nobody_works_on(day, why):
    assert not Calendar(NORD).is_working(day), why


def test_a_holiday_of_another_land_is_a_working_day():
    corpus_christi = date(2027, 5, 27)
    assert Calendar(NORD).is_working(corpus_christi)
    assert not Calendar(["DE-BY"]).is_working(corpus_christi)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-42, date(2027, 4, 28)),
        (-17, date(2027, 5, 21)),  # Sunday 23 May → the Friday before
        (-34, date(2027, 5, 5)),  # Ascension Day → the day before
        (3, date(2027, 6, 14)),  # Saturday 12 June → the Monday after
        (0, MEETING),
    ],
)
def test_before_the_meeting_a_free_day_gives_way_to_the_day_before_it_and_afterwards_to_the_day_after(offset, expected):
    (due,) = days([offset])
    assert (due.day, due.is_shortened) == (expected, False)


def test_a_task_never_falls_between_the_years():
    (due,) = days([-20], meeting_day=date(2027, 1, 19), today=date(2026, 10, 1))
    assert due.day == date(2026, 12, 23)


def test_what_would_be_overdue_is_spread_in_its_order_over_the_time_that_is_left():
    today = date(2027, 4, 19)  # 51 days before
    found = days([-112, -84, -70, -42, -14, 1], today=today)
    late, on_time = found[:3], found[3:]
    assert [due.is_shortened for due in found] == [True, True, True, False, False, False]
    assert all(today < due.day <= on_time[0].day for due in late)
    assert [due.day for due in late] == sorted({due.day for due in late})  # each its own day
    assert all(Calendar(NORD).is_working(due.day) for due in found)


def test_where_everything_is_late_all_of_it_lies_before_the_meeting():
    today = MEETING - timedelta(days=20)
    found = days([-112, -84, -70, -42], today=today)
    assert all(today < due.day < MEETING for due in found)
    assert len({due.day for due in found}) == 4


@pytest.mark.parametrize("left", [0, 1, 2])
def test_even_on_the_eve_of_the_meeting_nothing_is_red(left):
    today = MEETING - timedelta(days=left)
    assert all(today <= due.day <= MEETING for due in days([-112, -84, -42, -14], today=today))


@pytest.mark.parametrize("left", range(1, 130, 3))
def test_no_plan_is_red_on_its_first_day(left):
    today = MEETING - timedelta(days=left)
    offsets = [-112, -84, -70, -56, -49, -42, -17, -14, -5, -2, 1, 3, 14, 35]
    found = days(offsets, today=today)
    assert all(due.day >= today for due in found)
    assert [due.is_shortened for due in found] == [days([offset])[0].day < today for offset in offsets]
