"""What the proposer is given: the regions with their blocked days, the meetings to be dated, the settings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """Why a day is blocked. School holidays, the Länder's other periods and a long distance may be allowed."""

    PUBLIC_HOLIDAY = "public_holiday"
    SCHOOL_HOLIDAY = "school_holiday"
    OTHER = "other"
    FUNDER = "funder_block"
    DISTANCE = "distance"  # more days than wanted since the region's last meeting; blocks no day by itself


@dataclass(frozen=True)
class Blocked:
    """Days from `first` to `last` (both included) that are blocked; `where` names the Länder, empty for all."""

    first: date
    last: date
    kind: Kind
    name: str
    where: str = ""

    @property
    def words(self) -> str:
        """ "Osterferien in Bayern"."""
        return f"{self.name} in {self.where}" if self.where else self.name


@dataclass(frozen=True)
class Lane:
    """A region, or the national meeting: who goes there and what blocks its days.

    `teams` are the people who hold its meetings; `where` names its Länder; `unknown` those without school holidays;
    `previous` is the day of its last meeting before the year.
    """

    key: str
    name: str
    teams: tuple[str, ...]
    blocked: tuple[Blocked, ...] = ()
    where: str = ""
    unknown: tuple[str, ...] = ()
    previous: date | None = None


@dataclass(frozen=True)
class Veto:
    """A day that the region's coordinator refused for one meeting."""

    day: date
    reason: str
    by: str = ""


@dataclass(frozen=True)
class Allowed:
    """A kind of blocked day that may be used for one meeting, with the reason given for it."""

    kind: Kind
    reason: str


@dataclass(frozen=True)
class Slot:
    """One meeting of the year. `fixed`: the day is settled; `current`: the day planned so far, kept if possible.

    `round` is 1 to 3, None for the national meeting; several `lanes` meet jointly. `first` to `last` is the window.
    """

    key: str
    round: int | None
    lanes: tuple[str, ...]
    first: date
    last: date
    fixed: date | None = None
    current: date | None = None
    vetoes: tuple[Veto, ...] = ()
    allowed: tuple[Allowed, ...] = ()

    @property
    def is_national(self) -> bool:
        return self.round is None

    def days(self) -> Iterator[date]:
        """Every day of the window."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def allows(self, kind: Kind) -> Allowed | None:
        return next((row for row in self.allowed if row.kind == kind), None)


@dataclass(frozen=True)
class Settings:
    """The rules' numbers (walks.md, "Planning defaults"). Weekdays count from Monday = 0; distances are days."""

    weekdays: tuple[int, ...] = (1, 2, 3)
    best_weekday: int = 2
    least_gap: int = 50
    largest_gap: int = 150
    around_national: int = 14
    per_week: int = 2
    travel_days: int = 1


@dataclass(frozen=True)
class Problem:
    """A whole year. `not_before`: no date earlier than this (today, as a rule)."""

    lanes: tuple[Lane, ...]
    slots: tuple[Slot, ...]
    settings: Settings = field(default_factory=Settings)
    not_before: date = date.min

    @cached_property
    def lane_of(self) -> dict[str, Lane]:
        return {lane.key: lane for lane in self.lanes}

    @cached_property
    def late_starts(self) -> dict[str, bool]:
        """What rules.late_start found, by slot."""
        return {}

    def lanes_of(self, slot: Slot) -> list[Lane]:
        return [self.lane_of[key] for key in slot.lanes]

    def name_of(self, slot: Slot) -> str:
        """ "Nord und Bayern", or "das bundesweite Treffen"."""
        return "das bundesweite Treffen" if slot.is_national else listed([lane.name for lane in self.lanes_of(slot)])

    def teams_of(self, slot: Slot) -> frozenset[str]:
        return frozenset(team for lane in self.lanes_of(slot) for team in lane.teams)

    @cached_property
    def _blocked(self) -> dict[tuple[str, date], list[Blocked]]:
        found: dict[tuple[str, date], list[Blocked]] = {}
        for lane in self.lanes:
            for row in lane.blocked:
                for number in range((row.last - row.first).days + 1):
                    found.setdefault((lane.key, row.first + timedelta(days=number)), []).append(row)
        return found

    def blocked_on(self, slot: Slot, day: date) -> list[Blocked]:
        """What blocks this day in any Land of any of the slot's regions."""
        return [row for key in slot.lanes for row in self._blocked.get((key, day), ())]


Plan = dict[str, date]  # slot key → day; a slot without a day is missing


def listed(names: list[str]) -> str:
    """ "a, b und c"."""
    return " und ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def week_of(day: date) -> int:
    """A running number of the week, Monday to Sunday."""
    return (day.toordinal() - 1) // 7
