"""A whole year proposed from nothing, judged by the tests' checker, beside trying days by chance for as long."""

import json
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

REPEATS = 5
WORDS = Path(__file__).resolve().parents[2] / "mobipro" / "base_data" / "vocabulary.json"


def run(n: int) -> Iterator[dict[str, Any]]:
    """Seconds for 24 + 1 dates with their reasons, and the broken rules: `n` repeats, five unless told."""
    import django

    django.setup()
    from meetings.proposal import propose
    from tests.meetings import years

    problem = _year()
    seconds = []
    for _ in range(n or REPEATS):
        started = time.perf_counter()
        outcome = propose(problem)
        seconds.append(time.perf_counter() - started)
    value = round(median(seconds), 3)
    chance, placed = _by_chance(problem, value)
    common = {"n": len(problem.slots)}
    yield {
        **common,
        "name": "plan.year",
        "value": value,
        "unit": "s",
        "baseline": "goal: under 10 s",
        "baseline_value": 10,
    }
    plan = outcome.plan
    broken = [slot for slot in problem.slots if not years.is_free(problem, plan, slot, plan.get(slot.key, date.min))]
    yield {**common, "name": "plan.broken_rules_or_missing", "value": len(broken), "unit": "meetings", "baseline": None}
    explained = sum(bool(row.choices and row.choices[0].reasons) for row in outcome.rows)
    yield {**common, "name": "plan.dates_with_reasons", "value": explained, "unit": "meetings", "baseline": None}
    yield {
        **common,
        "name": "plan.dates_found",
        "value": len(plan),
        "unit": "meetings",
        "baseline": f"random free days for as long ({chance} tries)",
        "baseline_value": placed,
    }


def _year() -> Any:
    """2027 with the real public holidays, school holidays in two waves, three teams and last year's meetings."""
    from meetings.plan_facts import NATIONAL
    from meetings.planning import WINDOWS
    from meetings.proposal import Blocked, Kind, Lane, Problem, Slot
    from regions.public_holidays import public_holidays

    def blocked(codes: list[str], wave: int) -> tuple[Any, ...]:
        found = [Blocked(row.day, row.day, Kind.PUBLIC_HOLIDAY, row.name) for row in public_holidays(codes, 2027)]
        for month, day, length in ((2, 1, 6), (3, 22, 13), (5, 18, 11), (7, 1, 43), (10, 4, 13)):
            first = date(2027, month, day) + timedelta(days=7 * wave)
            found.append(Blocked(first, first + timedelta(days=length), Kind.SCHOOL_HOLIDAY, "Ferien"))
        return tuple(found)

    lanes, every = [], []
    for index, (_, code, name, _, states) in enumerate(json.loads(WORDS.read_text())["regions"]):
        every += states
        previous = date(2026, 9, 22) + timedelta(days=7 * index)
        lanes.append(Lane(code, name, (f"Team {index % 3}",), blocked(states, index % 2), previous=previous))
    lanes.append(Lane(NATIONAL, "bundesweit", ("Team 0", "Team 1", "Team 2"), blocked(every, 0)))
    slots = [
        Slot(f"{lane.key}-{number}", number, (lane.key,), *(date(2027, *end) for end in WINDOWS[number]))
        for lane in lanes
        for number in ((None,) if lane.key == NATIONAL else (1, 2, 3))
    ]
    return Problem(tuple(lanes), tuple(slots))


def _by_chance(problem: Any, seconds: float) -> tuple[int, int]:
    """The most meetings dated by drawing any free day for each in random order, again and again for as long."""
    from tests.meetings import years

    chance = random.Random(1)  # noqa: S311 - the same in every run
    best = tries = 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        tries += 1
        plan: dict[str, date] = {}
        for slot in chance.sample(problem.slots, len(problem.slots)):
            days = [day for day in years.days_of(slot) if years.is_free(problem, plan, slot, day)]
            if days:
                plan[slot.key] = chance.choice(days)
        best = max(best, len(plan))
    return tries, best
