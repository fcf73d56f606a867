"""The job around the proposer: rights, what is stored, what accepting does, refusing, exceptions, held dates."""

from datetime import date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from meetings import plan_facts, planning, proposing, scheduling
from meetings.models import DateAllowance, DateProposal, DateVeto, Meeting, PlanRun
from mobipro.outbox.models import OutboxMessage
from regions.models import AlreadyReceived, BlockedPeriod, FederalState, FormReceipt
from tests import factories
from tests.meetings import world, years

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(overall):
    return planning.open_year(year=2031, by=overall)


@pytest.fixture
def run(series, overall):
    return proposing.propose(series=series, by=overall)


def of(run, code, number):
    return run.proposals.get(region__code=code, round__number=number)


def accept(run, by, *rows, **fields):
    return proposing.accept(run=run, days={row.pk: row.best for row in rows}, by=by, **fields)


def bavarian_holidays(first, last, name="Pfingstferien"):
    land = FederalState.objects.get(iso_code="DE-BY")
    return BlockedPeriod.objects.create(
        federal_state=land, kind="school_holiday", name=name, starts_on=first, ends_on=last
    )


def checked(series, run):
    """Judge the stored days with the checker's own code."""
    facts = plan_facts.gather(series, latest=proposing.standing_proposals(run))
    slots = {slot.key: slot for slot in facts.problem.slots}
    plan = {key: slot.fixed or slot.current for key, slot in slots.items() if slot.fixed or slot.current}
    return [key for key, day in plan.items() if not years.is_free(facts.problem, plan, slots[key], day)]


def test_a_year_from_nothing_gets_25_dates_with_reasons_and_no_broken_rule(series, run):
    assert run.proposals.count() == 25
    assert all(row.best and row.choices[0]["reasons"] for row in run.proposals.all())
    assert checked(series, run) == []
    assert run.seconds < 10
    assert not Meeting.objects.exists()


def test_only_the_gesamtkoordination_runs_the_proposer_for_the_year(series, kaya):
    with pytest.raises(proposing.ProposalError, match="Gesamtkoordination"):
        proposing.propose(series=series, by=kaya)


def test_missing_school_holidays_are_named_until_they_are_there(series, run, overall):
    assert "Für Sachsen fehlen die Schulferien 2031 – Vorschlag unvollständig." in run.notes
    bavarian_holidays(date(2031, 7, 28), date(2031, 9, 8))
    saxony = FederalState.objects.get(iso_code="DE-SN")
    BlockedPeriod.objects.create(
        federal_state=saxony, kind="school_holiday", name="Weihnachten", starts_on="2030-12-23", ends_on="2031-01-03"
    )
    notes = proposing.propose(series=series, by=overall).notes
    assert "Für Sachsen fehlen die Schulferien 2031 – Vorschlag unvollständig." in notes
    assert "Für Bayern fehlen die Schulferien 2031 – Vorschlag unvollständig." not in notes


def test_accepting_all_makes_25_ideas_with_dates_and_sends_nothing(series, run, overall, bavarian):
    made = accept(run, overall, *run.proposals.all())
    assert len(made) == 25
    assert set(Meeting.objects.values_list("status", flat=True)) == {Meeting.Status.IDEA}
    assert not OutboxMessage.objects.exists()
    meeting = Meeting.objects.get(code="2031-BY-2")
    assert (meeting.starts_on, meeting.responsible) == (of(run, "BY", 2).best, bavarian)
    assert meeting.starts_at.astimezone(world.BERLIN).hour == 10
    assert checked(series, run) == []


def test_the_second_best_day_can_be_chosen_and_a_foreign_day_cannot(run, bavarian):
    row = of(run, "BY", 2)
    with pytest.raises(proposing.ProposalError, match="überholt"):
        proposing.accept(run=run, days={row.pk: date(2031, 6, 29)}, by=bavarian)
    proposing.accept(run=run, days={row.pk: row.days[1]}, by=bavarian)
    assert Meeting.objects.get().starts_on == row.days[1]


def test_regional_ones_accept_their_own_rows_only(run, bavarian):
    assert accept(run, bavarian, of(run, "BY", 1))[0].code == "2031-BY-1"
    for row in (of(run, "BW", 1), run.proposals.get(region=None)):
        with pytest.raises(proposing.ProposalError, match="eigenen Regionen"):
            accept(run, bavarian, row)


def test_an_older_proposal_is_not_accepted_any_more(series, run, overall):
    row = of(run, "BY", 1)
    proposing.propose(series=series, by=overall)
    with pytest.raises(proposing.ProposalError, match="neueren Vorschlag"):
        accept(run, overall, row)


def test_a_day_that_got_blocked_meanwhile_is_refused_with_the_reason(run, overall):
    row = of(run, "BY", 2)
    bavarian_holidays(row.best, row.best)
    with pytest.raises(proposing.ProposalError, match=r"geht nicht mehr.*Pfingstferien"):
        accept(run, overall, row)
    assert not Meeting.objects.exists()


def test_the_same_form_accepts_and_proposes_once(series, run, overall):
    form_id, other = FormReceipt.new_id(), FormReceipt.new_id()
    accept(run, overall, of(run, "BY", 1), form_id=form_id)
    with pytest.raises(AlreadyReceived):
        accept(run, overall, of(run, "BY", 1), form_id=form_id)
    proposing.propose(series=series, by=overall, form_id=other)
    with pytest.raises(AlreadyReceived):
        proposing.propose(series=series, by=overall, form_id=other)
    assert PlanRun.objects.count() == 2


def test_a_new_holiday_moves_only_what_it_hits_and_says_why(series, run, overall):
    accept(run, overall, *run.proposals.all())
    hit = Meeting.objects.get(code="2031-BY-2").starts_on
    bavarian_holidays(hit, hit)
    again = proposing.propose(series=series, by=overall)
    moved = [row for row in again.proposals.all() if row.has_moved]
    assert [(row.region.code, row.round.number, row.planned) for row in moved] == [("BY", 2, hit)]
    assert moved[0].moved == "Schulferien: Pfingstferien in Bayern."
    assert Meeting.objects.get(code="2031-BY-2").starts_on == hit  # nothing moves before somebody accepts it
    accept(again, overall, *moved)
    assert Meeting.objects.get(code="2031-BY-2").starts_on == moved[0].best


def test_a_refused_day_leaves_with_name_and_reason_when_the_row_is_planned_again(series, run, bavarian):
    row = of(run, "BY", 2)
    veto = proposing.refuse(row=row, day=row.best, reason="Landesausstellung", by=bavarian)
    again = proposing.propose_row(series=series, region=row.region, by=bavarian)
    new = of(again, "BY", 2)
    assert new.best != row.best
    assert new.moved == "Veit Brandner hat den Tag abgelehnt: Landesausstellung"
    others = again.proposals.exclude(region__code="BY")
    assert {other.best for other in others} == {other.best for other in run.proposals.exclude(region__code="BY")}
    assert again.proposals.count() == 25
    proposing.take_back(record=veto, by=bavarian)
    assert not DateVeto.objects.exists()


def test_refusing_needs_a_reason_the_own_region_and_a_day_of_the_round(run, bavarian):
    row = of(run, "BY", 2)
    with pytest.raises(proposing.ProposalError, match="Grund"):
        proposing.refuse(row=row, day=row.best, reason=" ", by=bavarian)
    with pytest.raises(proposing.ProposalError, match="nicht im Zeitraum"):
        proposing.refuse(row=row, day=date(2031, 12, 24), reason="Fest", by=bavarian)
    with pytest.raises(proposing.ProposalError, match="eigenen Regionen"):
        proposing.refuse(row=of(run, "BW", 2), day=row.best, reason="Fest", by=bavarian)
    with pytest.raises(proposing.ProposalError, match="eigenen Regionen"):
        proposing.propose_row(series=run.series, region=factories.region("BW"), by=bavarian)


def test_a_round_full_of_holidays_has_no_day_until_it_is_allowed_with_a_reason(series, bavarian, overall):
    bavarian_holidays(date(2031, 5, 1), date(2031, 7, 10), "Lange Ferien")
    row = of(proposing.propose(series=series, by=overall), "BY", 2)
    assert row.best is None
    assert row.problem.startswith("In Runde 2 ist für Bayern kein Tag frei, weil alle 65 Tage vom 02.05.")
    proposing.allow(row=row, kind="school_holiday", reason="Die Träger sind einverstanden.", by=bavarian)
    row = of(proposing.propose_row(series=series, region=row.region, by=bavarian), "BY", 2)
    assert "Lange Ferien in Bayern – zugelassen: Die Träger sind einverstanden." in row.choices[0]["doubts"]
    assert accept(row.run, bavarian, row)[0].starts_on == row.best
    with pytest.raises(proposing.ProposalError, match="was zugelassen"):
        proposing.allow(row=row, kind="public_holiday", reason="x", by=bavarian)
    assert DateAllowance.objects.count() == 1


def test_a_held_date_stays_where_it_is(series, run, overall, bavarian, kaya):
    meeting = accept(run, overall, of(run, "BY", 2))[0]
    bavarian_holidays(meeting.starts_on, meeting.starts_on)
    with pytest.raises(proposing.ProposalError, match="eigenen Regionen"):
        proposing.hold(meeting=accept(run, overall, of(run, "BW", 2))[0], by=bavarian)
    proposing.hold(meeting=meeting, by=bavarian)
    proposing.hold(meeting=meeting, by=bavarian)
    row = of(proposing.propose(series=series, by=overall), "BY", 2)
    assert (row.is_fixed, row.best) == (True, meeting.starts_on)
    assert row.choices[0]["doubts"] == ["Schulferien: Pfingstferien in Bayern."]
    proposing.hold(meeting=meeting, by=bavarian, held=False)
    assert of(proposing.propose(series=series, by=overall), "BY", 2).best != meeting.starts_on


def test_announced_meetings_are_settled_and_postponed_ones_are_named(series, overall):
    meeting = world.make_dated_meeting("2031-NORD-1", round=series.rounds.get(number=1))
    scheduling.announce(meeting=meeting, by=overall)
    later = world.make_dated_meeting("2031-NORD-2", round=series.rounds.get(number=2))
    scheduling.announce(meeting=later, by=overall)
    scheduling.postpone(meeting=later, reason="Hochwasser", by=overall)
    run = proposing.propose(series=series, by=overall)
    assert of(run, "NORD", 1).is_fixed
    assert run.proposals.count() == 24
    assert any(note.startswith("2031-NORD-2 ist verschoben") for note in run.notes)


def test_joint_meetings_take_one_day_for_both_regions(series, overall):
    regions = [factories.region("NORD"), factories.region("BY")]
    planning.create_meeting(year=2031, regions=regions, title="Gemeinsam", round_number=2, by=overall)
    run = proposing.propose(series=series, by=overall)
    assert run.proposals.count() == 24
    assert not run.proposals.filter(region__code="BY", round__number=2).exists()
    assert checked(series, run) == []


def test_last_years_distance_counts_from_its_third_round_only(series, overall):
    start = datetime(2030, 11, 20, 10, tzinfo=world.BERLIN)
    before = planning.open_year(year=2030, by=overall)
    for code, number, month in (("NORD", 3, 11), ("BY", 2, 6)):
        begin = start.replace(month=month)
        world.make_meeting(
            f"2030-{code}-{number}",
            code,
            starts_at=begin,
            ends_at=begin.replace(hour=16),
            round=before.rounds.get(number=number),
        )
    previous = {lane.key: lane.previous for lane in plan_facts.gather(series).problem.lanes}
    assert (previous["NORD"], previous["BY"]) == (date(2030, 11, 20), None)


def test_hosts_take_turns_in_their_region(series, overall):
    first, second = factories.make_traeger("Alpha", "Alpha"), factories.make_traeger("Beta", "Beta")
    factories.make_project("Eins", "BY", lead=first)
    factories.make_project("Zwei", "BY", lead=second)
    start = datetime(2030, 5, 7, 10, tzinfo=world.BERLIN)
    world.make_meeting(
        "2030-BY-2", "BY", host_organisation=first, starts_at=start, ends_at=start.replace(hour=16), status="held"
    )
    run = proposing.propose(series=series, by=overall)
    hosts = [of(run, "BY", number).host for number in (1, 2, 3)]
    assert hosts == [second, first, second]
    assert of(run, "BY", 1).host_reason == "Beta war noch nie Gastgeber."
    assert of(run, "BY", 2).host_reason == "Alpha war einmal Gastgeber, zuletzt am 07.05.2030."
    assert accept(run, overall, of(run, "BY", 1))[0].host_organisation == second


def test_a_run_costs_the_same_queries_with_more_meetings(series, overall):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            proposing.propose(series=series, by=overall)
        return len(seen)

    queries()
    world.make_dated_meeting("2031-NORD-1", round=series.rounds.get(number=1))
    one = queries()
    world.make_dated_meeting("2031-NORD-2", round=series.rounds.get(number=2))
    world.make_dated_meeting("2031-NORD-3", round=series.rounds.get(number=3))
    assert queries() == one
    assert one <= 30
    assert DateProposal.objects.filter(run__series=series).count() == 75


def test_the_database_keeps_one_refusal_a_day_also_for_the_national_meeting(series, run, overall):
    row = run.proposals.get(region=None)
    proposing.refuse(row=row, day=row.best, reason="Messe in Berlin", by=overall)
    with pytest.raises(IntegrityError), transaction.atomic():
        DateVeto.objects.create(round=row.round, region=None, day=row.best, reason="noch einmal", made_by=overall)
    assert DateVeto.objects.count() == 1
