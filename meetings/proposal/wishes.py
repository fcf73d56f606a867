"""What a good date should be, as costs: wishes never outweigh a rule, and keeping a planned day outweighs them all.

Costs have no unit; one point is the difference between a Tuesday and a Wednesday.
"""

from datetime import date, timedelta

from meetings.proposal.facts import Kind, Problem, Slot
from meetings.proposal.rules import late_start

UNPLACED = 1_000_000.0
MOVED = 10_000.0
ALLOWED = 60.0  # a blocked day that was allowed with a reason is the last choice
BRIDGE = 6.0
EVEN = 0.08  # for each day away from the middle between the smallest and the largest distance
SPREAD_DAYS, SPREAD = 8, 0.6  # meetings of one round stand apart, so that a month is not full and the next one empty
SAME_DAY = 6.0  # two teams at once: the guests of BMAS and ZAV cannot be in two places


def of_day(problem: Problem, slot: Slot, day: date) -> float:
    """The cost of a day by itself."""
    cost = 0.0 if day.weekday() == problem.settings.best_weekday else 1.0
    if bridges(problem, slot, day):
        cost += BRIDGE
    if any(row.kind in (Kind.SCHOOL_HOLIDAY, Kind.OTHER) for row in problem.blocked_on(slot, day)):
        cost += ALLOWED
    for lane in problem.lanes_of(slot):
        if lane.previous and slot.round == 1:
            off = (day - lane.previous).days - middle(problem)
            cost += EVEN * (3 * max(0.0, off) if late_start(problem, slot) else abs(off))
    if slot.current and day != slot.current:
        cost += MOVED + min(abs((day - slot.current).days), 300) * 2
    return cost


def bridges(problem: Problem, slot: Slot, day: date) -> str:
    """The public holiday next to the day, for which people take leave; "" without one."""
    for beside in (day - timedelta(days=1), day + timedelta(days=1)):
        for row in problem.blocked_on(slot, beside):
            if row.kind == Kind.PUBLIC_HOLIDAY:
                return f"{row.words} am {beside:%d.%m.%Y}"
    return ""


def middle(problem: Problem) -> float:
    """The distance that is wanted between a region's meetings, in days."""
    return (problem.settings.least_gap + problem.settings.largest_gap) / 2


def of_pair(problem: Problem, slot: Slot, other: Slot, days: int) -> float:
    """The cost of two days beside each other, by the number of days between them."""
    cost = SAME_DAY if days == 0 else 0.0
    if slot.round is None or other.round is None:
        return cost
    if slot.round == other.round:
        return cost + SPREAD * max(0, SPREAD_DAYS - days)
    if abs(slot.round - other.round) == 1 and set(slot.lanes) & set(other.lanes):
        return cost + EVEN * abs(days - middle(problem))
    return cost
