"""Job: open a year with its rounds and windows, add meetings to it, and show it as region × month."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history
from meetings.models import Meeting, MeetingRound, MeetingSeries
from mobipro import html
from regions.models import FormReceipt, Region
from regions.public_holidays import Holiday, public_holidays
from regions.visibility import access_of

# walks.md, "Planning defaults": (month, day) of the first and the last day; None is the national meeting.
WINDOWS: dict[int | None, tuple[tuple[int, int], tuple[int, int]]] = {
    1: ((2, 1), (4, 10)),
    None: ((3, 10), (5, 31)),
    2: ((5, 2), (7, 5)),
    3: ((9, 1), (11, 30)),
}
MEETINGS_A_YEAR = 3
FIRST_YEAR, LAST_YEAR = 2013, 2099


class PlanningError(Exception):
    """The plan cannot be changed like this; the text says why, in German."""


@transaction.atomic
def open_year(*, year: int, by: Any) -> MeetingSeries:
    """The year with its three regional rounds and the national one; an open year is returned as it is.

    Raises PlanningError for anybody but the Gesamtkoordination and for years outside the programme's reach.
    """
    if not access_of(by).coordinates_all:
        raise PlanningError("Ein Jahr öffnet nur die Gesamtkoordination.")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PlanningError(f"Wählen Sie ein Jahr zwischen {FIRST_YEAR} und {LAST_YEAR}.")
    return _opened(year)


def _opened(year: int) -> MeetingSeries:
    series, _ = MeetingSeries.objects.get_or_create(year=year)
    for number, ((month, day), (end_month, end_day)) in WINDOWS.items():
        window = {"window_start": date(year, month, day), "window_end": date(year, end_month, end_day)}
        MeetingRound.objects.get_or_create(series=series, number=number, defaults=window)
    return series


@transaction.atomic
def create_meeting(
    *,
    year: int,
    regions: Iterable[Region],
    title: str,
    by: Any,
    round_number: int | None = None,
    form_id: "uuid.UUID | str | None" = None,
) -> Meeting:
    """A new meeting as an idea, with its code (2027-NORD-1, 2027-BUND); several regions meet jointly, none is national.

    The year must be open; the round is the next free one unless given. Raises PlanningError with the reason.
    """
    chosen = sorted(regions, key=lambda region: region.number)
    series = MeetingSeries.objects.select_for_update().filter(year=year).first()
    if series is None:
        raise PlanningError(f"Das Jahr {year} ist noch nicht geöffnet. Das macht die Gesamtkoordination.")
    access = access_of(by)
    if not chosen and not access.coordinates_all:
        raise PlanningError("Ein bundesweites Treffen legt die Gesamtkoordination an.")
    if chosen and not access.coordinates_any([region.pk for region in chosen]):
        raise PlanningError("Legen Sie Treffen für Ihre eigenen Regionen an.")
    title = " ".join(html.plain(title).split())[:160]
    if not title:
        raise PlanningError("Geben Sie dem Treffen einen Titel.")
    if form_id:
        FormReceipt.take(form_id, purpose="meetings.create", user=by)
    number = _round_number(series, chosen, round_number)
    meeting = Meeting(
        year=year,
        kind=Meeting.Kind.REGIONAL if chosen else Meeting.Kind.NATIONAL,
        title=title,
        round=series.rounds.get(number=number),
        responsible=by,
        previous_meeting=_previous(chosen),
        capacity=40 if chosen else 120,
        code=_code(year, chosen, number),
    )
    meeting.slug = meeting.code.lower()
    history.save(meeting, by=by, reason="angelegt")
    meeting.regions.set(chosen or Region.objects.active())
    return meeting


def _round_number(series: MeetingSeries, regions: list[Region], wanted: int | None) -> int | None:
    if not regions:
        if Meeting.objects.filter(round__series=series, kind=Meeting.Kind.NATIONAL).exists():
            raise PlanningError(f"Das bundesweite Treffen {series.year} gibt es schon.")
        return None
    planned = Meeting.objects.filter(round__series=series, kind=Meeting.Kind.REGIONAL, regions=regions[0])
    taken = set(planned.values_list("round__number", flat=True))
    if wanted is not None:
        if wanted not in (1, 2, 3):
            raise PlanningError("Wählen Sie Runde 1, 2 oder 3.")
        if wanted in taken:
            raise PlanningError(f"{regions[0]} hat in Runde {wanted} schon ein Treffen.")
        return wanted
    free = [number for number in (1, 2, 3) if number not in taken]
    if not free:
        raise PlanningError(f"{regions[0]} hat {series.year} schon drei Treffen.")
    return free[0]


def _code(year: int, regions: list[Region], number: int | None) -> str:
    return f"{year}-{regions[0].code}-{number}" if regions else f"{year}-BUND"


def _previous(regions: list[Region]) -> Meeting | None:
    """The meeting whose agreements come up again: the region's last one that has begun."""
    held = Meeting.objects.filter(starts_at__lte=timezone.now()).exclude(status=Meeting.Status.CANCELLED)
    held = (
        held.filter(regions=regions[0], kind=Meeting.Kind.REGIONAL)
        if regions
        else held.filter(kind=Meeting.Kind.NATIONAL)
    )
    return held.order_by("-starts_at").first()


# --- the board -----------------------------------------------------------------------------------
@dataclass
class Cell:
    """One month of one lane: its meetings and the public holidays of any Land of the region."""

    month: int
    meetings: list[Meeting] = field(default_factory=list)
    holidays: list[Holiday] = field(default_factory=list)


@dataclass
class Lane:
    """A region (or, with none, the national meeting) through the year."""

    region: Region | None
    cells: list[Cell]
    undated: list[Meeting]
    target: int

    @property
    def total(self) -> int:
        """Meetings that count: cancelled ones do not."""
        rows = [*self.undated, *(row for cell in self.cells for row in cell.meetings)]
        return sum(row.status != Meeting.Status.CANCELLED for row in rows)


def year_board(year: int) -> list[Lane]:
    """The lanes of a year, regions by number, then the national one. The number of queries does not grow."""
    regions = list(Region.objects.active().with_states())
    meetings = list(Meeting.objects.in_year(year).for_list().order_by("starts_at", "code"))
    lanes = [_lane(year, region, [row for row in meetings if _is_of(row, region)]) for region in regions]
    national = [row for row in meetings if row.kind == Meeting.Kind.NATIONAL]
    return [*lanes, _lane(year, None, national)]


def _is_of(meeting: Meeting, region: Region) -> bool:
    return meeting.kind == Meeting.Kind.REGIONAL and region in meeting.places


def _lane(year: int, region: Region | None, meetings: list[Meeting]) -> Lane:
    holidays = public_holidays(region.states, year) if region else []
    cells = [
        Cell(
            month,
            [row for row in meetings if row.starts_on and row.starts_on.month == month],
            [holiday for holiday in holidays if holiday.day.month == month],
        )
        for month in range(1, 13)
    ]
    undated = [row for row in meetings if row.starts_at is None]
    return Lane(region, cells, undated, MEETINGS_A_YEAR if region else 1)
