"""The plan in words: each date with its reasons, the next best, what moved and why; and why a meeting has no day."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from meetings.proposal import wishes
from meetings.proposal.facts import Kind, Plan, Problem, Slot, listed, week_of
from meetings.proposal.rules import CAUSES, WEEKDAYS, broken, late_start, written
from meetings.proposal.solve import EFFORT, solve

CHOICES = 3


@dataclass(frozen=True)
class Choice:
    """One day with what speaks for it, and what against (`doubts`)."""

    day: date
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposed:
    """What the proposer says about one meeting.

    `choices`: the proposed day, then second and third best (each beside the other meetings' proposed days); empty with
    `problem` saying why. `moved`: why the day planned so far was left. `refused`: the other days of the window
    that lie on a wanted weekday, grouped by the sentence that rules them out.
    """

    slot: Slot
    choices: tuple[Choice, ...] = ()
    problem: str = ""
    moved: str = ""
    refused: dict[str, list[date]] = field(default_factory=dict)

    @property
    def day(self) -> date | None:
        return self.choices[0].day if self.choices else None


@dataclass(frozen=True)
class Outcome:
    """The whole proposal; `notes` say what is missing, such as the school holidays of a Land."""

    plan: Plan
    rows: tuple[Proposed, ...]
    notes: tuple[str, ...]


def propose(problem: Problem, *, effort: int = EFFORT) -> Outcome:
    """A day for each meeting with reasons, or the reason why there is none."""
    plan = solve(problem, effort=effort)
    return Outcome(plan, tuple(_row(problem, plan, slot) for slot in problem.slots), tuple(_notes(problem)))


def _notes(problem: Problem) -> list[str]:
    years = sorted({slot.first.year for slot in problem.slots})
    missing = dict.fromkeys(name for lane in problem.lanes for name in lane.unknown)
    return [
        f"Für {name} fehlen die Schulferien {year} – Vorschlag unvollständig." for year in years for name in missing
    ]


def _row(problem: Problem, plan: Plan, slot: Slot) -> Proposed:
    if slot.fixed:
        doubts = tuple(sentence for _, sentence in broken(problem, plan, slot, slot.fixed))
        return Proposed(slot, (Choice(slot.fixed, ("Der Termin steht fest und bleibt.",), doubts),))
    if slot.key not in plan:
        return Proposed(slot, problem=no_day(problem, plan, slot))
    free, refused = _sorted_days(problem, plan, slot)
    chosen = plan[slot.key]
    order = [chosen, *_next_best(problem, plan, slot, chosen, free)]
    choices = tuple(Choice(day, *_speaks(problem, plan, slot, day)) for day in order)
    return Proposed(slot, choices, moved=_moved(problem, plan, slot, chosen), refused=refused)


def _sorted_days(problem: Problem, plan: Plan, slot: Slot) -> tuple[list[date], dict[str, list[date]]]:
    """The free days of the window, and the others of a wanted weekday under the first sentence against them."""
    free: list[date] = []
    refused: dict[str, list[date]] = {}
    for day in slot.days():
        against = next(broken(problem, plan, slot, day), None)
        if against is None:
            free.append(day)
        elif against[0] != "weekday":
            refused.setdefault(against[1], []).append(day)
    return free, refused


def _next_best(problem: Problem, plan: Plan, slot: Slot, chosen: date, free: list[date]) -> list[date]:
    """Second and third best: other weeks first, since whoever cannot come often cannot come that week."""
    others = [(other, plan[other.key]) for other in problem.slots if other.key != slot.key and other.key in plan]

    def cost(day: date) -> float:
        beside = sum(wishes.of_pair(problem, slot, other, abs((when - day).days)) for other, when in others)
        return wishes.of_day(problem, slot, day) + beside

    found: list[date] = []
    for day in sorted((day for day in free if day != chosen), key=lambda day: (cost(day), day)):
        if len(found) < CHOICES - 1 and week_of(day) not in {week_of(row) for row in [chosen, *found]}:
            found.append(day)
    for day in sorted((day for day in free if day != chosen and day not in found), key=lambda day: (cost(day), day)):
        if len(found) < CHOICES - 1:
            found.append(day)
    return found


# --- for and against one day ---------------------------------------------------------------------
def _speaks(problem: Problem, plan: Plan, slot: Slot, day: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    where = " und ".join(filter(None, (lane.where for lane in problem.lanes_of(slot)))) or "allen Ländern"
    doubts = [
        f"{row.words} – zugelassen: {allowed.reason}"
        for row in problem.blocked_on(slot, day)
        if (allowed := slot.allows(row.kind))
    ]
    unknown = [name for lane in problem.lanes_of(slot) for name in lane.unknown]
    clear = "kein Feiertag" if doubts else "kein Feiertag, keine Schulferien und keine Sperrzeit"
    reasons = [f"{WEEKDAYS[day.weekday()]}, {clear} in {where}."]
    if unknown:
        doubts.append(f"Die Schulferien für {listed(unknown)} fehlen noch.")
    reasons += _distances(problem, plan, slot, day)
    far = slot.allows(Kind.DISTANCE)
    doubts += [f"Größerer Abstand zugelassen: {far.reason}"] if far else []
    bridge = wishes.bridges(problem, slot, day)
    if bridge:
        doubts.append(f"Brückentag: {bridge}.")
    same = [
        other
        for other in problem.slots
        if other.key != slot.key and other.key in plan and week_of(plan[other.key]) == week_of(day)
    ]
    own = [other for other in same if problem.teams_of(other) & problem.teams_of(slot)]
    reasons.append("Einziges Treffen des Teams in dieser Woche." if not own else _shared_week(problem, plan, own))
    doubts += [f"Am selben Tag trifft sich {problem.name_of(row)}." for row in same if plan[row.key] == day]
    return tuple(reasons), tuple(doubts)


def _shared_week(problem: Problem, plan: Plan, own: list[Slot]) -> str:
    held = listed([f"{problem.name_of(row)} ({written(plan[row.key])})" for row in own])
    return f"In derselben Woche{', mit Reisetag dazwischen' if problem.settings.travel_days else ''}: {held}."


def _distances(problem: Problem, plan: Plan, slot: Slot, day: date) -> list[str]:
    """The days to the region's neighbours and to the national meeting."""
    said = []
    for lane in problem.lanes_of(slot):
        if lane.previous and slot.round == 1:
            late = ""
            if (day - lane.previous).days > problem.settings.largest_gap and late_start(problem, slot):
                late = f"; innerhalb von {problem.settings.largest_gap} Tagen ist im Zeitraum kein Tag frei"
            said.append(f"{(day - lane.previous).days} Tage nach dem Treffen am {lane.previous:%d.%m.%Y}{late}.")
    for other in problem.slots:
        if other.key == slot.key or other.key not in plan:
            continue
        days = (plan[other.key] - day).days
        if slot.round and other.round and abs(slot.round - other.round) == 1 and set(slot.lanes) & set(other.lanes):
            said.append(f"{abs(days)} Tage {'vor' if days > 0 else 'nach'} dem Treffen am {plan[other.key]:%d.%m.%Y}.")
        if other.is_national and abs(days) <= 2 * problem.settings.around_national:
            said.append(f"{abs(days)} Tage Abstand zum bundesweiten Treffen.")
    return said


def _moved(problem: Problem, plan: Plan, slot: Slot, chosen: date) -> str:
    if slot.current is None or slot.current == chosen:
        return ""
    against = next(broken(problem, plan, slot, slot.current), None)
    if not slot.first <= slot.current <= slot.last:
        return f"{written(slot.current)} liegt außerhalb des Zeitraums {slot.first:%d.%m.}–{slot.last:%d.%m.%Y}."
    return against[1] if against else "Ein anderer Tag passt besser zu den übrigen Treffen."


# --- no day --------------------------------------------------------------------------------------
def no_day(problem: Problem, plan: Plan, slot: Slot) -> str:
    """ "In Runde 2 ist für Bayern kein Tag frei, weil …", with the days counted by their clearest cause."""
    days = list(slot.days())
    causes = Counter(next(broken(problem, plan, slot, day), ("", ""))[0] for day in days)
    counted = [f"{number} wegen {CAUSES[key]}" for key, number in causes.most_common() if key]
    start = (
        "Für das bundesweite Treffen" if slot.is_national else f"In Runde {slot.round} ist für {problem.name_of(slot)}"
    )
    verb = " ist kein Tag frei" if slot.is_national else " kein Tag frei"
    sentence = (
        f"{start}{verb}, weil alle {len(days)} Tage vom {slot.first:%d.%m.} bis {slot.last:%d.%m.%Y} ausscheiden: "
    )
    return f"{sentence}{listed(counted)}.{_way_out(causes, slot)}"


_WAYS = {
    "school_holiday": (Kind.SCHOOL_HOLIDAY, "Schulferien"),
    "other": (Kind.OTHER, "Sperrzeiten"),
    "previous": (Kind.DISTANCE, "einen größeren Abstand"),
    "gap": (Kind.DISTANCE, "einen größeren Abstand"),
}


def _way_out(causes: Counter, slot: Slot) -> str:
    """What the reader can do: allow what may be allowed, or change the window."""
    ways = [words for key, (kind, words) in _WAYS.items() if causes[key] and not slot.allows(kind)]
    allow = f"Lassen Sie {' oder '.join(dict.fromkeys(ways))} mit einem Grund zu, oder ändern" if ways else "Ändern"
    return f" {allow} Sie den Zeitraum der Runde."
