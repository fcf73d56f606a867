"""The year plan: opened by the Gesamtkoordination, read by all, filled by the regions."""

import re

import pytest
from django.urls import reverse

from meetings import planning
from meetings.models import Meeting, MeetingSeries
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
    assert page.index("Nach Monaten") < page.index("Titel im März</a> (Hamburg") < page.index('<table class="yearplan"')


def test_empty_cells_of_the_own_regions_are_named_links(client, kaya, overall):
    planning.open_year(year=2031, by=overall)
    client.force_login(kaya)
    page = text(plan(client))
    assert 'aria-label="Treffen Nord im April anlegen"' in page
    assert 'aria-label="Treffen Bayern im April anlegen"' in page  # deputy
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
    assert page.redirect_chain[-1][0] == reverse("admin:meetings_date", args=[meeting.pk]) + "?monat=4"
    assert 'value="01.04.2031"' in text(page)  # a Tuesday


@pytest.mark.parametrize("query", [{"jahr": "abcd", "monat": "99"}, {"jahr": "9" * 30, "region": "x" * 500}])
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
        with django_assert_max_num_queries(15) as seen:
            plan(client)
        counts.append(len(seen))
    assert counts[0] == counts[2]
