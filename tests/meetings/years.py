"""Random years for the proposer, and a checker with its own code: it asks no rule of meetings/proposal."""

import random
from collections import Counter
from datetime import date, timedelta

from meetings.proposal import Allowed, Blocked, Kind, Lane, Problem, Settings, Slot, Veto

WINDOWS = {1: ((2, 1), (4, 10)), None: ((3, 10), (5, 31)), 2: ((5, 2), (7, 5)), 3: ((9, 1), (11, 30))}
NAMES = ("Nord", "Niedersachsen-Bremen", "Ost", "Sachsen", "Mitte", "West", "Bayern", "Baden-Württemberg")
DAY = timedelta(days=1)


def blocked(chance, year, kind, longest, name="Sperre"):
    first = date(year, 1, 1) + DAY * chance.randrange(365)
    return Blocked(first, first + DAY * chance.randrange(longest), kind, name, "Beispielland")


def random_year(seed):
    """Regions, windows, holidays, blocked periods, teams, fixed and planned days, by chance; some are hard."""
    chance = random.Random(seed)  # noqa: S311 - the same years in every run
    year = 2020 + seed % 20
    tight = chance.random() < 0.4
    teams = [f"Team {number}" for number in range(chance.randint(1, 4))]
    lanes = []
    for name in NAMES[: chance.randint(2, 8)]:
        rows = [blocked(chance, year, Kind.PUBLIC_HOLIDAY, 1, "Feiertag") for _ in range(chance.randint(5, 14))]
        rows += [
            blocked(chance, year, Kind.SCHOOL_HOLIDAY, 45 if tight else 20, "Ferien")
            for _ in range(chance.randint(0, 9 if tight else 5))
        ]
        rows += [blocked(chance, year, Kind.OTHER, 12, "Prüfungen") for _ in range(chance.randint(0, 3))]
        rows += [blocked(chance, year, Kind.FUNDER, 8, "Haushalt") for _ in range(chance.randint(0, 3))]
        previous = date(year - 1, 9, 1) + DAY * chance.randrange(100) if chance.random() < 0.7 else None
        lanes.append(Lane(name, name, (chance.choice(teams),), tuple(rows), "Beispielland", (), previous))
    all_rows = tuple(row for lane in lanes for row in lane.blocked if row.kind != Kind.OTHER)
    lanes.append(Lane("BUND", "bundesweit", tuple(teams), all_rows))
    settings = Settings(
        weekdays=chance.choice([(1, 2, 3), (1, 2, 3), (0, 1, 2, 3, 4), (2,)]),
        per_week=chance.choice([1, 2, 2, 3]),
        travel_days=chance.choice([0, 1, 1]),
        around_national=chance.choice([7, 14, 14]),
        least_gap=chance.choice([30, 50, 50, 70]),
        largest_gap=chance.choice([130, 150, 180]),
    )
    slots = [
        random_slot(chance, year, number, lane.key)
        for lane in lanes
        for number in ((None,) if lane.key == "BUND" else (1, 2, 3))
    ]
    return Problem(tuple(lanes), tuple(slots), settings, date(year, 1, 1) + DAY * chance.choice([0, 0, 0, 50]))


def random_slot(chance, year, number, lane):
    (month, day), (end_month, end_day) = WINDOWS[number]
    first = date(year, month, day) + DAY * chance.randint(-10, 25)
    last = max(first + DAY * chance.randint(2, 20), date(year, end_month, end_day) - DAY * chance.randint(0, 30))
    some_day = first + DAY * chance.randrange((last - first).days + 1)
    fate = chance.random()
    return Slot(
        f"{year}-{lane}-{number}",
        number,
        (lane,),
        first,
        last,
        fixed=some_day if fate < 0.1 else None,
        current=some_day if 0.1 <= fate < 0.35 else None,
        vetoes=tuple(
            Veto(first + DAY * offset, "Landesfest", "Frau Kaya") for offset in range(chance.choice([0, 0, 9]))
        ),
        allowed=tuple(
            Allowed(kind, "sonst geht nichts") for kind in (Kind.SCHOOL_HOLIDAY, Kind.DISTANCE) if chance.random() < 0.1
        ),
    )


# --- the checker ---------------------------------------------------------------------------------
def days_of(slot):
    return [slot.first + DAY * number for number in range((slot.last - slot.first).days + 1)]


def stands_alone(problem, slot, day):
    """Whether weekday, holidays, blocked periods and refusals leave the day free."""
    if day.weekday() not in problem.settings.weekdays or day < problem.not_before:
        return False
    if day in [veto.day for veto in slot.vetoes]:
        return False
    allowed = [row.kind for row in slot.allowed]
    rows = [row for lane in problem.lanes if lane.key in slot.lanes for row in lane.blocked]
    return not any(row.first <= day <= row.last and row.kind not in allowed for row in rows)


def fits_last_year(problem, slot, day):
    lasts = [lane.previous for lane in problem.lanes if lane.key in slot.lanes and lane.previous]
    if slot.round != 1 or not lasts:
        return True
    least, largest = problem.settings.least_gap, problem.settings.largest_gap
    if any((day - last).days < least for last in lasts):
        return False
    within = [
        other
        for other in days_of(slot)
        if stands_alone(problem, slot, other) and all(least <= (other - last).days <= largest for last in lasts)
    ]
    if Kind.DISTANCE in [row.kind for row in slot.allowed]:
        return True
    return not within or all((day - last).days <= largest for last in lasts)


def teams(problem, slot):
    return {team for lane in problem.lanes if lane.key in slot.lanes for team in lane.teams}


def fits_others(problem, plan, slot, day):
    numbers = problem.settings
    weeks = Counter(dict.fromkeys(teams(problem, slot), 1))
    for other in problem.slots:
        if other.key == slot.key or other.key not in plan:
            continue
        apart = abs((plan[other.key] - day).days)
        if (slot.round is None) != (other.round is None) and apart < numbers.around_national:
            return False
        if slot.round and other.round and set(slot.lanes) & set(other.lanes):
            if apart < numbers.least_gap:
                return False
            far_allowed = Kind.DISTANCE in [row.kind for row in (*slot.allowed, *other.allowed)]
            if abs(slot.round - other.round) == 1 and apart > numbers.largest_gap and not far_allowed:
                return False
        shared = teams(problem, slot) & teams(problem, other)
        if shared and apart <= numbers.travel_days:
            return False
        if plan[other.key].isocalendar()[:2] == day.isocalendar()[:2]:
            weeks.update(shared)
    return all(number <= numbers.per_week for number in weeks.values())


def is_free(problem, plan, slot, day):
    return (
        stands_alone(problem, slot, day)
        and fits_last_year(problem, slot, day)
        and fits_others(problem, plan, slot, day)
    )
