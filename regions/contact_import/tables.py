"""The network as a workbook with the columns that can be read in again, and the empty template."""

from datetime import datetime

from django.utils import timezone

from mobipro import spreadsheet
from mobipro.templatetags.portal import stamp
from regions.contact_import.book import Book, choices
from regions.contact_import.checking import Plan
from regions.contact_import.columns import CLEAR, EXAMPLE, SHEETS, Kind, Sheet
from regions.contact_import.reading import MAX_ROWS, VALUES_TITLE
from regions.models import ContactAssignment


def export(sheets: tuple[Sheet, ...] = SHEETS, *, now: datetime | None = None) -> bytes:
    """All records of these sheets. Only for the office: it holds names, addresses and notes."""
    book = Book()
    about = [f"MobiPro-EU, Stand {stamp(now or timezone.now())}. Nur für die Arbeit der Koordination."]
    tables = []
    for sheet in sheets:
        rows = []
        for pk, record in book.records[sheet.key].items():
            values = book.values_of(sheet, record)
            rows.append([pk, *(book.text(column, values[column.key], sheet) for column in sheet.columns[1:])])
        tables.append(spreadsheet.Sheet(sheet.title, sheet.headings, rows))
    return spreadsheet.build(about, tables)


def template() -> bytes:
    """Headings, one marked example a sheet, and the words that are allowed."""
    about = [
        f"Die Zeile „{EXAMPLE}“ wird nicht gelesen. Eine leere Zelle ändert nichts; {CLEAR} leert ein Feld. "
        f"Höchstens {MAX_ROWS} Zeilen je Blatt."
    ]
    tables = [
        spreadsheet.Sheet(sheet.title, sheet.headings, [[column.example for column in sheet.columns]])
        for sheet in SHEETS
    ]
    return spreadsheet.build(about, [*tables, _allowed()])


def _allowed() -> spreadsheet.Sheet:
    """Column by column what may stand there."""
    book = Book()
    rows: list[tuple[str, str, str]] = []
    for sheet in SHEETS:
        for column in sheet.columns:
            words: list[str] = []
            if column.kind == Kind.CHOICE:
                words = [label for _value, label in choices(sheet, column.key)]
            elif column.kind == Kind.YES_NO:
                words = ["ja", "nein"]
            elif column.kind == Kind.TASKS:
                words = [str(label) for _value, label in ContactAssignment.Function.choices]
            elif column.of and column.of not in ("organisations", "projects"):
                words = list(book.names[column.of].names.values())
            rows.extend((sheet.title, column.heading, word) for word in words or [column.hint] if word)
    return spreadsheet.Sheet(VALUES_TITLE, ("Blatt", "Spalte", "Wert oder Hinweis"), rows)


def result(plan: Plan) -> bytes:
    """The whole dry run as a table: errors, changes field by field, duplicates, new rows."""
    problems = [(row.place, row.text) for row in plan.problems]
    changes = [
        (item.place, item.label, change.heading, change.old, change.new)
        for item in plan.of("changed")
        for change in item.changes
    ]
    duplicates = [
        (item.place, item.label, item.duplicate.label, item.duplicate.why)
        for item in plan.of("duplicate")
        if item.duplicate
    ]
    return spreadsheet.build(
        [],
        [
            spreadsheet.Sheet("Fehler", ("Wo", "Was"), problems),
            spreadsheet.Sheet("Änderungen", ("Wo", "Eintrag", "Feld", "jetzt", "danach"), changes),
            spreadsheet.Sheet("Dubletten", ("Wo", "Eintrag", "vorhanden", "Warum"), duplicates),
            spreadsheet.Sheet("Neu", ("Wo", "Eintrag"), [(item.place, item.label) for item in plan.of("new")]),
            spreadsheet.Sheet("Unverändert", ("Wo", "Eintrag"), [(i.place, i.label) for i in plan.of("unchanged")]),
        ],
    )
