"""The proposal's page: who may do what, reasons in words, accepting, refusing, exceptions, held dates."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings import planning, proposing
from meetings.models import DateAllowance, DateVeto, Meeting, PlanRun
from regions.models import BlockedPeriod, FederalState
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(overall):
    return planning.open_year(year=2031, by=overall)


@pytest.fixture
def run(series, overall):
    return proposing.propose(series=series, by=overall)


def page(client):
    return client.get(reverse("admin:meetings_year_proposal", args=[2031]))


def step(client, kind, **data):
    return client.post(reverse("admin:meetings_year_step", args=[2031, kind]), data, follow=True)


def text(response):
    return response.content.decode()


def of(run, code, number):
    return run.proposals.get(region__code=code, round__number=number)


def test_the_proposer_is_run_by_the_gesamtkoordination_in_the_browser(client, series, overall, kaya):
    client.force_login(kaya)
    assert "Den ersten Vorschlag rechnet die Gesamtkoordination." in text(page(client))
    assert step(client, "rechnen").status_code == 403
    assert not PlanRun.objects.exists()
    client.force_login(overall)
    assert "Vorschlag rechnen" in text(page(client))
    found = text(step(client, "rechnen"))
    assert "Alle 25 vorgeschlagenen Termine übernehmen" in found
    assert "kein Feiertag, keine Schulferien und keine Sperrzeit in Bayern." in found
    assert "Für Sachsen fehlen die Schulferien 2031 – Vorschlag unvollständig." in found
    assert not Meeting.objects.exists()


def test_all_dates_are_taken_over_with_one_button(client, run, overall, kaya):
    client.force_login(kaya)
    assert step(client, "uebernehmen", run=run.pk, alle="ja").status_code == 403
    client.force_login(overall)
    found = text(step(client, "uebernehmen", run=run.pk, alle="ja"))
    assert "25 Termine sind übernommen. Verschickt wurde nichts." in found
    assert Meeting.objects.count() == 25
    assert "vorgeschlagenen Termine übernehmen" not in found


def test_a_region_takes_over_its_own_row_with_the_second_best_day(client, run, bavarian):
    client.force_login(bavarian)
    first, second, third = (of(run, "BY", number) for number in (1, 2, 3))
    days = {f"tag-{first.pk}": first.best, f"tag-{second.pk}": second.days[1], f"tag-{third.pk}": ""}
    found = text(step(client, "uebernehmen", run=run.pk, **days))
    assert "2 Termine sind übernommen." in found
    assert {row.starts_on for row in Meeting.objects.all()} == {first.best, second.days[1]}
    assert f'name="tag-{first.pk}"' in found
    foreign = of(run, "NORD", 1)
    assert f'name="tag-{foreign.pk}"' not in found
    assert "eigenen Regionen" in text(step(client, "uebernehmen", run=run.pk, **{f"tag-{foreign.pk}": foreign.best}))
    assert Meeting.objects.count() == 2


@pytest.mark.parametrize("data", [{}, {"run": "x"}, {"run": "9" * 40}])
def test_a_proposal_that_is_not_the_newest_is_not_taken_over(client, run, overall, data):
    client.force_login(overall)
    assert "neueren Vorschlag" in text(step(client, "uebernehmen", alle="ja", **data))
    assert not Meeting.objects.exists()


def test_nothing_chosen_says_what_to_do(client, run, overall):
    client.force_login(overall)
    assert "Wählen Sie mindestens einen Termin aus." in text(step(client, "uebernehmen", run=run.pk))


def refuse(client, row, **fields):
    data = {f"ablehnen-{row.pk}-day": row.best, f"ablehnen-{row.pk}-reason": "Landesausstellung", **fields}
    return step(client, "ablehnen", row=row.pk, **data)


def test_a_refused_day_makes_the_row_new_and_stays_named(client, run, bavarian):
    client.force_login(bavarian)
    row = of(run, "BY", 2)
    found = text(refuse(client, row))
    assert "Der Tag ist abgelehnt; ein anderer ist vorgeschlagen." in found
    assert "Veit Brandner hat den Tag abgelehnt: Landesausstellung" in found
    veto = DateVeto.objects.get()
    assert "Zurückgenommen." in text(step(client, "zuruecknehmen", what="veto", record=veto.pk))
    assert not DateVeto.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("reason", "", "Nennen Sie den Grund."),
        ("reason", "a\x07b", "Steuerzeichen"),
        ("reason", "x" * 9000, "höchstens 300 Zeichen"),
        ("day", "2031-02-31", "2031-02-31"),
        ("day", "", "Wählen Sie den Tag."),
    ],
)
def test_a_broken_refusal_is_told_at_its_field(client, run, bavarian, field, value, words):
    client.force_login(bavarian)
    row = of(run, "BY", 2)
    found = text(refuse(client, row, **{f"ablehnen-{row.pk}-{field}": value}))
    assert words in found
    assert "<details open>" in found
    assert "Landesausstellung" in found or field == "reason"
    assert not DateVeto.objects.exists()


def test_foreign_rows_and_unknown_steps_are_out_of_reach(client, run, bavarian, kaya):
    client.force_login(bavarian)
    assert refuse(client, of(run, "NORD", 2)).status_code == 403
    assert step(client, "zeile", region="NORD").status_code == 403
    assert step(client, "ablehnen", row="987654").status_code == 404
    assert step(client, "zuruecknehmen", record="987654").status_code == 404
    assert step(client, "gibt-es-nicht").status_code == 404
    veto = proposing.refuse(row=of(run, "NORD", 2), day=of(run, "NORD", 2).best, reason="Fest", by=kaya)
    assert step(client, "zuruecknehmen", what="veto", record=veto.pk).status_code == 403
    assert client.get(reverse("admin:meetings_year_step", args=[2031, "rechnen"])).status_code == 405


def test_a_round_without_a_free_day_is_explained_and_an_exception_helps(client, series, overall, bavarian):
    BlockedPeriod.objects.create(
        federal_state=FederalState.objects.get(iso_code="DE-BY"),
        kind="school_holiday",
        name="Lange Ferien",
        starts_on="2031-05-01",
        ends_on="2031-07-10",
    )
    row = of(proposing.propose(series=series, by=overall), "BY", 2)
    client.force_login(bavarian)
    assert "In Runde 2 ist für Bayern kein Tag frei, weil alle 65 Tage" in text(page(client))
    data = {f"zulassen-{row.pk}-kind": "school_holiday", f"zulassen-{row.pk}-reason": ""}
    assert "Nennen Sie den Grund." in text(step(client, "zulassen", row=row.pk, **data))
    data[f"zulassen-{row.pk}-reason"] = "Alle Träger stimmen zu."
    found = text(step(client, "zulassen", row=row.pk, **data))
    assert "Aber: Lange Ferien in Bayern – zugelassen: Alle Träger stimmen zu." in found
    assert DateAllowance.objects.count() == 1


def test_a_date_is_held_and_let_go(client, run, overall, bavarian):
    meeting = proposing.accept(run=run, days={of(run, "BY", 1).pk: of(run, "BY", 1).best}, by=overall)[0]
    client.force_login(bavarian)
    row = of(run, "BY", 1).pk
    assert "– festgehalten" in text(step(client, "festhalten", row=row, held="ja"))
    assert Meeting.objects.get(pk=meeting.pk).fixed_date
    assert "– festgehalten" not in text(step(client, "festhalten", row=row, held="nein"))
    assert step(client, "festhalten", row=of(run, "BY", 2).pk, held="ja").status_code == 404


def test_what_would_move_is_listed_with_the_reason(client, run, overall):
    row = of(run, "BY", 2)
    proposing.accept(run=run, days={one.pk: one.best for one in run.proposals.all()}, by=overall)
    BlockedPeriod.objects.create(
        federal_state=FederalState.objects.get(iso_code="DE-BY"),
        kind="school_holiday",
        name="Pfingstferien",
        starts_on=row.best,
        ends_on=row.best,
    )
    client.force_login(overall)
    found = text(step(client, "zeile", region="BY"))
    assert "Was sich verschieben würde" in found
    assert "Schulferien: Pfingstferien in Bayern." in found
    assert "Den vorgeschlagenen Termin übernehmen" in found


def test_the_page_takes_the_same_queries_for_one_and_three_meetings(client, run, overall):
    client.force_login(overall)
    counts = []
    for number in (1, 2, 3):
        row = of(run, "NORD", number)
        row.meeting = world.make_dated_meeting(f"2031-NORD-{number}", round=row.round)
        row.save()
        with CaptureQueriesContext(connection) as seen:
            page(client)
        counts.append(len(seen))
    assert counts[0] == counts[2]
    assert counts[0] <= 20
