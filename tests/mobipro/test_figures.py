"""The pages and files of the figures: what is chosen, who sees small numbers, what can be quoted."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from tests.documentation.conftest import make_held_meeting
from tests.documentation.test_figures import come

pytestmark = pytest.mark.django_db


@pytest.fixture
def visited(base_data):
    """A meeting in Nord with one project that came with two people."""
    meeting = make_held_meeting()
    come(meeting, factories.make_project("Förde bildet aus", "NORD", factories.make_traeger("=Förde", "Foerde")), 2)
    return meeting


def sheets(response):
    return load_workbook(BytesIO(response.content))


def test_every_figure_has_a_definition_and_a_quotation(visited, client, settings):
    text = client.get("/zahlen/", {"jahr": visited.year}).content.decode()
    assert text.count("figures__definition") == text.count("data-quotation") == 11
    assert f"Treffen durchgeführt: 1 ({visited.year}). Vernetzungsprojekt MobiPro-EU" in text
    assert f"{settings.BASE_URL}/zahlen/?jahr={visited.year}" in text
    assert "js/quotation" in text


def test_the_public_reads_no_small_numbers_anywhere(visited, client):
    text = client.get("/zahlen/", {"jahr": visited.year}).content.decode()
    assert "Eingeladen: unter 5" in text
    rows = list(sheets(client.get("/zahlen/tabelle.xlsx", {"jahr": visited.year}))["Zahlen"].values)
    assert next(row[1] for row in rows if row[0] == "Eingeladen") == "unter 5"


def test_the_public_file_names_no_project(visited, client):
    book = sheets(client.get("/zahlen/tabelle.xlsx"))
    places = ["Regionen", "Bundesländer", "Berufsfelder", "Herkunftsländer"]
    assert book.sheetnames == ["Zahlen", *places, "Junge Menschen"]


def test_a_selection_is_on_the_page_in_the_quotation_and_in_the_file(visited, client):
    chosen = {"jahr": f"{visited.year}", "region": "nord"}
    text = client.get("/zahlen/", chosen).content.decode()
    assert f"({visited.year}, Region Nord)" in text
    assert f"tabelle.xlsx?jahr={visited.year}&amp;region=nord" in text
    response = client.get("/zahlen/tabelle.xlsx", chosen)
    assert f"mobipro-zahlen-{visited.year}-region-nord-" in response["Content-Disposition"]
    assert sheets(response)["Zahlen"]["A2"].value == f"Auswahl: {visited.year}, Region Nord"


@pytest.mark.parametrize(
    "chosen",
    [
        {"region": "atlantis"},
        {"land": "DE-XX"},
        {"berufsfeld": "9" * 40},
        {"berufsfeld": "eins"},
        {"herkunft": "'; --"},
        {"jahr": "2026-3"},
        {"jahr": "alle\x00"},
    ],
)
def test_a_choice_that_does_not_exist_is_named_and_left_out(visited, client, chosen):
    response = client.get("/zahlen/", chosen)
    assert response.status_code == 200
    text = response.content.decode()
    assert "<title>Fehler: " in text
    assert "einen Eintrag der Liste" in text
    assert client.get("/zahlen/tabelle.xlsx", chosen).status_code == 200


def test_figures_ask_as_often_with_three_records_as_with_one(visited, client):
    client.get("/zahlen/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/zahlen/", {"jahr": visited.year})
    for number in range(2):
        meeting = make_held_meeting(f"2026-NORD-{number + 2}")
        come(meeting, factories.make_project(f"Projekt {number}", "NORD"))
    with CaptureQueriesContext(connection) as three:
        client.get("/zahlen/", {"jahr": visited.year})
    assert len(three) == len(one)


def test_the_funders_open_a_region_down_to_the_project_and_meet_no_person(visited, lindner, client):
    client.force_login(lindner)
    text = client.get(reverse("funder_home"), {"jahr": visited.year}).content.decode()
    assert "Förde bildet aus" in text
    assert "Teilgenommen: 5" in text  # three walk-ins and two of the project
    assert "p0@example.org" not in text
    assert "Çelik" not in text


def test_the_funders_file_has_the_projects_and_no_formula(visited, lindner, client):
    client.force_login(lindner)
    book = sheets(client.get(reverse("funder_file"), {"jahr": visited.year}))
    row = list(book["Projekte"][2])
    assert [cell.value for cell in row[:6]] == ["Förde bildet aus", "Nord", "=Förde", 2, 0, 2]
    assert row[2].data_type != "f"


def test_a_traeger_gets_no_funders_file(gross, client):
    client.force_login(gross)
    assert client.get(reverse("funder_file")).status_code == 403


def test_the_funders_page_asks_as_often_with_three_records_as_with_one(visited, lindner, client):
    client.force_login(lindner)
    client.get(reverse("funder_home"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("funder_home"))
    for number in range(2):
        meeting = make_held_meeting(f"2026-NORD-{number + 2}")
        come(meeting, factories.make_project(f"Projekt {number}", "NORD"))
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("funder_home"))
    assert len(three) == len(one)
