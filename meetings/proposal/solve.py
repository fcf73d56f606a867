"""Finding the days: a search that never breaks a rule and leaves a meeting without a day rather than break one.

It starts from the days planned so far, gives the rest the best free day (fewest days first), then tries other days by
simulated annealing: a meeting that takes a day pushes out those that clash, and is taken back unless that helps. At the
end single moves are made as long as one is better. So no meeting is left without a day while one is free beside the
others. Chance is seeded: the same facts give the same plan.
"""

import math
import random
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from meetings.proposal import rules, wishes
from meetings.proposal.facts import Plan, Problem, Slot

EFFORT = 4_000  # tries; a year of 25 meetings takes half a second, and ten times as many find nothing better
_HOT, _COLD = 12.0, 0.05
_MOST_PUSHED = 2


def solve(problem: Problem, *, effort: int = EFFORT, seed: int = 1) -> Plan:
    """A day for as many meetings as possible; fixed ones keep theirs, whatever it breaks."""
    return _Search(problem, seed).run(effort)


class _Search:
    """Days are ordinals, slots are indices; every rule is turned into numbers once."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.chance = random.Random(seed)  # noqa: S311 - a search, no secret
        self.slots: Sequence[Slot] = problem.slots
        self.per_week = problem.settings.per_week
        self.teams = [sorted(problem.teams_of(slot)) for slot in self.slots]
        self.days: list[int | None] = [slot.fixed.toordinal() if slot.fixed else None for slot in self.slots]
        self.free = [number for number, slot in enumerate(self.slots) if not slot.fixed]
        self.weeks: dict[tuple[str, int], list[int]] = {}
        for number, day in enumerate(self.days):
            if day is not None:
                self._note(number, day)
        self.spans = [
            [(other, span) for other in range(len(self.slots)) if other != one and (span := self._span(one, other))]
            for one in range(len(self.slots))
        ]
        self.pairs: list[list[tuple[int, list[float]]]] = [[] for _ in self.slots]
        for one, other in combinations(range(len(self.slots)), 2):
            self._weigh(one, other)
        self.costs: list[dict[int, float]] = [{} for _ in self.slots]
        for one in self.free:
            self.costs[one] = self._candidates(one)
        self.options = [list(found) for found in self.costs]

    # --- rules and wishes as numbers -------------------------------------------------------------
    def _span(self, one: int, other: int) -> tuple[int, int] | None:
        """The distances that all pair rules allow; None when none is about the two."""
        found = [
            span
            for rule in rules.PAIR_RULES
            if (span := rule.span(self.problem, self.slots[one], self.slots[other])) is not None
        ]
        return (max(low for low, _ in found), min(high for _, high in found)) if found else None

    def _weigh(self, one: int, other: int) -> None:
        """The cost of two meetings by the days between them, where there is any; the same list for both."""
        ends = [self._ends(number) for number in (one, other)]
        nearest = max(0, ends[1][0] - ends[0][1], ends[0][0] - ends[1][1])
        farthest = max(ends[1][1] - ends[0][0], ends[0][1] - ends[1][0])
        pair = self.slots[one], self.slots[other]
        costs = [0.0] * nearest + [wishes.of_pair(self.problem, *pair, days) for days in range(nearest, farthest + 1)]
        if any(costs):
            self.pairs[one].append((other, costs))
            self.pairs[other].append((one, costs))

    def _ends(self, one: int) -> tuple[int, int]:
        """The first and the last day the slot can have."""
        slot = self.slots[one]
        return (slot.fixed or slot.first).toordinal(), (slot.fixed or slot.last).toordinal()

    def _candidates(self, one: int) -> dict[int, float]:
        """The days that no day rule and no fixed meeting forbids, with their cost."""
        slot = self.slots[one]
        found = {}
        for day in slot.days():
            if any(rule.says(self.problem, slot, day) for rule in rules.DAY_RULES):
                continue
            number = day.toordinal()
            pushed = self._pushed(one, number)
            if pushed is not None and not pushed:
                found[number] = wishes.of_day(self.problem, slot, day)
        return found

    # --- the state -------------------------------------------------------------------------------
    def _note(self, one: int, day: int) -> None:
        for team in self.teams[one]:
            self.weeks.setdefault((team, (day - 1) // 7), []).append(one)

    def _put(self, one: int, day: int | None) -> None:
        old = self.days[one]
        if old is not None:
            for team in self.teams[one]:
                self.weeks[team, (old - 1) // 7].remove(one)
        self.days[one] = day
        if day is not None:
            self._note(one, day)

    def _pushed(self, one: int, day: int) -> list[int] | None:
        """Whom the slot pushes out when it takes this day; None when a fixed meeting stands against it."""
        pushed = []
        for other, (low, high) in self.spans[one]:
            when = self.days[other]
            if when is not None and not low <= abs(when - day) <= high:
                if self.slots[other].fixed:
                    return None
                pushed.append(other)
        for team in self.teams[one]:
            there = [
                other for other in self.weeks.get((team, (day - 1) // 7), ()) if other != one and other not in pushed
            ]
            movable = [other for other in there if not self.slots[other].fixed]
            for _ in range(len(there) - self.per_week + 1):
                if not movable:
                    return None
                pushed.append(movable.pop())
        return pushed

    def _cost(self, one: int, day: int | None) -> float:
        """What the slot costs on this day beside the others as they stand."""
        if day is None:
            return wishes.UNPLACED
        cost = self.costs[one][day]
        for other, table in self.pairs[one]:
            when = self.days[other]
            if when is not None:
                cost += table[abs(when - day)]
        return cost

    # --- the search ------------------------------------------------------------------------------
    def run(self, effort: int) -> Plan:
        for one in self.free:
            current = self.slots[one].current
            if current and current.toordinal() in self.costs[one] and self._pushed(one, current.toordinal()) == []:
                self._put(one, current.toordinal())
        for one in sorted(self.free, key=lambda number: (len(self.options[number]), number)):
            if self.days[one] is None:
                self._settle(one)
        best, best_cost = list(self.days), self._total()
        open_slots = self._worth_trying()
        total = best_cost
        for step in range(effort if open_slots else 0):
            heat = _HOT * (_COLD / _HOT) ** (step / effort)
            total += self._try(self.chance.choice(open_slots), heat)
            if total < best_cost - 1e-6:
                best, best_cost = list(self.days), total
        for one in self.free:
            self._put(one, None)
        for one in self.free:
            self._put(one, best[one])
        self._polish()
        return {
            slot.key: date.fromordinal(day) for slot, day in zip(self.slots, self.days, strict=True) if day is not None
        }

    def _worth_trying(self) -> list[int]:
        """Whom to move: those without a planned day; everybody when one has no day at all."""
        unplaced = any(self.days[one] is None for one in self.free)
        return [
            one
            for one in self.free
            if len(self.options[one]) > (self.days[one] is not None) and (unplaced or not self._is_as_planned(one))
        ]

    def _is_as_planned(self, one: int) -> bool:
        current = self.slots[one].current
        return current is not None and current.toordinal() == self.days[one]

    def _total(self) -> float:
        """The cost of the whole plan; each pair counts once."""
        cost = 0.0
        for one in self.free:
            cost += wishes.UNPLACED if self.days[one] is None else self.costs[one][self.days[one] or 0]
        for one, day in enumerate(self.days):
            for other, table in self.pairs[one] if day is not None else ():
                when = self.days[other]
                if when is not None and other > one:
                    cost += table[abs(when - (day or 0))]
        return cost

    def _try(self, one: int, heat: float) -> float:
        """One random move; what it changed in the plan's cost (0 when it was taken back)."""
        day = self.chance.choice(self.options[one])
        old = self.days[one]
        if day == old:
            return 0.0
        pushed = self._pushed(one, day)
        if pushed is None or len(pushed) > _MOST_PUSHED:
            return 0.0
        before = [(other, self.days[other]) for other in pushed]
        change = -self._cost(one, old)
        self._put(one, None)
        for other, when in before:
            change += wishes.UNPLACED - self._cost(other, when)
            self._put(other, None)
        change += self._cost(one, day)
        self._put(one, day)
        for other, _ in before:
            change += self._settle(other)
        if change <= 0 or self.chance.random() < math.exp(-change / heat):
            return change
        for other in pushed:
            self._put(other, None)
        self._put(one, old)
        for other, when in before:
            self._put(other, when)
        return 0.0

    def _settle(self, one: int) -> float:
        """The best free day for a slot without one; what that changed."""
        choices = [(self._cost(one, day), day) for day in self.options[one] if self._pushed(one, day) == []]
        if not choices:
            return 0.0
        cost, day = min(choices)
        self._put(one, day)
        return cost - wishes.UNPLACED

    def _polish(self) -> None:
        """Single moves, as long as one makes the plan better."""
        better = True
        while better:
            better = False
            for one in self.free:
                old, now = self.days[one], self._cost(one, self.days[one])
                self._put(one, None)
                choices = [(self._cost(one, day), day) for day in self.options[one] if self._pushed(one, day) == []]
                cost, day = min(choices, default=(wishes.UNPLACED, 0))
                if cost < now - 1e-6:
                    self._put(one, day)
                    better = True
                else:
                    self._put(one, old)
