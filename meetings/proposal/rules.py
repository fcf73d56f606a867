"""The rules of a year's dates, each an object with its German sentence.

A `DayRule` looks at one day of one meeting; a `PairRule` limits the distance between the days of two meetings; the
week's limit looks at all meetings of a team. The solver (solve.py) is compiled from these objects, the sentences
(explain.py) come from them: a rule is written once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from meetings.proposal.facts import Kind, Plan, Problem, Slot, listed, week_of

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_FAR = 10_000  # days; "no upper limit"


def written(day: date) -> str:
    """ "Mi, 21.04.2027"."""
    return f"{WEEKDAYS[day.weekday()][:2]}, {day:%d.%m.%Y}"


@dataclass(frozen=True)
class DayRule:
    """One day of one meeting. `cause` completes "7 wegen …"; `says` gives the sentence, "" when the day is fine."""

    key: str
    cause: str
    says: Callable[[Problem, Slot, date], str]


@dataclass(frozen=True)
class PairRule:
    """Two meetings: the days between them must lie in `span` (both ends included; None: the rule is not about them).

    `says` gives the sentence for a day of the first meeting beside the second's.
    """

    key: str
    cause: str
    span: Callable[[Problem, Slot, Slot], tuple[int, int] | None]
    says: Callable[[Problem, Slot, Slot, int, date], str]


# --- one day -------------------------------------------------------------------------------------
def _weekday(problem: Problem, slot: Slot, day: date) -> str:
    if day.weekday() in problem.settings.weekdays:
        return ""
    wanted = listed([WEEKDAYS[number] for number in problem.settings.weekdays])
    return f"Der Tag ist ein {WEEKDAYS[day.weekday()]}; Treffen liegen auf {wanted}."


def _past(problem: Problem, slot: Slot, day: date) -> str:
    return "" if day >= problem.not_before else "Der Tag liegt in der Vergangenheit."


def _blocked(kind: Kind, sentence: str) -> Callable[[Problem, Slot, date], str]:
    def says(problem: Problem, slot: Slot, day: date) -> str:
        if slot.allows(kind):
            return ""
        rows = [row.words for row in problem.blocked_on(slot, day) if row.kind == kind]
        return sentence.format(listed(list(dict.fromkeys(rows)))) if rows else ""

    return says


def _vetoed(problem: Problem, slot: Slot, day: date) -> str:
    for veto in slot.vetoes:
        if veto.day == day:
            return f"{veto.by or 'Die Region'} hat den Tag abgelehnt: {veto.reason}"
    return ""


def _after_last_year(problem: Problem, slot: Slot, day: date) -> str:
    """The distances to the region's last meeting of the year before."""
    if slot.round != 1:
        return ""
    numbers = problem.settings
    for lane in problem.lanes_of(slot):
        if lane.previous is None:
            continue
        days = (day - lane.previous).days
        where = f"nach dem Treffen in {lane.name} am {lane.previous:%d.%m.%Y}"
        if days < numbers.least_gap:
            return f"Nur {days} Tage {where} (mindestens {numbers.least_gap})."
        if days > numbers.largest_gap and not slot.allows(Kind.DISTANCE) and not late_start(problem, slot):
            return f"{days} Tage {where} (höchstens {numbers.largest_gap})."
    return ""


BEFORE_GAPS = (
    DayRule("weekday", "des Wochentags", _weekday),
    DayRule("past", "der Vergangenheit", _past),
    DayRule("public_holiday", "Feiertagen", _blocked(Kind.PUBLIC_HOLIDAY, "Feiertag: {}.")),
    DayRule("school_holiday", "Schulferien", _blocked(Kind.SCHOOL_HOLIDAY, "Schulferien: {}.")),
    DayRule("other", "anderer Sperrzeiten", _blocked(Kind.OTHER, "Sperrzeit: {}.")),
    DayRule("funder", "Sperren von BMAS und ZAV", _blocked(Kind.FUNDER, "Durch BMAS oder ZAV gesperrt: {}.")),
    DayRule("veto", "einer Ablehnung der Region", _vetoed),
)
DAY_RULES = (*BEFORE_GAPS, DayRule("previous", "des Abstands zum Vorjahr", _after_last_year))


def late_start(problem: Problem, slot: Slot) -> bool:
    """Whether no day of the window that is free by itself reaches the largest distance to the year before.

    Then that distance cannot be meant (the window was set by people), and the plan only draws the date forward.
    """
    if slot.key not in problem.late_starts:
        problem.late_starts[slot.key] = _starts_late(problem, slot)
    return problem.late_starts[slot.key]


def _starts_late(problem: Problem, slot: Slot) -> bool:
    lasts = [lane.previous for lane in problem.lanes_of(slot) if lane.previous]
    if slot.round != 1 or not lasts:
        return False
    latest = min(lasts) + timedelta(days=problem.settings.largest_gap)
    earliest = max(lasts) + timedelta(days=problem.settings.least_gap)
    reachable = (day for day in slot.days() if earliest <= day <= latest)
    return not any(all(not rule.says(problem, slot, day) for rule in BEFORE_GAPS) for day in reachable)


# --- two meetings --------------------------------------------------------------------------------
def _region_span(problem: Problem, slot: Slot, other: Slot) -> tuple[int, int] | None:
    if slot.round is None or other.round is None or not set(slot.lanes) & set(other.lanes):
        return None
    following = abs(slot.round - other.round) == 1
    allowed = slot.allows(Kind.DISTANCE) or other.allows(Kind.DISTANCE)
    return problem.settings.least_gap, problem.settings.largest_gap if following and not allowed else _FAR


def _region_says(problem: Problem, slot: Slot, other: Slot, days: int, when: date) -> str:
    shared = listed([problem.lane_of[key].name for key in slot.lanes if key in other.lanes])
    if days < problem.settings.least_gap:
        return f"Nur {_days(days)} Abstand zum Treffen in {shared} am {when:%d.%m.%Y} " + (
            f"(mindestens {problem.settings.least_gap})."
        )
    return (
        f"{_days(days)} Abstand zum Treffen in {shared} am {when:%d.%m.%Y} (höchstens {problem.settings.largest_gap})."
    )


def _national_span(problem: Problem, slot: Slot, other: Slot) -> tuple[int, int] | None:
    return (problem.settings.around_national, _FAR) if slot.is_national != other.is_national else None


def _national_says(problem: Problem, slot: Slot, other: Slot, days: int, when: date) -> str:
    least = problem.settings.around_national
    if other.is_national:
        return f"Nur {_days(days)} Abstand zum bundesweiten Treffen am {when:%d.%m.%Y} (mindestens {least})."
    return f"Nur {_days(days)} Abstand zum Treffen in {problem.name_of(other)} am {when:%d.%m.%Y} (mindestens {least})."


def _team_span(problem: Problem, slot: Slot, other: Slot) -> tuple[int, int] | None:
    return (problem.settings.travel_days + 1, _FAR) if problem.teams_of(slot) & problem.teams_of(other) else None


def _team_says(problem: Problem, slot: Slot, other: Slot, days: int, when: date) -> str:
    if days == 0:
        return f"Das Team ist an diesem Tag schon bei {_held(problem, other)}."
    return f"Das Team ist am {when:%d.%m.%Y} bei {_held(problem, other)}; dazwischen fehlt der Reisetag."


def _held(problem: Problem, slot: Slot) -> str:
    return "dem bundesweiten Treffen" if slot.is_national else f"dem Treffen in {problem.name_of(slot)}"


def _days(number: int) -> str:
    return "1 Tag" if number == 1 else f"{number} Tage"


PAIR_RULES = (
    PairRule("gap", "des Abstands in der Region", _region_span, _region_says),
    PairRule("national", "der Nähe zum bundesweiten Treffen", _national_span, _national_says),
    PairRule("team", "anderer Treffen des Teams", _team_span, _team_says),
)
WEEK = "week"
CAUSES = {
    **{rule.key: rule.cause for rule in DAY_RULES},
    **{rule.key: rule.cause for rule in PAIR_RULES},
    WEEK: "voller Wochen des Teams",
}


def broken(problem: Problem, plan: Plan, slot: Slot, day: date) -> Iterator[tuple[str, str]]:
    """Every rule that forbids this day beside the others of the plan, as (key, sentence); the clearest first."""
    for rule in DAY_RULES:
        sentence = rule.says(problem, slot, day)
        if sentence:
            yield rule.key, sentence
    others = [(other, plan[other.key]) for other in problem.slots if other.key != slot.key and other.key in plan]
    for pair in PAIR_RULES:
        for other, when in others:
            span, days = pair.span(problem, slot, other), abs((when - day).days)
            if span and not span[0] <= days <= span[1]:
                yield pair.key, pair.says(problem, slot, other, days, when)
    yield from _full_weeks(problem, slot, day, others)


def _full_weeks(problem: Problem, slot: Slot, day: date, others: list[tuple[Slot, date]]) -> Iterator[tuple[str, str]]:
    for team in sorted(problem.teams_of(slot)):
        same = [row for row in others if week_of(row[1]) == week_of(day) and team in problem.teams_of(row[0])]
        if len(same) >= problem.settings.per_week:
            held = listed([f"{problem.name_of(other)} ({written(when)})" for other, when in same])
            yield WEEK, f"Das Team hat in dieser Woche schon {len(same)} Treffen: {held}."
