"""Job: let the proposer date a year or one region's row; accept its days, refuse one, allow an exception, hold a date.

A proposal changes no meeting and sends nothing; accepting writes dates through meetings.scheduling and leaves the
meetings ideas. Each step locks the year: two people who plan at once do so one after the other.
"""

import time
import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history, plan_facts, planning, proposal, scheduling
from meetings.models import Meeting, MeetingSeries
from meetings.models.proposal import DateAllowance, DateProposal, DateVeto, FixedDate, PlanRun
from meetings.planning import PlanningError
from meetings.proposal.rules import broken
from regions.models import FormReceipt, Region
from regions.visibility import access_of

STARTS, ENDS = 10, 16  # o'clock (walks.md)
RUNS_KEPT = 20


class ProposalError(PlanningError):
    """The step is not possible; the text says why and what to do, in German."""


def newest_run(series: MeetingSeries) -> PlanRun | None:
    return series.runs.select_related("made_by", "region").first()


# --- the proposer --------------------------------------------------------------------------------
@transaction.atomic
def propose(*, series: MeetingSeries, by: Any, form_id: "uuid.UUID | str | None" = None) -> PlanRun:
    """A new proposal for the whole year (Gesamtkoordination). What was planned or proposed stays where it can."""
    if not access_of(by).coordinates_all:
        raise ProposalError("Den Vorschlag für das ganze Jahr rechnet die Gesamtkoordination.")
    return _run(_locked(series, form_id, by, "plan.propose"), None, by)


@transaction.atomic
def propose_row(*, series: MeetingSeries, region: Region, by: Any, form_id: "uuid.UUID | str | None" = None) -> PlanRun:
    """A new proposal for the meetings of one region; all others stay where they stand or were proposed."""
    if not access_of(by).coordinates(region.pk):
        raise ProposalError("Planen Sie die Zeilen Ihrer eigenen Regionen neu.")
    return _run(_locked(series, form_id, by, "plan.row"), region, by)


def _locked(series: MeetingSeries, form_id: "uuid.UUID | str | None", by: Any, purpose: str) -> MeetingSeries:
    locked = MeetingSeries.objects.select_for_update().get(pk=series.pk)
    if form_id:
        FormReceipt.take(form_id, purpose=purpose, user=by)
    return locked


def _run(series: MeetingSeries, region: Region | None, by: Any) -> PlanRun:
    before = newest_run(series)
    standing = standing_proposals(before)
    started = time.perf_counter()
    facts = plan_facts.gather(series, latest=standing, only=region.pk if region else None, with_hosts=True)
    outcome = proposal.propose(facts.problem)
    run = PlanRun.objects.create(
        series=series,
        region=region,
        made_by=by,
        seconds=round(time.perf_counter() - started, 2),
        notes=[*outcome.notes, *facts.open_ends],
    )
    rows = {row.slot.key: _as_row(run, row, facts.planned[row.slot.key]) for row in outcome.rows}
    if region:
        own = {key: row for key, row in rows.items() if _is_of(facts.planned[key], region)}
        places = {facts.planned[key].place for key in own}
        rows = {**{str(place): _copied(run, old) for place, old in standing.items() if place not in places}, **own}
    _name_hosts(list(rows.values()), facts)
    DateProposal.objects.bulk_create(rows.values())
    PlanRun.objects.filter(pk__in=series.runs.values_list("pk", flat=True)[RUNS_KEPT:]).delete()
    return run


def standing_proposals(run: PlanRun | None) -> dict[plan_facts.Place, DateProposal]:
    """The proposals of a run by round and region."""
    if run is None:
        return {}
    return {(row.round.number, row.region_id): row for row in run.proposals.for_board()}


def _is_of(planned: plan_facts.Planned, region: Region) -> bool:
    return region.pk in [row.pk for row in planned.regions]


def _as_row(run: PlanRun, row: proposal.Proposed, planned: plan_facts.Planned) -> DateProposal:
    return DateProposal(
        run=run,
        round=planned.round,
        region=planned.regions[0] if planned.regions else None,
        meeting=planned.meeting,
        choices=[
            {"day": choice.day.isoformat(), "reasons": list(choice.reasons), "doubts": list(choice.doubts)}
            for choice in row.choices
        ],
        refused={sentence: [day.isoformat() for day in days] for sentence, days in row.refused.items()},
        problem=row.problem,
        planned=row.slot.current,
        moved=row.moved,
        is_fixed=row.slot.fixed is not None,
    )


def _copied(run: PlanRun, old: DateProposal) -> DateProposal:
    old.pk, old.run = None, run
    old._state.adding = True
    return old


def _name_hosts(rows: list[DateProposal], facts: plan_facts.Facts) -> None:
    """Hosts in turn for the meetings of each region that have none yet."""
    for region, hosts in facts.hosts.items():
        own = [row for row in rows if row.region_id == region]
        taken = [row.meeting.host_organisation_id for row in own if row.meeting and row.meeting.host_organisation_id]
        without = [row for row in own if not (row.meeting and row.meeting.host_organisation_id)]
        without.sort(key=lambda row: row.round.number or 0)
        for row, turn in zip(without, proposal.turns(hosts, len(without), taken), strict=False):
            row.host_id, row.host_reason = turn.host.key, turn.reason[:300]


# --- accepting -----------------------------------------------------------------------------------
@transaction.atomic
def accept(*, run: PlanRun, days: dict[int, date], by: Any, form_id: "uuid.UUID | str | None" = None) -> list[Meeting]:
    """Write proposed days into the meetings, creating the missing ones; nothing is announced or sent.

    `days`: proposal → one of its days. Every day is tested again against the plan as it stands now, the other days
    accepted with it included. Raises ProposalError with the first that no longer holds; then nothing is done.
    """
    series = _locked(run.series, form_id, by, "plan.accept")
    newest = newest_run(series)
    if newest is None or newest.pk != run.pk:
        raise ProposalError("Inzwischen gibt es einen neueren Vorschlag. Sehen Sie ihn sich an und wählen Sie daraus.")
    chosen = [(row, days[row.pk]) for row in run.proposals.for_board() if row.pk in days and not row.is_fixed]
    if not chosen:
        raise ProposalError("Wählen Sie mindestens einen Termin aus.")
    _test(series, run, chosen, by)
    return [_dated(series, row, day, by) for row, day in chosen]


def _test(series: MeetingSeries, run: PlanRun, chosen: list[tuple[DateProposal, date]], by: Any) -> None:
    facts = plan_facts.gather(series, latest=standing_proposals(run))
    keys = {planned.place: key for key, planned in facts.planned.items()}
    slots = {slot.key: slot for slot in facts.problem.slots}
    plan = {key: day for key, slot in slots.items() if (day := slot.fixed or slot.current)}
    wanted = {}
    for row, day in chosen:
        check_may(row, by)
        key = keys.get((row.round.number, row.region_id))
        if key is None or slots[key].fixed or row.choice_on(day) is None:
            raise ProposalError(f"Der Vorschlag für {name_of(row)} ist überholt. Rechnen Sie neu.")
        wanted[key] = (row, day)
    plan.update({key: day for key, (_, day) in wanted.items()})
    for key, (row, day) in wanted.items():
        against = next(broken(facts.problem, plan, slots[key], day), None)
        if against:
            raise ProposalError(
                f"{name_of(row)}: {day:%d.%m.%Y} geht nicht mehr. {against[1]} Wählen Sie anders oder rechnen Sie neu."
            )


def check_may(row: DateProposal, by: Any) -> None:
    """Regional ones decide about their regions' rows, the Gesamtkoordination about all. Raises ProposalError."""
    if not by.has_perm("meetings.decide_dateproposal", row):
        raise ProposalError("Entscheiden Sie über die Termine Ihrer eigenen Regionen.")


def name_of(row: DateProposal) -> str:
    """ "Bayern, Runde 2", or "Bundesweites Treffen"."""
    return f"{row.region}, Runde {row.round.number}" if row.region else "Bundesweites Treffen"


def _dated(series: MeetingSeries, row: DateProposal, day: date, by: Any) -> Meeting:
    meeting = row.meeting or _created(series, row, by)
    if row.host_id and not meeting.host_organisation_id:
        meeting.host_organisation_id = row.host_id
        history.save(meeting, by=by, reason=f"Gastgeber nach Vorschlag: {row.host_reason}")
    if meeting.starts_on != day:
        meeting = scheduling.set_date(
            meeting=meeting,
            starts_at=datetime(day.year, day.month, day.day, STARTS),  # noqa: DTZ001 - the clock in Berlin
            ends_at=datetime(day.year, day.month, day.day, ENDS),  # noqa: DTZ001
            venue=meeting.venue,
            by=by,
        )
    row.meeting, row.accepted_on = meeting, day
    row.save(update_fields=["meeting", "accepted_on"])
    return meeting


def _created(series: MeetingSeries, row: DateProposal, by: Any) -> Meeting:
    """The missing meeting; it belongs to the region's coordinator, who will hold it."""
    title = f"Vernetzungstreffen {row.region} {row.round.number}/" if row.region else "Bundesweites Vernetzungstreffen "
    meeting = planning.create_meeting(
        year=series.year,
        regions=[row.region] if row.region else [],
        title=f"{title}{series.year}",
        round_number=row.round.number,
        by=by,
    )
    if row.region:
        own = plan_facts.coordinators_of([row.region])[row.region.pk]
        if own and meeting.responsible_id not in own:
            meeting.responsible_id = own[0]
            history.save(meeting, by=by, reason="Zuständigkeit der Region")
    return meeting


# --- what people say to it -----------------------------------------------------------------------
@transaction.atomic
def refuse(*, row: DateProposal, day: date, reason: str, by: Any, form_id: "uuid.UUID | str | None" = None) -> DateVeto:
    """The region cannot meet on this day: the proposer leaves it out from now on, with this name and reason."""
    check_may(row, by)
    words = _words(reason, "Nennen Sie den Grund; er steht beim Vorschlag.")
    _locked(row.run.series, form_id, by, "plan.refuse")
    if not row.round.window_start <= day <= row.round.window_end:
        raise ProposalError(f"Der {day:%d.%m.%Y} liegt nicht im Zeitraum der Runde. Wählen Sie einen Tag daraus.")
    veto, _ = DateVeto.objects.update_or_create(
        round=row.round,
        region=row.region,
        day=day,
        defaults={"reason": words, "made_by": by, "made_at": timezone.now()},
    )
    return veto


@transaction.atomic
def allow(
    *, row: DateProposal, kind: str, reason: str, by: Any, form_id: "uuid.UUID | str | None" = None
) -> DateAllowance:
    """An exception for one meeting (Gesamtkoordination or the region), with its reason."""
    check_may(row, by)
    if kind not in DateAllowance.Kind.values:
        raise ProposalError("Wählen Sie, was zugelassen wird.")
    words = _words(reason, "Nennen Sie den Grund; er steht beim Termin.")
    _locked(row.run.series, form_id, by, "plan.allow")
    allowed, _ = DateAllowance.objects.update_or_create(
        round=row.round,
        region=row.region,
        kind=kind,
        defaults={"reason": words, "made_by": by, "made_at": timezone.now()},
    )
    return allowed


@transaction.atomic
def take_back(*, record: DateVeto | DateAllowance, by: Any) -> None:
    """A refusal or an exception no longer holds."""
    access = access_of(by)
    if not (access.coordinates(record.region_id) if record.region_id else access.coordinates_all):
        raise ProposalError("Entscheiden Sie über die Termine Ihrer eigenen Regionen.")
    record.delete()


@transaction.atomic
def hold(*, meeting: Meeting, by: Any, held: bool = True) -> None:
    """The proposer leaves this meeting's date alone from now on; `held` False lets it plan again."""
    locked = scheduling.lock(meeting, None, by, "plan.hold")
    access = access_of(by)
    own = [region.pk for region in locked.places]
    if not access.coordinates_all and (locked.kind == Meeting.Kind.NATIONAL or not access.coordinates_any(own)):
        raise ProposalError("Entscheiden Sie über die Termine Ihrer eigenen Regionen.")
    if held and locked.starts_at is None:
        raise ProposalError("Setzen Sie zuerst den Termin; ohne ihn gibt es nichts festzuhalten.")
    if held:
        FixedDate.objects.get_or_create(meeting=locked, defaults={"made_by": by})
    else:
        FixedDate.objects.filter(meeting=locked).delete()


def _words(text: str, missing: str) -> str:
    words = scheduling.one_line(text, 300)
    if not words:
        raise ProposalError(missing)
    return words
