"""Working days of a meeting's Länder, and the days on which its tasks are due. Pure, but for reading the holidays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from regions.models import FederalState
from regions.public_holidays import public_holidays

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
CHRISTMAS, EPIPHANY = (12, 24), (1, 6)  # nobody prepares a meeting in between (walks.md)


class Calendar:
    """Which days count: no weekend, no public holiday of any of these Länder, not 24 December to 6 January."""

    def __init__(self, states: Iterable[FederalState | str]):
        self._states = list(states)
        self._holidays: dict[int, set[date]] = {}

    def is_working(self, day: date) -> bool:
        if day.weekday() >= SATURDAY or (day.month, day.day) >= CHRISTMAS or (day.month, day.day) <= EPIPHANY:
            return False
        if day.year not in self._holidays:
            self._holidays[day.year] = {row.day for row in public_holidays(self._states, day.year)}
        return day not in self._holidays[day.year]

    def near(self, day: date, step: timedelta) -> date:
        """This day if it counts, else the next one in the direction of `step` (one day)."""
        while not self.is_working(day):
            day += step
        return day

    def between(self, first: date, last: date) -> list[date]:
        """The working days from the first to the last, both included."""
        days = (first + number * DAY for number in range(max(0, (last - first).days + 1)))
        return [day for day in days if self.is_working(day)]


@dataclass(frozen=True)
class Due:
    day: date
    is_shortened: bool = False


def due_days(offsets: Sequence[int], *, meeting_day: date, today: date, calendar: Calendar) -> list[Due]:
    """When tasks so many days before (negative) or after the meeting are due, in the order of `offsets`.

    What would be overdue already is spread over the working days that are left until the first task that is not –
    or until the meeting, where those are too few – and is marked: a plan made late is not red on its first day.
    """
    found = [Due(calendar.near(meeting_day + offset * DAY, -DAY if offset <= 0 else DAY)) for offset in offsets]
    late = sorted((index for index, due in enumerate(found) if due.day < today), key=lambda index: found[index].day)
    if not late:
        return found
    left = calendar.between(today + DAY, meeting_day - DAY)
    first = min((due.day for due in found if due.day >= today), default=meeting_day)
    window = [day for day in left if day <= first]
    window = window if len(window) >= len(late) else left[: len(late)]
    for place, index in enumerate(late, start=1):
        day = window[min(place * len(window) // (len(late) + 1), len(window) - 1)] if window else today
        found[index] = Due(day, is_shortened=True)
    return found
