"""The meetings of the demo world: this year's 25 and those near today, in the states their distance implies."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from meetings.models import AgendaItem, FunderAgreement, Meeting, MeetingRound, MeetingSeries, Venue
from mobipro.demo.texts import load
from regions.models import FederalState, Organisation, Region, RoleAssignment, Topic, User
from regions.public_holidays import holidays_on

BERLIN = ZoneInfo("Europe/Berlin")
Status = Meeting.Status
DIRECTIONS = (
    "Vom Bahnhof {station} sind es acht Minuten zu Fuß. Der Weg ist stufenlos. "
    "Ein Parkplatz für Menschen mit Schwerbehinderung liegt vor dem Eingang."
)
TRAVEL_COSTS = (
    "Reisekosten werden nach dem Bundesreisekostengesetz erstattet: Bahn, 2. Klasse. "
    "Buchen Sie erst nach der Platzbestätigung."
)
ACCESS = (
    "Stufenloser Zugang, barrierefreies WC. "
    "Gebärdensprache oder Schriftdolmetschung nennen Sie bitte bis vier Wochen vorher."
)
# Windows of walks.md: month and day of the first and last day, by round; None is the national meeting.
WINDOWS: dict[int | None, tuple[tuple[int, int], tuple[int, int]]] = {
    1: ((2, 1), (4, 10)),
    None: ((3, 10), (5, 31)),
    2: ((5, 2), (7, 5)),
    3: ((9, 1), (11, 30)),
}


@dataclass(frozen=True)
class Slot:
    """One meeting of the yearly pattern; region None is the national one."""

    year: int
    round: int | None
    region: Region | None
    day: date


def slots(today: date, regions: list[Region], years_back: int = 0) -> list[Slot]:
    """This year's 25 and the neighbours' within half a year, in order of the day; whole years before on demand."""
    found = []
    for year in range(today.year - 1 - years_back, today.year + 2):
        for number in (1, 2, 3):
            for index, region in enumerate(regions):
                found.append(Slot(year, number, region, _regional_day(year, number, index, region)))
        found.append(Slot(year, None, None, _free_day(date(year, 4, 20), [])))
    first = today.year - years_back
    near = [slot for slot in found if first <= slot.day.year <= today.year or -200 <= (slot.day - today).days <= 150]
    return sorted(near, key=lambda slot: slot.day)


def _regional_day(year: int, number: int, index: int, region: Region) -> date:
    (month, day), (end_month, end_day) = WINDOWS[number]
    first, last = date(year, month, day), date(year, end_month, end_day)
    step = (last - first).days - 12
    return _free_day(first + timedelta(days=5 + step * _turn(index, number) // 8), region.states)


def _turn(index: int, number: int) -> int:
    """The region's place in a round, 0 to 7; neighbours are not always next to each other."""
    return (index * 5 + number * 2) % 8


def _free_day(day: date, states: list[FederalState]) -> date:
    """The next Tuesday to Thursday without a public holiday in any of these Länder."""
    while day.weekday() not in (1, 2, 3) or holidays_on(day, states or FederalState.objects.all()):
        day += timedelta(days=1)
    return day


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=BERLIN)


def now_on(today: date) -> datetime:
    """This hour on the chosen day: the demo's past and future are counted from here."""
    return datetime.combine(today, timezone.localtime().time(), tzinfo=BERLIN)


def build(today: date, logins: dict[str, User], years_back: int = 0) -> list[Meeting]:
    """All meetings with venue, agenda and state; invitations and results follow in other modules."""
    regions = list(Region.objects.active())
    venues = _venues()
    rounds = _rounds(today, years_back)
    coordinators = {
        role.region_id: role.user
        for role in RoleAssignment.objects.filter(is_deputy=False, region__isnull=False).select_related("user")
    }
    pattern = slots(today, regions, years_back)
    coming = _coming(today, pattern)
    made = []
    for slot in pattern:
        meeting = _meeting(
            slot, rounds, venues, coordinators.get(slot.region.pk if slot.region else None) or logins["seidel"]
        )
        _set_state(meeting, slot, today, coming)
        meeting.save()
        meeting.regions.set([slot.region] if slot.region else regions)
        meeting.save()  # the search words know the regions now
        _agenda(meeting)
        made.append(meeting)
    return made


def _coming(today: date, found: list[Slot]) -> dict[Slot, int]:
    """The slots from today on with their place in line, nearest first."""
    return {slot: place for place, slot in enumerate(slot for slot in found if slot.day >= today)}


def _rounds(today: date, years_back: int) -> dict[tuple[int, int | None], MeetingRound]:
    """The years with their rounds; the one after next is open and empty, so that one can plan it."""
    rounds = {}
    for year in range(today.year - 1 - years_back, today.year + 3):
        status = "closed" if year < today.year else "running" if year == today.year else "draft"
        agreed = date(year - 1, 11, 12) if year <= today.year else None
        series = MeetingSeries(year=year, status=status, agreed_with_funders_on=agreed)
        series.save()
        _agreements(series, agreed)
        for number, ((month, day), (end_month, end_day)) in WINDOWS.items():
            row = MeetingRound(
                series=series,
                number=number,
                window_start=date(year, month, day),
                window_end=date(year, end_month, end_day),
            )
            row.save()
            rounds[year, number] = row
    return rounds


def _agreements(series: MeetingSeries, agreed: date | None) -> None:
    """Both funders have agreed to the plans of this year and before."""
    for number, (funder, person) in enumerate((("zav", "Ole Tamm"), ("bmas", "Dr. Helene Lindner"))):
        if agreed:
            day = agreed - timedelta(days=5 * (1 - number))
            FunderAgreement.objects.create(series=series, funder=funder, outcome="agreed", on=day, person=person)


def _venues() -> dict[str, list[Venue]]:
    data = load("network")
    states = {state.iso_code: state for state in FederalState.objects.all()}
    found: dict[str, list[Venue]] = {}
    for code, rows in {**data["venues"], "BUND": [data["national_venue"]]}.items():
        for row in rows:
            venue = Venue(
                name=row["name"],
                street=row["street"],
                postcode=row["postcode"],
                city=row["city"],
                federal_state=states[row["state"]],
                room="Saal 1",
                capacity=120 if code == "BUND" else 50,
                step_free=True,
                accessible_wc=True,
                hearing_loop=code in ("BUND", "NIHB"),
                nearest_station=row["station"],
                directions=DIRECTIONS.format(station=row["station"]),
            )
            venue.save()
            found.setdefault(code, []).append(venue)
    return found


def _theme(slot: Slot) -> dict[str, Any]:
    """The themes in turn: there are more than a year has regional meetings, so what stands side by side differs."""
    data = load("meetings")
    if slot.region is None or slot.round is None:
        return data["national"]
    turn = 24 * slot.year + 8 * (slot.round - 1) + _turn(slot.region.number - 1, slot.round)
    return data["themes"][turn % len(data["themes"])]


def theme_of(meeting: Meeting) -> dict[str, Any]:
    """The theme whose title the meeting carries."""
    data = load("meetings")
    return next(row for row in [data["national"], *data["themes"]] if row["title"] == meeting.title)


def _meeting(slot: Slot, rounds: dict, venues: dict[str, list[Venue]], responsible: User) -> Meeting:
    code = f"{slot.year}-{slot.region.code}-{slot.round}" if slot.region else f"{slot.year}-BUND"
    theme = _theme(slot)
    places = venues[slot.region.code if slot.region else "BUND"]
    return Meeting(
        code=code,
        slug=code.lower(),
        year=slot.year,
        kind=Meeting.Kind.REGIONAL if slot.region else Meeting.Kind.NATIONAL,
        title=theme["title"],
        description=theme["description"],
        round=rounds[slot.year, slot.round],
        starts_at=local(slot.day, 10),
        ends_at=local(slot.day, 16),
        venue=places[(slot.round or 1) % len(places)],
        responsible=responsible,
        host_organisation=Organisation.objects.published().filter(projects__region=slot.region).first()
        if slot.region
        else None,
        capacity=40 if slot.region else 120,
        registration_deadline=local(slot.day - timedelta(days=14), 23, 59),
        travel_cost_note=TRAVEL_COSTS,
        accessibility_note=ACCESS,
    )


def _set_state(meeting: Meeting, slot: Slot, today: date, coming: dict[Slot, int]) -> None:
    """The state follows from the distance to today: what lies behind is held, the nearest three are invited."""
    days = (slot.day - today).days
    start = meeting.starts_at
    if start is None:
        return
    now = now_on(today)
    meeting.announced_at = min(start - timedelta(days=90), now)
    if days < 0:
        meeting.invited_at, meeting.held_at = start - timedelta(days=42), start + timedelta(hours=7)
        meeting.status = Status.HELD
        return
    place = coming[slot]
    if place < 3:
        meeting.status, meeting.invited_at = (
            Status.INVITED,
            min(start - timedelta(days=42), now - timedelta(days=3)),
        )
        if days < 14:
            meeting.status = Status.REGISTRATION_CLOSED
    elif place < 6:
        meeting.status = Status.SAVE_THE_DATE
    else:
        meeting.status, meeting.announced_at = Status.IDEA, meeting.announced_at if days < 90 else None


def _agenda(meeting: Meeting) -> None:
    theme = theme_of(meeting)
    kind = AgendaItem.Kind
    rows = (
        (kind.WELCOME, "Begrüßung und Vorstellungsrunde", 30, "Koordination", ""),
        (kind.FOLLOW_UP, "Stand der Vereinbarungen", 30, "Koordination", ""),
        (kind.INPUT, theme["input"], 60, "Ein Projekt der Region", "Ein Beispiel, das man übertragen kann."),
        (kind.BREAK, "Mittagspause", 60, "", ""),
        (kind.WORKSHOP, theme["workshop"], 120, "", "Ein Ergebnis, das alle mitnehmen."),
        (kind.OUTLOOK, "Verabredungen und Ausblick", 60, "Koordination", ""),
    )
    topic = Topic.objects.filter(slug=theme["topic"]).first()
    for position, (item_kind, title, minutes, leads, goal) in enumerate(rows, start=1):
        item = AgendaItem(
            meeting=meeting,
            position=position,
            kind=item_kind,
            title=title,
            duration_min=minutes,
            leads=leads,
            goal=goal,
        )
        item.save()
        if topic and item_kind == kind.WORKSHOP:
            item.topics.add(topic)
