"""Workbooks are read cell by cell within limits; every mistake has its place, every hostile file its sentence."""

import zipfile
from datetime import date, datetime, time
from io import BytesIO

import pytest
from openpyxl import Workbook

from regions.contact_import import archives, reading
from regions.contact_import.archives import WorkbookError
from regions.contact_import.reading import read
from tests.regions.workbooks import PERSON, TRAEGER, opened, saved, with_member, workbook


def cell(heading, value, **changes):
    """(text, problem) of one cell of an otherwise good row."""
    found = read(workbook(Träger=[{**TRAEGER, heading: value, **changes}]))
    keys = {"Postleitzahl": "postcode", "Telefon": "phone", "Name": "name", "Notiz der Koordination": "note"}
    text = found.rows[0].cells.get(keys[heading]) if found.rows else None
    return text, [str(problem) for problem in found.problems]


def test_each_sheet_is_read_by_its_headings_in_any_order():
    row = dict(reversed(TRAEGER.items()))
    found = read(workbook(**{"TRAEGER ": [row], "Ansprechpersonen": [PERSON]}))
    assert [(one.sheet, one.number) for one in found.rows] == [("traeger", 2), ("personen", 2)]
    assert found.rows[0].cells["postcode"] == "26721"
    assert found.problems == []


def test_a_single_sheet_with_another_title_is_known_by_its_headings():
    assert read(workbook(Tabelle1=[PERSON])).rows[0].sheet == "personen"
    assert read(workbook(Tabelle1=[TRAEGER])).rows[0].sheet == "traeger"


def test_other_sheets_and_columns_are_left_out_and_named():
    found = read(workbook(Träger=[{**TRAEGER, "Umsatz": 3}], Notizen=[{"A": 1, "B": 2}]))
    assert found.notes == [
        "Träger: Die Spalte „Umsatz“ wird nicht gelesen.",
        "Das Blatt „Notizen“ wird nicht gelesen.",
    ]


def test_lines_above_the_headings_and_empty_rows_do_not_matter():
    book = Workbook()
    page = book.active
    page.title = "Träger"
    for row in (["Stand heute"], [], ["Name", "Ort"], [None, None], ["Haus Emden", "Emden"]):
        page.append(row)
    found = read(saved(book))
    assert [(row.number, row.cells) for row in found.rows] == [(5, {"name": "Haus Emden", "city": "Emden"})]


def test_the_example_of_the_template_is_never_read():
    assert read(workbook(Träger=[{"Nr. im Portal": "Beispiel", **TRAEGER}])).rows == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Haus \t am\u00a0Deich ", "Haus am Deich"),
        ("Mu\u0308ller", "Müller"),
        ("=Haus", "=Haus"),
        (True, "ja"),
        (4711, "4711"),
        (12.0, "12"),
    ],
)
def test_a_cell_becomes_a_clean_text(value, text):
    book = opened(workbook(Träger=[TRAEGER]))
    target = book["Träger"]["A2"]
    target.value = value
    if value == "=Haus":
        target.data_type, target.quotePrefix = "s", True
    assert read(saved(book)).rows[0].cells["name"] == text


def test_a_postcode_that_lost_its_zero_gets_it_back_and_says_so():
    found = read(workbook(Träger=[{**TRAEGER, "Postleitzahl": 1067}]))
    assert found.rows[0].cells["postcode"] == "01067"
    assert "gelesen wurde 01067" in found.notes[0]


@pytest.mark.parametrize(
    ("heading", "value", "words"),
    [
        ("Name", "=1+1", "Hier steht eine Formel."),
        ("Name", datetime(2027, 1, 1), "Hier steht ein Datum"),  # noqa: DTZ001 - Excel knows no zones
        ("Name", time(10, 0), "Hier steht ein Datum"),
        ("Telefon", 4930123456, "Die Telefonnummer steht als Zahl da"),
        ("Name", 1.5, "Hier steht die Zahl 1.5"),
        ("Name", "x" * 201, "Der Text hat 201 Zeichen, erlaubt sind 200."),
        ("Postleitzahl", 123456789012, "Hier steht eine Zahl mit 12 Stellen."),
    ],
)
def test_a_cell_that_cannot_be_meant_is_named(heading, value, words):
    text, problems = cell(heading, value)
    assert text is None
    assert len(problems) == 1
    assert problems[0].startswith(f"Träger, Zeile 2, Spalte {heading} (")
    assert words in problems[0]


def test_control_characters_are_refused_where_they_stand():
    book = opened(workbook(Träger=[TRAEGER]))
    content = saved(book)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if b"Werkstatt Emden" in archive.read(name)]
        text = archive.read(names[0]).decode().replace("Werkstatt Emden", "Werkstatt &#133;Emden")
    found = read(with_member(content, names[0], text))
    assert found.rows == []
    assert "unsichtbares Steuerzeichen" in str(found.problems[0])


def test_a_day_is_read_in_each_form():
    found = read(workbook(Ansprechpersonen=[{**PERSON, "abwesend bis": date(2027, 2, 28)}]))
    assert found.rows[0].cells["on_leave_until"] == "28.02.2027"


def test_headings_that_are_missing_or_stand_twice_stop_the_sheet():
    book = opened(workbook(Träger=[TRAEGER]))
    book["Träger"]["B1"] = "Name"
    found = read(saved(book))
    assert [str(row) for row in found.problems] == [
        "Träger, Spalte Name: Diese Überschrift steht zweimal. Löschen Sie eine der beiden Spalten."
    ]
    found = read(workbook(Ansprechpersonen=[{"Vorname": "A", "Nachname": "B"}]))
    assert [str(row) for row in found.problems] == [
        "Ansprechpersonen: Die Spalte „Organisation“ fehlt. Die Überschriften stehen in der Vorlage.",
        "Ansprechpersonen: Die Spalte „E-Mail“ fehlt. Die Überschriften stehen in der Vorlage.",
    ]


def test_merged_cells_are_named_since_they_hide_values():
    book = opened(workbook(Träger=[TRAEGER, TRAEGER]))
    book["Träger"].merge_cells("A2:A3")
    found = read(saved(book))
    assert [str(row) for row in found.problems] == [
        "Träger: Die Zellen A2:A3 sind verbunden. Heben Sie die Verbindung auf."
    ]


def test_merged_cells_above_the_headings_do_not_matter():
    book = Workbook()
    page = book.active
    page.title = "Träger"
    for row in (["Unsere Träger", None], ["Name", "Ort"], ["Haus Emden", "Emden"]):
        page.append(row)
    page.merge_cells("A1:B1")
    assert read(saved(book)).problems == []


# --- hostile files -------------------------------------------------------------------------------
def bomb():
    return with_member(workbook(Träger=[TRAEGER]), "xl/media/bild.bin", b"\0" * (archives.MAX_UNPACKED + 1))


def many_members():
    data = BytesIO(workbook(Träger=[TRAEGER]))
    with zipfile.ZipFile(data, "a") as archive:
        for number in range(archives.MAX_MEMBERS + 1):
            archive.writestr(f"xl/x{number}.xml", b"")
    return data.getvalue()


def with_entities():
    text = b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'
    return with_member(workbook(Träger=[TRAEGER]), "xl/styles.xml", text)


def plain_zip():
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "a")
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Diese Datei ist leer."),
        (b"Name;Ort\nHaus;Emden", "keine Excel-Arbeitsmappe"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "im alten Excel-Format"),
        (b"x" * (archives.MAX_BYTES + 1), "größer als 5 MB"),
        (plain_zip(), "keine Excel-Arbeitsmappe"),
        (bomb(), "ausgepackt zu groß"),
        (many_members(), "ausgepackt zu groß"),
        (with_entities(), "keine Excel-Arbeitsmappe"),
        (workbook(Träger=[TRAEGER])[:-200], "keine Excel-Arbeitsmappe"),
        (with_member(workbook(Träger=[TRAEGER]), "xl/workbook.xml", b"<kaputt"), "keine Excel-Arbeitsmappe"),
        (
            with_member(workbook(Träger=[TRAEGER]), "xl/worksheets/sheet1.xml", b"<kaputt"),
            "keine Excel-Arbeitsmappe",
        ),
        (workbook(Irgendwas=[{"A": 1, "B": 2}]), "kein Blatt Träger, Projekte oder Ansprechpersonen"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, words):
    with pytest.raises(WorkbookError, match=words):
        read(content)


@pytest.mark.slow
def test_too_many_rows_are_refused_without_reading_them_all():
    book = Workbook(write_only=True)
    page = book.create_sheet("Träger")
    page.append(["Name", "Ort"])
    for number in range(100_000):
        page.append([f"Haus {number}", "Emden"])
    with pytest.raises(WorkbookError, match="hat mehr als 5000 Zeilen"):
        read(saved(book))


def test_a_value_in_the_last_row_of_excel_is_too_far_down():
    book = opened(workbook(Träger=[TRAEGER]))
    book["Träger"]["A1048576"] = "Haus"
    with pytest.raises(WorkbookError, match="hat mehr als 5000 Zeilen"):
        read(saved(book))


def test_too_many_mistakes_are_refused_with_the_first(monkeypatch):
    monkeypatch.setattr(reading, "MAX_PROBLEMS", 3)
    with pytest.raises(WorkbookError, match=r"mehr als 3 Fehler\. Der erste: Träger, Zeile 2"):
        read(workbook(Träger=[{**TRAEGER, "Telefon": 5}] * 9))


def test_what_was_read_survives_being_stored():
    found = read(workbook(Träger=[TRAEGER, {**TRAEGER, "Telefon": 5}]))
    assert reading.Content.from_json(found.as_json()) == found
