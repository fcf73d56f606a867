"""The public directory: filters as plain links, no personal data, a fixed number of queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from regions.models import Cohort, FederalState, Organisation, ProjectLocation, SourceCountry, TrainingOccupation
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/traeger/"


def make_house(name, code, land, occupation="Koch/Köchin", country="ES", year=2015):
    house = factories.make_traeger(f"{name} gGmbH", name, about=f"{name} begleitet junge Menschen.", city=name)
    project = factories.make_project(f"Projekt {name}", code, lead=house)
    state = FederalState.objects.get(iso_code=land)
    ProjectLocation(project=project, city=name, federal_state=state, is_main=True).save()
    found = TrainingOccupation.objects.get(name=occupation)
    project.training_occupations.add(found)
    project.occupational_fields.add(found.field)
    project.source_countries.add(SourceCountry.objects.get(iso_code=country))
    project.cohorts.add(Cohort.objects.get(year=year))
    return house


@pytest.fixture
def houses(base_data):
    return [
        make_house("Leuchtturm", "NORD", "DE-SH"),
        make_house("Straßenbau", "BY", "DE-BY", "Maurer/-in", "IT", 2016),
    ]


def names(client, **data):
    page = client.get(LIST, data)
    assert page.status_code == 200
    return [row.short_name for row in page.context["page"]]


def test_the_directory_lists_all_active_traeger_in_german_order(houses, client):
    factories.make_traeger("Öffentliche Hand", "Öffentliche")
    factories.make_traeger("Ruht", "Ruht", is_active=False)
    factories.make_traeger("Kammer", "Kammer", kind=Organisation.Kind.CHAMBER)
    assert names(client) == ["Leuchtturm", "Öffentliche", "Straßenbau"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"region": "nord"}, ["Leuchtturm"]),
        ({"land": "DE-BY"}, ["Straßenbau"]),
        ({"herkunft": "IT"}, ["Straßenbau"]),
        ({"jahrgang": "2015"}, ["Leuchtturm"]),
        ({"q": "strassenbau"}, ["Straßenbau"]),
        ({"q": "STRASSENBAU", "region": "nord"}, []),
        ({"region": "nord", "herkunft": "ES", "jahrgang": "2015"}, ["Leuchtturm"]),
    ],
)
def test_each_filter_narrows_the_list(houses, client, data, found):
    assert names(client, **data) == found


def test_the_occupational_field_is_a_filter(houses, client):
    field = TrainingOccupation.objects.get(name="Maurer/-in").field
    assert names(client, berufsfeld=str(field.pk)) == ["Straßenbau"]


@pytest.mark.parametrize(
    "data",
    [
        {"region": "atlantis"},
        {"land": "XX"},
        {"berufsfeld": "99999999999999999999"},
        {"jahrgang": "abc"},
        {"q": "a\x00b"},
        {"q": "x" * 5000},
        {"seite": "-1"},
        {"seite": "999"},
    ],
)
def test_a_senseless_filter_gives_a_page_and_a_word(houses, client, data):
    assert client.get(LIST, data).status_code == 200


def test_nothing_found_says_how_to_go_on(houses, client):
    text = client.get(LIST, {"q": "gibtesnicht"}).content.decode()
    assert "Zu dieser Auswahl gibt es keinen Träger" in text


def test_the_regions_count_within_the_other_filters(houses, client):
    facets = client.get(LIST, {"herkunft": "IT", "region": "nord"}).context["facets"]
    assert [(facet["label"], facet["count"]) for facet in facets] == [("Bayern", 1)]


def test_the_page_of_a_traeger_shows_work_and_no_person(houses, client):
    house = houses[0]
    house.general_email = "info@example.org"
    house.phone = "030 23125 999"
    house.note = "Nur für uns"
    house.save()
    factories.make_contact("person@example.org", house, "Geheim", phone="030 23125 111")
    text = client.get(house.get_absolute_url()).content.decode()
    for shown in ("Projekt Leuchtturm", "Koch/Köchin", "Spanien", "2015", "Schleswig-Holstein", "info@example.org"):
        assert shown in text
    for hidden in ("person@example.org", "Geheim", "23125 999", "23125 111", "Nur für uns"):
        assert hidden not in text


@pytest.mark.parametrize("fields", [{"is_active": False}, {"kind": Organisation.Kind.MINISTRY}])
def test_what_is_no_active_traeger_has_no_public_page(base_data, client, fields):
    house = factories.make_traeger("Verborgen", "Verborgen", **fields)
    assert client.get(house.get_absolute_url()).status_code == 404


def test_the_directory_asks_as_often_with_many_as_with_one(houses, client):
    Organisation.objects.filter(pk=houses[1].pk).update(is_active=False)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    Organisation.objects.update(is_active=True)
    make_house("Hafen", "NORD", "DE-HH")
    with CaptureQueriesContext(connection) as three:
        client.get(LIST)
    assert len(three) == len(one)


def test_the_page_of_a_region_lists_its_traeger_only(houses, client):
    text = client.get(reverse("regions:region", args=["nord"])).content.decode()
    assert "Leuchtturm gGmbH" in text
    assert "Straßenbau gGmbH" not in text
