"""The proposer: 200 random years before a checker that asks none of its rules (years.py), and its sentences."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from meetings.proposal import Allowed, Blocked, Host, Kind, Lane, Problem, Slot, Veto, propose, turns
from meetings.proposal.facts import Settings
from meetings.proposal.rules import broken
from tests.meetings import years

QUICK = 500  # tries a year; enough for the rules, which hold at every moment of the search


@pytest.mark.slow
@pytest.mark.parametrize("tens", range(20))
def test_no_rule_is_broken_or_there_truly_is_no_day(tens):
    for seed in range(tens * 10, tens * 10 + 10):
        problem = years.random_year(seed)
        outcome = propose(problem, effort=QUICK)
        for row in outcome.rows:
            slot, day = row.slot, outcome.plan.get(row.slot.key)
            free = [other for other in years.days_of(slot) if years.is_free(problem, outcome.plan, slot, other)]
            if slot.fixed:
                assert day == slot.fixed
            elif day:
                assert {choice.day for choice in row.choices} <= set(free), (seed, slot.key, row.choices)
            else:
                assert free == [], (seed, slot.key)
                assert sum(int(number) for number in re.findall(r"(\d+) wegen", row.problem)) == len(
                    years.days_of(slot)
                )


def test_the_checker_can_fail():
    problem = years.random_year(3)
    plan = propose(problem, effort=QUICK).plan
    for slot in problem.slots:
        if not slot.fixed and slot.key in plan:
            assert not years.is_free(
                problem, plan, slot, plan[slot.key] + timedelta(days=(5 - plan[slot.key].weekday()))
            )


# --- one small network ---------------------------------------------------------------------------
NORD = Lane("NORD", "Nord", ("Kaya",), where="Hamburg")
BAYERN = Lane("BY", "Bayern", ("Brandner",), where="Bayern")
BUND = Lane("BUND", "bundesweit", ("Kaya", "Brandner"), where="allen Ländern")
USUAL = Settings()
WHITSUN = Blocked(date(2031, 6, 2), date(2031, 6, 13), Kind.SCHOOL_HOLIDAY, "Pfingstferien", "Bayern")


def slot(lane, number, first, last, **fields):
    return Slot(f"{lane}-{number}", number, (lane,), first, last, **fields)


def second(lane="BY", first=date(2031, 6, 2), last=date(2031, 6, 20), **fields):
    return slot(lane, 2, first, last, **fields)


def result(*slots, lanes=(NORD, BAYERN, BUND), settings=USUAL):
    problem = Problem(tuple(lanes), tuple(slots), settings)
    return problem, {row.slot.key: row for row in propose(problem, effort=QUICK).rows}


def blocked_bavaria(*rows):
    return NORD, replace(BAYERN, blocked=rows), BUND


def test_a_date_names_its_reasons_and_the_next_best():
    _, rows = result(second(), lanes=blocked_bavaria(WHITSUN))
    row = rows["BY-2"]
    assert row.day == date(2031, 6, 18)
    assert row.choices[0].reasons[0] == "Mittwoch, kein Feiertag, keine Schulferien und keine Sperrzeit in Bayern."
    assert [choice.day for choice in row.choices[1:]] == [date(2031, 6, 17), date(2031, 6, 19)]
    assert row.refused["Schulferien: Pfingstferien in Bayern."][0] == date(2031, 6, 3)


def test_the_same_facts_give_the_same_plan():
    problem = years.random_year(11)
    assert propose(problem, effort=QUICK) == propose(problem, effort=QUICK)


def test_a_window_full_of_holidays_is_said_in_words_and_counted():
    _, rows = result(second(last=date(2031, 6, 13)), lanes=blocked_bavaria(WHITSUN))
    assert rows["BY-2"].problem == (
        "In Runde 2 ist für Bayern kein Tag frei, weil alle 12 Tage vom 02.06. bis 13.06.2031 ausscheiden: "
        "6 wegen des Wochentags und 6 wegen Schulferien. "
        "Lassen Sie Schulferien mit einem Grund zu, oder ändern Sie den Zeitraum der Runde."
    )


def test_allowed_school_holidays_give_a_date_that_says_so():
    allowed = (Allowed(Kind.SCHOOL_HOLIDAY, "Die Träger haben zugestimmt."),)
    _, rows = result(second(last=date(2031, 6, 13), allowed=allowed), lanes=blocked_bavaria(WHITSUN))
    choice = rows["BY-2"].choices[0]
    assert choice.day == date(2031, 6, 4)
    assert choice.doubts == ("Pfingstferien in Bayern – zugelassen: Die Träger haben zugestimmt.",)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Blocked(date(2031, 6, 18), date(2031, 6, 18), Kind.PUBLIC_HOLIDAY, "Festtag", "Bayern"), "Feiertag: Festtag"),
        (Blocked(date(2031, 6, 16), date(2031, 6, 18), Kind.FUNDER, "Haushalt"), "Durch BMAS oder ZAV gesperrt: Haush"),
        (Blocked(date(2031, 6, 18), date(2031, 6, 18), Kind.OTHER, "Prüfung", "Bayern"), "Sperrzeit: Prüfung in Bay"),
    ],
)
def test_a_blocked_day_is_left_and_named(row, words):
    _, rows = result(second(first=date(2031, 6, 16)), lanes=blocked_bavaria(row))
    assert rows["BY-2"].day != date(2031, 6, 18)
    assert any(sentence.startswith(words) for sentence in rows["BY-2"].refused)


def test_a_refused_day_is_left_with_the_name_of_who_refused_it():
    veto = Veto(date(2031, 6, 18), "Landesfest", "Veit Brandner")
    _, rows = result(second(first=date(2031, 6, 16), vetoes=(veto,)))
    assert rows["BY-2"].day == date(2031, 6, 17)
    assert rows["BY-2"].refused == {"Veit Brandner hat den Tag abgelehnt: Landesfest": [date(2031, 6, 18)]}


def test_nobody_meets_within_14_days_of_the_national_meeting():
    national = slot("BUND", None, date(2031, 5, 21), date(2031, 5, 21), fixed=date(2031, 5, 21))
    _, rows = result(national, second(first=date(2031, 5, 22), last=date(2031, 6, 5)))
    assert rows["BY-2"].day == date(2031, 6, 4)
    assert "14 Tage Abstand zum bundesweiten Treffen." in rows["BY-2"].choices[0].reasons
    assert "Nur 7 Tage Abstand zum bundesweiten Treffen am 21.05.2031 (mindestens 14)." in rows["BY-2"].refused


def test_one_team_has_a_travel_day_between_two_meetings_and_two_a_week():
    lanes = (NORD, replace(BAYERN, teams=("Kaya",)), BUND)
    there = second("NORD", fixed=date(2031, 6, 18))
    problem, rows = result(there, second(first=date(2031, 6, 16)), lanes=lanes)
    assert rows["BY-2"].problem.startswith("In Runde 2 ist für Bayern kein Tag frei, weil alle 5 Tage")
    sentences = dict(broken(problem, {"NORD-2": date(2031, 6, 18)}, problem.slots[1], date(2031, 6, 17)))
    assert sentences["team"] == "Das Team ist am 18.06.2031 bei dem Treffen in Nord; dazwischen fehlt der Reisetag."
    _, rows = result(there, second(first=date(2031, 6, 16)), lanes=lanes, settings=Settings(travel_days=0))
    assert rows["BY-2"].choices[0].reasons[-1] == "In derselben Woche: Nord (Mi, 18.06.2031)."


def test_distances_in_a_region_are_kept_to_the_year_before_too():
    lanes = (NORD, replace(BAYERN, previous=date(2030, 11, 20)), BUND)
    first = slot("BY", 1, date(2031, 1, 1), date(2031, 4, 30))
    last = slot("BY", 2, date(2031, 5, 2), date(2031, 8, 31))
    _, rows = result(first, last, lanes=lanes)
    assert 50 <= (rows["BY-1"].day - date(2030, 11, 20)).days <= 150
    assert 50 <= (rows["BY-2"].day - rows["BY-1"].day).days <= 150


def test_a_window_that_begins_too_late_for_last_years_meeting_waives_the_upper_distance_and_says_so():
    lanes = (NORD, replace(BAYERN, previous=date(2030, 9, 3)), BUND)
    _, rows = result(slot("BY", 1, date(2031, 2, 1), date(2031, 4, 10)), lanes=lanes)
    assert rows["BY-1"].day < date(2031, 2, 10)
    assert "innerhalb von 150 Tagen ist im Zeitraum kein Tag frei" in rows["BY-1"].choices[0].reasons[1]


def test_a_planned_day_stays_and_what_must_move_says_why():
    planned = [second(current=date(2031, 6, 4)), second("NORD", current=date(2031, 6, 12))]
    _, rows = result(*planned)
    assert [(row.day, row.moved) for row in rows.values()] == [(date(2031, 6, 4), ""), (date(2031, 6, 12), "")]
    _, rows = result(*planned, lanes=blocked_bavaria(WHITSUN))
    assert rows["NORD-2"].day == date(2031, 6, 12)
    assert rows["BY-2"].day > WHITSUN.last
    assert rows["BY-2"].moved == "Schulferien: Pfingstferien in Bayern."


def test_a_fixed_date_stays_even_on_a_blocked_day_and_warns():
    _, rows = result(second(fixed=date(2031, 6, 4)), lanes=blocked_bavaria(WHITSUN))
    assert rows["BY-2"].day == date(2031, 6, 4)
    assert rows["BY-2"].choices[0].doubts == ("Schulferien: Pfingstferien in Bayern.",)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_moved_could_not_stay(seed):
    problem = years.random_year(seed)
    outcome = propose(problem, effort=QUICK)
    for row in outcome.rows:
        if row.moved:
            assert not years.is_free(problem, outcome.plan, row.slot, row.slot.current) or not (
                row.slot.first <= row.slot.current <= row.slot.last
            )


def test_missing_school_holidays_are_named_and_make_the_proposal_incomplete():
    problem = Problem((replace(NORD, unknown=("Sachsen",)), BUND), (second("NORD"),))
    outcome = propose(problem, effort=QUICK)
    assert outcome.notes == ("Für Sachsen fehlen die Schulferien 2031 – Vorschlag unvollständig.",)
    assert "Die Schulferien für Sachsen fehlen noch." in outcome.rows[0].choices[0].doubts


def test_hosts_take_turns_who_never_hosted_first():
    often, once, never = Host(1, "A", 3, date(2029, 5, 1)), Host(2, "B", 1, date(2028, 5, 1)), Host(3, "C")
    found = turns([often, once, never], 3)
    assert [turn.host.name for turn in found] == ["C", "B", "A"]
    assert found[0].reason == "C war noch nie Gastgeber."
    assert found[2].reason == "A war 3-mal Gastgeber, zuletzt am 01.05.2029."
    assert turns([never, once], 1, taken=[3])[0].host == once
    assert turns([], 2) == []
