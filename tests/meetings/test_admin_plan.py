"""The year plan: opened by the Gesamtkoordination, read by all, filled by the regions."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from meetings import planning, year_weeks
from meetings.models import FunderAgreement, Meeting, MeetingSeries
from regions.models import BlockedPeriod, FederalState
from tests.meetings import world

pytestmark = pytest.mark.django_db


def plan(client, year=2031):
    return client.get(reverse("admin:meetings_year_plan", args=[year]))


def text(response):
    return response.content.decode()


def test_the_gesamtkoordination_opens_a_year_and_nobody_else_does(client, kaya, overall):
    address = reverse("admin:meetings_year_plan", args=[2031])
    client.force_login(kaya)
    assert "Das macht die Gesamtkoordination." in text(plan(client))
    client.post(address)
    assert not MeetingSeries.objects.exists()
    client.force_login(overall)
    assert "Jahr 2031 öffnen" in text(plan(client))
    client.post(address)
    client.post(address)
    assert MeetingSeries.objects.get().rounds.count() == 4


@pytest.mark.parametrize("year", [2012, 2100])
def test_a_year_outside_the_programme_is_not_found(client, kaya, year):
    client.force_login(kaya)
    assert plan(client, year).status_code == 404


def test_the_list_by_month_comes_before_the_table(client, kaya):
    world.make_dated_meeting(title="Titel im März")
    client.force_login(kaya)
    page = text(plan(client))
    assert (
        page.index("Nach Monaten")
        < page.index("Titel im März</a> (Hamburg")
        < page.index('<table class="yearplan yearplan--weeks"')
    )


def test_empty_cells_of_the_own_regions_are_named_links(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    page = text(plan(client))
    assert 'aria-label="Treffen Nord im April anlegen" aria-describedby="kw-15"' in page
    assert 'aria-label="Treffen Bayern im April anlegen" aria-describedby="kw-15"' in page  # deputy
    assert "Treffen Nordrhein-Westfalen im April anlegen" not in page
    assert "Treffen bundesweit im April anlegen" not in page
    client.force_login(overall)
    assert "Treffen bundesweit im April anlegen" in text(plan(client))


def test_the_sum_of_a_region_leaves_cancelled_meetings_out(client, kaya):
    world.make_dated_meeting("2031-NORD-1")
    world.make_meeting("2031-NORD-2")
    Meeting.objects.filter(code="2031-NORD-1").update(status="cancelled", cancelled_at=world.at(10))
    client.force_login(kaya)
    row = re.search(r'<th scope="row">Nord</th>\s*<td>(.*?)</td>', text(plan(client)), re.S)
    assert row.group(1) == "<strong>1</strong> / 3"


def test_a_new_meeting_of_a_month_gets_a_day_without_holiday_proposed(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    address = reverse("admin:meetings_meeting_add")
    form = client.get(address, {"jahr": "2031", "region": "NORD", "monat": "4"}).context["form"]
    assert form.initial["month"] == 4
    data = {"title": "Neu", "regions": [form.initial["regions"][0].pk], "year": 2031, "month": 4}
    page = client.post(address, data, follow=True)
    meeting = Meeting.objects.get(title="Neu")
    assert page.redirect_chain[-1][0] == reverse("admin:meetings_date", args=[meeting.pk]) + "?monat=4&woche="
    assert 'value="01.04.2031"' in text(page)  # a Tuesday


def test_a_new_meeting_of_a_week_gets_a_day_of_that_week(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    address = reverse("admin:meetings_meeting_add")
    form = client.get(address, {"jahr": "2031", "region": "NORD", "monat": "4", "woche": "18"}).context["form"]
    data = {"title": "Neu", "regions": [form.initial["regions"][0].pk], "year": 2031, "month": 4, "week": 18}
    page = client.post(address, data, follow=True)
    assert 'value="29.04.2031"' in text(page)  # the Tuesday; Thursday is the 1 May


@pytest.mark.parametrize(
    "query", [{"jahr": "abcd", "monat": "99"}, {"jahr": "9" * 30, "region": "x" * 500, "woche": "77"}]
)
def test_a_broken_address_of_the_form_is_no_error(client, kaya, query):
    client.force_login(kaya)
    assert client.get(reverse("admin:meetings_meeting_add"), query).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Geben Sie dem Treffen einen Titel."),
        ({"title": "a\x07b"}, "Steuerzeichen"),
        ({"title": "x" * 5000}, "160"),
        ({"year": "x"}, "Bitte so: 2027."),
        ({"year": "9" * 40}, ""),
        ({"regions": ["999999"]}, ""),
        ({"regions": ["abc"]}, ""),
        ({"year": 2030}, "noch nicht geöffnet"),
    ],
)
def test_bad_input_of_a_new_meeting_is_told(client, kaya, overall, changes, words):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    region = client.get(reverse("admin:meetings_meeting_add"), {"region": "NORD"}).context["form"].initial["regions"][0]
    data = {"title": "Neu", "regions": [region.pk], "year": 2031, **changes}
    page = client.post(reverse("admin:meetings_meeting_add"), data)
    assert page.status_code == 200
    assert words in text(page)
    assert not Meeting.objects.exists()


def test_the_board_takes_the_same_queries_for_one_and_three_meetings(client, kaya, django_assert_max_num_queries):
    client.force_login(kaya)
    world.make_dated_meeting("2031-NORD-1")
    plan(client)
    counts = []
    for number in (None, 2, 3):
        if number:
            world.make_dated_meeting(f"2031-NORD-{number}")
        with django_assert_max_num_queries(18) as seen:
            plan(client)
        counts.append(len(seen))
    assert counts[0] == counts[2]


def test_an_open_year_takes_the_same_queries_for_one_and_three_meetings(
    client, kaya, overall, django_assert_max_num_queries
):
    series = planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    world.make_dated_meeting("2031-NORD-1", round=series.rounds.get(number=1))
    plan(client)
    counts = []
    for number in (None, 2, 3):
        if number:
            world.make_dated_meeting(f"2031-NORD-{number}", round=series.rounds.get(number=number))
        with django_assert_max_num_queries(30) as seen:
            plan(client)
        counts.append(len(seen))
    assert counts[0] == counts[2]


# --- weeks, conflicts, files ---------------------------------------------------------------------
def school_holidays(iso_code, first, last, name="Pfingstferien"):
    return BlockedPeriod.objects.create(
        federal_state=FederalState.objects.get(iso_code=iso_code),
        kind="school_holiday",
        name=name,
        starts_on=first,
        ends_on=last,
    )


@pytest.mark.parametrize(("year", "number"), [(2026, 53), (2027, 52), (2031, 52), (2032, 53)])
def test_a_year_has_52_or_53_weeks_and_each_belongs_to_one_month(year, number):
    weeks = year_weeks.weeks_of(year)
    assert len(weeks) == number
    assert sum(count for _, count in year_weeks.months_of(weeks)) == number
    assert [month for month, _ in year_weeks.months_of(weeks)] == list(range(1, 13))


def test_holidays_shade_the_weeks_of_their_region_and_are_named(client, kaya):
    school_holidays("DE-BY", date(2031, 6, 2), date(2031, 6, 13))
    client.force_login(kaya)
    lanes = {row.lane.region.code: row for row, _ in plan(client).context["lanes"] if row.lane.region}
    cell = lanes["BY"].cells[22]
    assert (cell.week.monday, cell.level, cell.names[0]) == (date(2031, 6, 2), "full", "Pfingstferien in Bayern")
    assert lanes["NORD"].cells[22].level == "some"  # Whit Monday
    assert lanes["NORD"].cells[24].level == ""
    assert "02.06.–13.06. Pfingstferien in Bayern" in text(plan(client))


def test_missing_school_holidays_are_named(client, kaya):
    client.force_login(kaya)
    assert "Für Hamburg fehlen die Schulferien 2031" in text(plan(client))
    for land in FederalState.objects.exclude(iso_code="DE-SN"):
        school_holidays(land.iso_code, date(2031, 8, 1), date(2031, 8, 8))
    page = text(plan(client))
    assert "Für Sachsen fehlen die Schulferien 2031 – der Plan ist unvollständig." in page
    assert "Für Hamburg fehlen" not in page


def test_a_planned_day_in_the_holidays_is_a_conflict_with_the_way_to_change_it(client, kaya, overall):
    series = planning.open_year(year=2031, by=overall)
    meeting = world.make_dated_meeting("2031-NORD-1", round=series.rounds.get(number=1))
    client.force_login(kaya)
    assert "Was nicht passt" not in text(plan(client))
    school_holidays("DE-HH", date(2031, 3, 10), date(2031, 3, 14), "Frühjahrsferien")
    page = text(plan(client))
    assert "Schulferien: Frühjahrsferien in Hamburg." in page
    assert reverse("admin:meetings_date", args=[meeting.pk]) in page


def test_the_year_is_a_table_and_a_calendar(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    world.make_dated_meeting("2031-NORD-1", title="=Titel im März")
    client.force_login(kaya)
    address = reverse("admin:meetings_year_plan", args=[2031])
    table = client.get(address, {"format": "xlsx"})
    assert table["Content-Disposition"] == 'attachment; filename="jahresplan-2031.xlsx"'
    rows = list(load_workbook(BytesIO(table.content)).active.values)
    assert rows[2][0] == "BMAS: noch nicht abgestimmt"
    assert rows[6][:7] == ("Mi, 12. März 2031", "10–16 Uhr", 11, "Nord", None, "=Titel im März", "Hamburg")
    calendar = client.get(address, {"format": "ics"})
    assert calendar["Content-Type"].startswith("text/calendar")
    assert b"DTSTART;TZID=Europe/Berlin:20310312T100000" in calendar.content


# --- the agreement with the funders --------------------------------------------------------------
def approve(client, **fields):
    data = {"abstimmung-funder": "bmas", "abstimmung-outcome": "agreed", "abstimmung-on": "03.11.2026"}
    data |= {"abstimmung-person": "Frau Dr. Lindner", **fields}
    return client.post(reverse("admin:meetings_year_step", args=[2031, "abstimmung"]), data, follow=True)


def test_the_gesamtkoordination_records_an_agreement_and_everybody_reads_it(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    assert approve(client).status_code == 403
    client.force_login(overall)
    assert "Eingetragen: BMAS: zugestimmt am 03.11.2026." in text(approve(client))
    client.force_login(kaya)
    assert "zugestimmt am 03.11.2026 (Frau Dr. Lindner)" in text(plan(client))
    assert "Abstimmung eintragen" not in text(plan(client))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"abstimmung-person": ""}, "Tragen Sie ein, wer geantwortet hat."),
        ({"abstimmung-on": "31.02.2026"}, "31.02.2026"),
        ({"abstimmung-on": "01.01.2099"}, "liegt in der Zukunft"),
        ({"abstimmung-funder": "iq"}, "iq"),
        ({"abstimmung-person": "a\x07b"}, "Steuerzeichen"),
        ({"abstimmung-note": "x" * 9000}, "500"),
    ],
)
def test_a_broken_agreement_is_told_and_nothing_is_lost(client, overall, fields, words):
    planning.open_year(year=2031, by=overall)
    client.force_login(overall)
    page = approve(client, **{"abstimmung-note": "Bitte nicht im Juni", **fields})
    assert words in text(page)
    assert "Bitte nicht im Juni" in text(page) or "abstimmung-note" in fields
    assert not FunderAgreement.objects.exists()
