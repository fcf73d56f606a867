"""What the proposer is given, read from the records of a year; the number of queries does not grow with it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max
from django.utils import timezone

from meetings import proposal
from meetings.models import Meeting, MeetingRound, MeetingSeries
from meetings.models.proposal import DateAllowance, DateProposal, DateVeto
from meetings.proposal import Blocked, Host, Kind, Lane, Problem, Slot
from meetings.proposal.facts import listed
from regions.models import BlockedPeriod, FederalState, Organisation, Region, RoleAssignment
from regions.public_holidays import public_holidays

NATIONAL = "BUND"
OFFICE = "office"  # the team of regions without a coordinator
_WEEKDAYS = {"tue_thu": (1, 2, 3), "mon_thu": (0, 1, 2, 3), "mon_fri": (0, 1, 2, 3, 4)}
_KINDS: dict[str, Kind] = {
    BlockedPeriod.Kind.SCHOOL_HOLIDAY: Kind.SCHOOL_HOLIDAY,
    BlockedPeriod.Kind.FUNDER_BLOCK: Kind.FUNDER,
}
Place = tuple[int | None, int | None]  # round number, region; (None, None) is the national meeting


@dataclass
class Planned:
    """The record behind a slot: its round, its regions (none: national) and its meeting, where there is one."""

    round: MeetingRound
    regions: list[Region]
    meeting: Meeting | None

    @property
    def place(self) -> Place:
        return self.round.number, self.regions[0].pk if self.regions else None


@dataclass
class Facts:
    """The problem and the records it came from; `open_ends` are meetings that no proposal can date, in words."""

    problem: Problem
    planned: dict[str, Planned]
    open_ends: list[str] = field(default_factory=list)
    hosts: dict[int, list[Host]] = field(default_factory=dict)


def key_of(round_number: int | None, regions: Iterable[Region]) -> str:
    """ "2:NORD", "1:NORD+BY", or "BUND"."""
    return f"{round_number}:{'+'.join(region.code for region in regions)}" if round_number else NATIONAL


def gather(
    series: MeetingSeries,
    *,
    latest: dict[Place, DateProposal] | None = None,
    only: int | None = None,
    with_hosts: bool = False,
) -> Facts:
    """The facts of a year. `latest`: the proposals that stand, whose days count as planned.

    With `only` (a region) every other meeting's day is settled for now: the date it has or the one proposed last.
    """
    regions = list(Region.objects.active().with_states())
    rounds = {row.number: row for row in series.rounds.all()}
    meetings = list(Meeting.objects.in_year(series.year).for_list().select_related("fixed_date").order_by("pk"))
    coordinators = coordinators_of(regions)
    lanes = lanes_of_year(series.year, regions, coordinators)
    facts = Facts(Problem((), ()), {}, [])
    facts.hosts = _hosts(series.year) if with_hosts else {}
    said = _said(series)
    slots = []
    for planned in _planned(regions, rounds, meetings, facts.open_ends):
        key = key_of(planned.round.number, planned.regions)
        facts.planned[key] = planned
        slot = _slot(key, planned, (latest or {}).get(planned.place), said, only)
        if only is None or slot.fixed or only in [region.pk for region in planned.regions]:
            slots.append(slot)
    settings = proposal.Settings(
        weekdays=_WEEKDAYS[series.weekdays],
        least_gap=series.least_gap,
        largest_gap=series.largest_gap,
        around_national=series.around_national,
        per_week=series.per_week,
        travel_days=series.travel_days,
    )
    facts.problem = Problem(tuple(lanes), tuple(slots), settings, timezone.localdate() + timedelta(days=1))
    return facts


# --- regions -------------------------------------------------------------------------------------
def coordinators_of(regions: list[Region]) -> dict[int, list[int]]:
    """The people who hold each region's meetings: its coordinators, not their deputies."""
    roles = RoleAssignment.objects.valid().filter(
        role=RoleAssignment.Role.COORDINATOR, is_deputy=False, region__isnull=False, user__is_active=True
    )
    found: dict[int, list[int]] = defaultdict(list)
    for region, user in roles.order_by("pk").values_list("region", "user"):
        found[region].append(user)
    return {region.pk: found.get(region.pk, []) for region in regions}


def lanes_of_year(year: int, regions: list[Region], coordinators: dict[int, list[int]]) -> list[Lane]:
    states = list(FederalState.objects.all())
    periods = list(
        BlockedPeriod.objects.filter(starts_on__lte=date(year, 12, 31), ends_on__gte=date(year, 1, 1)).order_by(
            "starts_on", "pk"
        )
    )
    previous = _last_before(year)
    lanes = []
    for region in regions:
        teams = tuple(f"{user}" for user in coordinators[region.pk]) or (OFFICE,)
        lanes.append(_lane(region.code, region.name, teams, region.states, year, periods, previous.get(region.pk)))
    everybody = tuple(dict.fromkeys(team for lane in lanes for team in lane.teams)) or (OFFICE,)
    return [*lanes, _lane(NATIONAL, "bundesweit", everybody, states, year, periods, None)]


def _lane(
    key: str,
    name: str,
    teams: tuple[str, ...],
    states: list[FederalState],
    year: int,
    periods: list[BlockedPeriod],
    previous: date | None,
) -> Lane:
    names = {state.iso_code: state.name for state in states}
    blocked = [
        Blocked(row.day, row.day, Kind.PUBLIC_HOLIDAY, row.name, _in_words([names[code] for code in row.iso_codes]))
        for row in public_holidays(states, year)
    ]
    by_state = {state.pk: state.name for state in states}
    merged: dict[tuple[date, date, str, str], list[str]] = {}
    for row in periods:
        if row.federal_state_id is None or row.federal_state_id in by_state:
            places = merged.setdefault((row.starts_on, row.ends_on, row.kind, row.name), [])
            places += [by_state[row.federal_state_id]] if row.federal_state_id else []
    for (first, last, kind, title), places in merged.items():
        blocked.append(Blocked(first, last, _KINDS.get(kind, Kind.OTHER), title, _in_words(places)))
    # The Christmas holidays of the year before reach into January: they are no sign that this year was entered.
    begun = [row for row in periods if row.starts_on.year == year]
    known = {row.federal_state_id for row in begun if row.kind == BlockedPeriod.Kind.SCHOOL_HOLIDAY}
    if None in known:
        known.update(by_state)
    missing = tuple(state.name for state in states if state.pk not in known)
    where = "allen Ländern" if key == NATIONAL else _in_words([state.name for state in states])
    return Lane(key, name, teams, tuple(blocked), where, missing, previous)


def _in_words(names: list[str]) -> str:
    if len(names) == 16:
        return "allen Ländern"
    return listed(names)


def _last_before(year: int) -> dict[int, date]:
    """The day of each region's last meeting of the year before, once its third round has one."""
    rows = Meeting.objects.filter(year=year - 1, kind=Meeting.Kind.REGIONAL, starts_at__isnull=False)
    rows = rows.exclude(round__number__in=(1, 2)).exclude(
        status__in=(Meeting.Status.CANCELLED, Meeting.Status.POSTPONED)
    )
    lasts = rows.order_by().values_list("regions").annotate(last=Max("starts_at"))
    return {region: timezone.localtime(last).date() for region, last in lasts if region}


def _hosts(year: int) -> dict[int, list[Host]]:
    """The Träger of each region with how often they hosted, and when last before the year."""
    held = Meeting.objects.filter(host_organisation__isnull=False, starts_at__isnull=False, year__lt=year)
    hosted: dict[int, list[date]] = defaultdict(list)
    for host, start in held.exclude(status=Meeting.Status.CANCELLED).values_list("host_organisation", "starts_at"):
        hosted[host].append(timezone.localtime(start).date())
    rows = Organisation.objects.published().filter(projects__region__isnull=False).order_by("sort_key", "pk")
    found: dict[int, list[Host]] = defaultdict(list)
    for region, pk, short, name in rows.values_list("projects__region", "pk", "short_name", "name").distinct():
        found[region].append(Host(pk, short or name, len(hosted[pk]), max(hosted[pk], default=None)))
    return found


# --- meetings ------------------------------------------------------------------------------------
def _planned(
    regions: list[Region],
    rounds: dict[int | None, MeetingRound],
    meetings: list[Meeting],
    open_ends: list[str],
) -> list[Planned]:
    """Every meeting the year shall have: the ones there are, and the missing ones."""
    found, done = [], set()
    for meeting in meetings:
        number = meeting.round.number if meeting.round else None
        national = meeting.kind == Meeting.Kind.NATIONAL
        places: list[Place] = [(None, None)] if national else [(number, region.pk) for region in meeting.places]
        if (None if national else number) not in rounds or (number is None and not national):
            continue
        done.update(places)
        if meeting.status == Meeting.Status.POSTPONED:
            open_ends.append(f"{meeting.code} ist verschoben, der neue Termin ist offen: Setzen Sie ihn im Treffen.")
        elif meeting.status != Meeting.Status.CANCELLED:
            row = rounds[None] if national else rounds[number]
            found.append(Planned(row, [] if national else list(meeting.places), meeting))
    for number in (1, 2, 3):
        found += [
            Planned(rounds[number], [region], None)
            for region in regions
            if number in rounds and (number, region.pk) not in done
        ]
    if None in rounds and (None, None) not in done:
        found.append(Planned(rounds[None], [], None))
    return found


def _slot(key: str, planned: Planned, last: DateProposal | None, said: tuple[dict, dict], only: int | None) -> Slot:
    meeting, vetoes, allowed = planned.meeting, *said
    day = meeting.starts_on if meeting else None
    is_settled = day is not None and meeting is not None and settled(meeting)
    wanted = day or (last.best if last else None)
    elsewhere = only is not None and only not in [region.pk for region in planned.regions]
    return Slot(
        key,
        planned.round.number,
        tuple(region.code for region in planned.regions) or (NATIONAL,),
        planned.round.window_start,
        planned.round.window_end,
        fixed=wanted if elsewhere else day if is_settled else None,
        current=None if is_settled or elsewhere else wanted,
        vetoes=tuple(vetoes.get(planned.place, ())),
        allowed=tuple(allowed.get(planned.place, ())),
    )


def settled(meeting: Meeting) -> bool:
    """Announced, past or fixed by somebody: the proposer leaves its date alone."""
    return meeting.status != Meeting.Status.IDEA or meeting.has_started or is_fixed(meeting)


def is_fixed(meeting: Meeting) -> bool:
    """Held fast by somebody; no query for meetings read with `select_related("fixed_date")`."""
    return getattr(meeting, "fixed_date", None) is not None


def _said(series: MeetingSeries) -> tuple[dict, dict]:
    """Refused days and permissions by place."""
    vetoes: dict[Place, list[proposal.Veto]] = defaultdict(list)
    for row in DateVeto.objects.filter(round__series=series).select_related("round", "made_by"):
        by = row.made_by.get_full_name() if row.made_by else ""
        vetoes[row.round.number, row.region_id].append(proposal.Veto(row.day, row.reason, by))
    allowed: dict[Place, list[proposal.Allowed]] = defaultdict(list)
    for one in DateAllowance.objects.filter(round__series=series).select_related("round"):
        allowed[one.round.number, one.region_id].append(proposal.Allowed(Kind(one.kind), one.reason))
    return vetoes, allowed
