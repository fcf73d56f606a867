"""The dry run: what would be new, changed, unchanged, doubtful or wrong – and nothing is saved."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regions.contact_import import checking
from regions.contact_import.reading import read
from regions.models import ContactPerson, Organisation, Project
from tests import factories
from tests.regions.workbooks import PERSON, PROJEKT, TRAEGER, workbook

pytestmark = pytest.mark.django_db


def plan(**sheets):
    titles = {"traeger": "Träger", "projekte": "Projekte", "personen": "Ansprechpersonen"}
    return checking.check(read(workbook(**{titles[key]: rows for key, rows in sheets.items()})))


def problems(**sheets):
    return [str(problem) for problem in plan(**sheets).problems]


def test_three_new_rows_may_name_each_other(base_data):
    found = plan(traeger=[TRAEGER], projekte=[PROJEKT], personen=[PERSON])
    assert found.counts == {"new": 3, "changed": 0, "unchanged": 0, "duplicate": 0, "errors": 0}
    assert not Organisation.objects.exists()


def test_a_change_shows_old_and_new(base_data):
    factories.make_traeger("Werkstatt Emden gGmbH", "Emden", city="Aurich")
    (item,) = plan(traeger=[{"Name": "WERKSTATT EMDEN gGmbH", "Ort": "Emden", "aktiv": "nein"}]).items
    assert item.action == "changed"
    assert [(row.heading, row.old, row.new) for row in item.changes] == [
        ("Name", "Werkstatt Emden gGmbH", "WERKSTATT EMDEN gGmbH"),
        ("Ort", "Aurich", "Emden"),
        ("aktiv", "ja", "nein"),
    ]


def test_an_empty_cell_changes_nothing_and_leer_empties(base_data):
    factories.make_traeger("Werkstatt Emden gGmbH", "Emden", city="Emden", note="Alt")
    (item,) = plan(traeger=[{"Name": "Werkstatt Emden gGmbH", "Ort": None, "Notiz der Koordination": "[leer]"}]).items
    assert [(row.heading, row.old, row.new) for row in item.changes] == [("Notiz der Koordination", "Alt", "(leer)")]


def test_the_number_in_the_portal_means_its_record_whatever_the_name(base_data):
    house = factories.make_traeger("Alter Name", "Alt")
    (item,) = plan(traeger=[{"Nr. im Portal": house.pk, "Name": "Neuer Name"}]).items
    assert (item.pk, item.action) == (house.pk, "changed")
    assert problems(traeger=[{"Nr. im Portal": 987654, "Name": "X"}]) == [
        "Träger, Zeile 2, Spalte Nr. im Portal: Die Nummer 987654 gibt es im Portal nicht. "
        "Leeren Sie die Zelle, wenn das neu ist."
    ]


@pytest.mark.parametrize(
    ("sheet", "row", "error"),
    [
        ("traeger", {"Bundesland": "Tirol"}, "„Tirol“ gibt es nicht. Möglich sind: Baden-Württemberg"),
        ("traeger", {"Postleitzahl": "1067"}, "„1067“ ist keine Postleitzahl mit fünf Ziffern. Bitte so: 01067."),
        ("traeger", {"Webseite": "javascript:alert(1)"}, "ist keine Adresse. Bitte so: https://"),
        ("traeger", {"Allgemeine E-Mail": "büro@example.org"}, "E-Mail"),
        ("traeger", {"Art": "Verein"}, "„Verein“ gibt es hier nicht. Möglich sind: Träger, Betrieb"),
        ("traeger", {"aktiv": "vielleicht"}, "Schreiben Sie „ja“ oder „nein“."),
        ("projekte", {"Träger": "Unbekannt"}, "„Unbekannt“ gibt es nicht. Legen Sie den Träger in derselben Datei an"),
        ("projekte", {"Region": "Süd"}, "„Süd“ gibt es nicht. Möglich sind: "),
        ("projekte", {"Beginn": "31.02.2027"}, "Den Tag „31.02.2027“ gibt es nicht. Bitte so: 28.02.2027."),
        ("projekte", {"Beginn": "01.02.2027", "Ende": "01.01.2027"}, "Das Ende liegt vor dem Beginn."),
        ("projekte", {"Plätze": "zwölf"}, "„zwölf“ ist keine Zahl von 0 bis 32767."),
        ("projekte", {"Plätze": 40000}, "ist keine Zahl von 0 bis 32767."),
        ("projekte", {"Hauptort": "Emden"}, "Nennen Sie das Bundesland des Hauptorts."),
        ("projekte", {"Beteiligte Träger": "Werkstatt Emden gGmbH"}, "ist nicht zugleich beteiligt."),
        ("personen", {"E-Mail": "harms@"}, "Spalte E-Mail: "),
        ("personen", {"Aufgaben": "Ankommen in Emden"}, "Nennen Sie die Funktion in Klammern"),
        ("personen", {"Aufgaben": "Ankommen in Emden (Chefin)"}, "Nennen Sie genau eine dieser Funktionen: "),
        ("personen", {"Nachname": "[leer]"}, "Dieses Feld lässt sich nicht leeren."),
    ],
)
def test_a_wrong_cell_is_named_with_row_column_and_what_to_do(base_data, sheet, row, error):
    rows = {"traeger": [TRAEGER], "projekte": [PROJEKT], "personen": [PERSON]}
    rows[sheet] = [{**rows[sheet][0], **row}]
    title = {"traeger": "Träger", "projekte": "Projekte", "personen": "Ansprechpersonen"}[sheet]
    found = problems(**rows)
    assert found[0].startswith(f"{title}, Zeile 2, Spalte ")
    assert error in found[0]


def test_a_row_that_needs_a_wrong_row_is_wrong_too(base_data):
    found = problems(traeger=[{**TRAEGER, "Bundesland": "Tirol"}], projekte=[PROJEKT])
    assert "derselben Datei hat einen Fehler. Beheben Sie zuerst diesen." in found[1]


def test_a_new_row_needs_its_cells(base_data):
    assert problems(personen=[{**PERSON, "Organisation": None, "Aufgaben": None, "E-Mail": None}]) == [
        f"Ansprechpersonen, Zeile 2, Spalte {name}: Füllen Sie diese Zelle aus; ein neuer Eintrag braucht sie."
        for name in ("Organisation", "E-Mail")
    ]


def test_the_same_twice_in_one_file_is_wrong(base_data):
    text = "Zeile 3: Das steht schon in Zeile 2. Lassen Sie nur eine der beiden Zeilen stehen."
    assert problems(traeger=[TRAEGER, {**TRAEGER, "Ort": "Leer"}]) == [f"Träger, {text}"]
    people = [PERSON, {**PERSON, "Vorname": "Ilse", "E-Mail": "HARMS@example.org"}]
    assert problems(traeger=[TRAEGER], projekte=[PROJEKT], personen=people) == [f"Ansprechpersonen, {text}"]


# --- duplicates ----------------------------------------------------------------------------------
def test_a_similar_name_at_the_same_place_is_perhaps_the_same(base_data):
    house = factories.make_traeger("Werkstatt Emden GmbH", "Emden", city="Emden")
    (item,) = plan(traeger=[TRAEGER]).items
    assert item.action == "duplicate"
    assert item.duplicate.pk == house.pk
    assert "gleich, Ort passt" in item.duplicate.why
    assert [value for value, _ in item.decisions] == ["skip", "use", "new"]
    assert plan(traeger=[{**TRAEGER, "Ort": "Leer"}]).items[0].action == "new"


def test_the_same_reference_number_with_another_title_is_perhaps_the_same(base_data):
    factories.make_project("Azubis ohne Grenzen", reference_number="MOB-1")
    row = {**PROJEKT, "Förderkennzeichen": "mob 1"}
    assert plan(traeger=[TRAEGER], projekte=[row]).items[1].duplicate.why.startswith("dasselbe Förderkennzeichen")


def test_the_same_address_with_another_name_can_be_no_new_person(base_data):
    factories.make_contact("harms@example.org", last_name="Anders")
    item = plan(traeger=[TRAEGER], projekte=[PROJEKT], personen=[PERSON]).items[2]
    assert item.action == "duplicate"
    assert [value for value, _ in item.decisions] == ["skip", "use"]


def test_a_namesake_in_the_same_house_is_perhaps_the_same(base_data):
    house = factories.make_traeger("Werkstatt Emden gGmbH", "Emden")
    factories.make_contact("imke@example.org", house, last_name="Harms", first_name="Imke")
    row = {**PERSON, "Aufgaben": None}
    assert plan(personen=[row]).items[0].duplicate.why.startswith("derselbe Name in derselben Organisation")


def test_the_same_address_and_name_is_the_same_person(base_data):
    house = factories.make_traeger("Werkstatt Emden gGmbH", "Emden")
    person = factories.make_contact("harms@example.org", house, last_name="Harms", first_name="Imke")
    (item,) = plan(personen=[{**PERSON, "Aufgaben": None, "Telefon": "0491 1"}]).items
    assert (item.pk, [row.heading for row in item.changes]) == (person.pk, ["Telefon"])


def test_two_projects_of_one_name_are_told_apart_by_number(base_data):
    first = factories.make_project("Doppelt")
    second = Project(title="Doppelt", slug="doppelt-2", region=first.region)
    second.save()
    house = first.lead
    row = {**PERSON, "Organisation": house.name, "Aufgaben": "Doppelt (Projektleitung)"}
    assert f"Schreiben Sie #{first.pk} oder #{second.pk}." in problems(personen=[row])[0]
    assert problems(personen=[{**row, "Aufgaben": f"#{second.pk} (Projektleitung)"}]) == []


def test_checking_takes_the_same_queries_for_one_and_for_many(base_data):

    content = [read(workbook(Träger=[{**TRAEGER, "Name": f"Haus {n}"} for n in range(size)])) for size in (1, 40)]
    numbers = []
    for one in content:
        with CaptureQueriesContext(connection) as queries:
            checking.check(one)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
    assert not ContactPerson.objects.exists()
