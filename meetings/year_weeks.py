"""The board of a year: region × calendar weeks with what blocks them, and the conflicts of the planned dates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from meetings import plan_facts, planning
from meetings.models import Meeting, MeetingSeries
from meetings.proposal import Blocked
from meetings.proposal import Lane as Facts
from meetings.proposal.rules import broken

WORKING_DAYS = 5


@dataclass(frozen=True)
class Week:
    """A calendar week of the year; it belongs to the month of its Thursday."""

    number: int
    monday: date

    @property
    def month(self) -> int:
        return (self.monday + timedelta(days=3)).month

    @property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=number) for number in range(WORKING_DAYS)]


@dataclass
class WeekCell:
    """One week of one lane. `level`: "" free, "some" or "full" of its working days blocked; `names` by what."""

    week: Week
    meetings: list[Meeting] = field(default_factory=list)
    level: str = ""
    names: list[str] = field(default_factory=list)


@dataclass
class WeekLane:
    """A region (none: the national meeting) through the weeks, with its free days' enemies as a list."""

    lane: planning.Lane
    cells: list[WeekCell]
    blocked: list[Blocked]
    without: tuple[str, ...] = ()


def weeks_of(year: int) -> list[Week]:
    """The weeks whose Thursday lies in the year: 52 or 53."""
    first = date.fromisocalendar(year, 1, 1)
    found = [Week(number + 1, first + timedelta(weeks=number)) for number in range(53)]
    return [week for week in found if (week.monday + timedelta(days=3)).year == year]


def months_of(weeks: Iterable[Week]) -> list[tuple[int, int]]:
    """(month, how many weeks) for the table's head."""
    counted: dict[int, int] = {}
    for week in weeks:
        counted[week.month] = counted.get(week.month, 0) + 1
    return list(counted.items())


def lanes_in_weeks(lanes: list[planning.Lane], facts: list[Facts], weeks: list[Week]) -> list[WeekLane]:
    """The board; `facts` holds what blocks the days of each region and of the national meeting."""
    of = {row.key: row for row in facts}
    found = []
    for lane in lanes:
        known = of[lane.region.code if lane.region else plan_facts.NATIONAL]
        meetings = [row for cell in lane.cells for row in cell.meetings]
        blocked = sorted(known.blocked, key=lambda row: (row.first, row.name))
        cells = [_cell(week, meetings, blocked) for week in weeks]
        found.append(WeekLane(lane, cells, blocked, known.unknown))
    return found


def _cell(week: Week, meetings: list[Meeting], blocked: list[Blocked]) -> WeekCell:
    days, last = week.days, week.monday + timedelta(days=6)
    there = [row for row in blocked if row.first <= days[-1] and row.last >= days[0]]
    taken = sum(any(row.first <= day <= row.last for row in there) for day in days)
    here = [row for row in meetings if row.starts_on and week.monday <= row.starts_on <= last]
    level = "" if not taken else "full" if taken == WORKING_DAYS else "some"
    return WeekCell(week, here, level, list(dict.fromkeys(row.words for row in there)))


@dataclass
class Conflict:
    """What speaks against the planned day of a meeting; `reason` is what its date was kept for all the same."""

    meeting: Meeting
    sentences: list[str]
    reason: str


def conflicts(series: MeetingSeries, facts: plan_facts.Facts) -> list[Conflict]:
    """The rules that planned dates to come do not keep, in order of the day."""
    problem = facts.problem
    plan = {slot.key: day for slot in problem.slots if (day := slot.fixed or slot.current)}
    found = []
    for slot in problem.slots:
        meeting, day = facts.planned[slot.key].meeting, plan.get(slot.key)
        if meeting is None or day is None or meeting.has_started:
            continue
        said = [sentence for key, sentence in broken(problem, plan, slot, day) if key != "past"]
        if not slot.first <= day <= slot.last:
            said.insert(0, f"Der Tag liegt außerhalb des Zeitraums {slot.first:%d.%m.}–{slot.last:%d.%m.%Y} der Runde.")
        if said:
            found.append(Conflict(meeting, said, meeting.holiday_override))
    return sorted(found, key=lambda row: row.meeting.starts_at or row.meeting.created_at)
