"""Read an uploaded workbook: bytes in, rows of texts and problems out. Pure, and bounded for hostile files.

Nothing is unpacked before the sizes that the archive declares were checked; formulas are refused, not computed.
"""

import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from mobipro import html, search
from regions.contact_import import archives, columns
from regions.contact_import.archives import NO_WORKBOOK, WorkbookError
from regions.contact_import.columns import Column, Kind, Sheet

MAX_ROWS = 5_000
MAX_COLUMNS = 60
HEAD_ROWS = 10  # the headings stand in one of these
MAX_PROBLEMS = 1_000


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell, row or sheet: shown as "Träger, Zeile 7, Spalte E-Mail: …"."""

    sheet: str
    row: int
    column: str
    text: str

    @property
    def place(self) -> str:
        parts = [columns.BY_KEY[self.sheet].title if self.sheet in columns.BY_KEY else self.sheet]
        parts += [f"Zeile {self.row}"] if self.row else []
        parts += [f"Spalte {self.column}"] if self.column else []
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Row:
    """One row of a sheet: its number in the file and the filled cells by their column's key, as texts."""

    sheet: str
    number: int
    cells: dict[str, str]


@dataclass
class Content:
    """All that was read; `notes` are things to know that keep nothing from being taken over."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": [[row.sheet, row.number, row.cells] for row in self.rows],
            "problems": [[row.sheet, row.row, row.column, row.text] for row in self.problems],
            "notes": self.notes,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Content":
        rows = [Row(*row) for row in data.get("rows", [])]
        return cls(rows, [Problem(*row) for row in data.get("problems", [])], list(data.get("notes", [])))


def read(content: bytes) -> Content:
    """The sheets Träger, Projekte and Ansprechpersonen of a workbook, or a single sheet of one of these kinds.

    Raises WorkbookError for what is no workbook, holds none of the sheets, or is larger than the limits.
    """
    archive = archives.checked(content)
    found = Content()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of parts that it does not know
        try:
            book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        except Exception as error:  # the library raises whatever broken bytes provoke
            raise WorkbookError(NO_WORKBOOK) from error
        taken: set[str] = set()
        for page in book.worksheets:
            try:
                _read_page(page, archive, found, taken, is_only=len(book.worksheets) == 1)
            except WorkbookError:
                raise
            except Exception as error:
                raise WorkbookError(f"Das Blatt „{page.title}“ ist beschädigt. Speichern Sie die Datei neu.") from error
    if not taken:
        raise WorkbookError(
            "Die Datei hat kein Blatt Träger, Projekte oder Ansprechpersonen. Laden Sie die Vorlage herunter "
            "und tragen Sie Ihre Angaben dort ein."
        )
    return found


# --- one sheet -----------------------------------------------------------------------------------
def _read_page(page: Any, archive: zipfile.ZipFile, found: Content, taken: set[str], *, is_only: bool) -> None:
    sheet = columns.sheet_of_title(page.title)
    if sheet is None and not is_only:
        if page.title != VALUES_TITLE:
            found.notes.append(f"Das Blatt „{page.title}“ wird nicht gelesen.")
        return
    rows = page.iter_rows(max_row=HEAD_ROWS + MAX_ROWS + 1, max_col=MAX_COLUMNS)
    number, headings, sheet = _headings(rows, sheet)
    if sheet is None:
        return
    if sheet.key in taken:
        raise WorkbookError(f"Das Blatt „{sheet.title}“ gibt es zweimal. Lassen Sie nur eines stehen.")
    taken.add(sheet.key)
    order = _order(sheet, headings, found)
    if order is None:
        return
    if merged := archives.merged_below(archive, page, number):
        found.problems.append(
            Problem(sheet.key, 0, "", f"Die Zellen {merged} sind verbunden. Heben Sie die Verbindung auf.")
        )
        return
    filled = 0
    for place, cells in enumerate(rows, start=number + 1):
        row = _row(sheet, place, cells, order, found)
        filled += row is not None
        if filled > MAX_ROWS or place > HEAD_ROWS + MAX_ROWS:
            raise WorkbookError(
                f"Das Blatt „{sheet.title}“ hat mehr als {MAX_ROWS} Zeilen. Teilen Sie die Datei auf oder löschen "
                "Sie leere Zeilen am Ende."
            )
        if row is not None:
            found.rows.append(row)
        if len(found.problems) > MAX_PROBLEMS:
            raise WorkbookError(f"Die Datei hat mehr als {MAX_PROBLEMS} Fehler. Der erste: {found.problems[0]}")


VALUES_TITLE = "Zulässige Werte"  # the template's sheet of allowed values


def _headings(rows: Iterator[Any], sheet: Sheet | None) -> tuple[int, list[str], Sheet | None]:
    """Number and words of the row of headings: the first one with all required columns, else the first filled one."""
    first: tuple[int, list[str]] | None = None
    for number, cells in enumerate(rows, start=1):
        words = [_plain(cell.value) if isinstance(cell.value, str) else "" for cell in cells]
        fitting = columns.sheet_of_headings(words)
        if fitting is not None and (sheet is None or _has_required(sheet, words)):
            return number, words, sheet or fitting
        if first is None and sum(bool(word) for word in words) > 1:
            first = number, words
        if number >= HEAD_ROWS:
            break
    return (*(first or (1, [])), sheet)


def _has_required(sheet: Sheet, words: list[str]) -> bool:
    plain = {search.normalise(word) for word in words}
    return all(search.normalise(column.heading) in plain for column in sheet.columns if column.is_required)


def _order(sheet: Sheet, headings: list[str], found: Content) -> dict[int, Column] | None:
    """Which column stands where; None when the sheet cannot be read at all."""
    known = {search.normalise(column.heading): column for column in sheet.columns}
    order: dict[int, Column] = {}
    broken = False
    for place, heading in enumerate(headings):
        column = known.get(search.normalise(heading)) if heading else None
        if column is None:
            if heading:
                found.notes.append(f"{sheet.title}: Die Spalte „{heading[:60]}“ wird nicht gelesen.")
            continue
        if column in order.values():
            text = "Diese Überschrift steht zweimal. Löschen Sie eine der beiden Spalten."
            found.problems.append(Problem(sheet.key, 0, column.heading, text))
            broken = True
        order[place] = column
    for column in sheet.columns:
        if column.is_required and column not in order.values():
            text = f"Die Spalte „{column.heading}“ fehlt. Die Überschriften stehen in der Vorlage."
            found.problems.append(Problem(sheet.key, 0, "", text))
            broken = True
    return None if broken else order


def _row(sheet: Sheet, number: int, cells: Any, order: dict[int, Column], found: Content) -> Row | None:
    """The row's texts; None for an empty row, the example, and one with a cell that cannot be read."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for place, column in order.items():
        cell = cells[place] if place < len(cells) else None
        try:
            text, note = _text_of(cell, column) if cell is not None and cell.value is not None else ("", "")
        except ValueError as error:
            where = f"{column.heading} ({get_column_letter(place + 1)})"
            problems.append(Problem(sheet.key, number, where, str(error)))
            continue
        if note:
            found.notes.append(f"{sheet.title}, Zeile {number}, Spalte {column.heading}: {note}")
        if text:
            texts[column.key] = text
    if texts.get("pk", "").casefold() == columns.EXAMPLE.casefold() or (not texts and not problems):
        return None
    found.problems.extend(problems)
    return Row(sheet.key, number, texts) if not problems else None


# --- one cell ------------------------------------------------------------------------------------
def _text_of(cell: Any, column: Column) -> tuple[str, str]:
    """The cell as a text, and a note where something was completed. Raises ValueError with what to do."""
    value = cell.value
    if cell.data_type == "f":
        raise ValueError("Hier steht eine Formel. Fügen Sie statt der Formel ihren Wert ein.")
    if cell.data_type == "e":
        raise ValueError(f"Hier steht ein Fehlerwert ({str(value)[:20]}). Tragen Sie den richtigen Wert ein.")
    if isinstance(value, bool):
        return ("ja" if value else "nein"), ""
    if isinstance(value, datetime | date | time):
        return _day_of(value, column), ""
    if isinstance(value, int | float):
        return _number_of(value, column)
    text = str(value)
    try:
        html.no_control_characters(text.replace("\u2028", "\n").replace("\u2029", "\n"))
    except ValidationError as error:
        raise ValueError(error.messages[0]) from None
    text = html.plain(text).strip() if column.kind == Kind.LONG else _plain(text)
    if len(text) > column.longest and text != columns.CLEAR:
        raise ValueError(f"Der Text hat {len(text)} Zeichen, erlaubt sind {column.longest}. Kürzen Sie ihn.")
    return text, ""


def _plain(text: str) -> str:
    """One line in NFC, with single spaces."""
    return " ".join(html.plain(unicodedata.normalize("NFC", text)).split())


def _day_of(value: Any, column: Column) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date) or column.kind != Kind.DATE:
        raise ValueError(
            "Hier steht ein Datum oder eine Uhrzeit. Formatieren Sie die Zelle als Text und prüfen Sie sie."
        )
    return f"{value:%d.%m.%Y}"


def _number_of(value: int | float, column: Column) -> tuple[str, str]:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"Hier steht die Zahl {value}. Tragen Sie eine ganze Zahl oder einen Text ein.")
    text = str(int(value))
    if len(text) > column.longest:
        raise ValueError(f"Hier steht eine Zahl mit {len(text)} Stellen. Prüfen Sie sie.")
    if column.kind == Kind.PHONE:
        raise ValueError(
            "Die Telefonnummer steht als Zahl da, Excel lässt dann führende Nullen weg. "
            "Formatieren Sie die Zelle als Text und tragen Sie die Nummer neu ein."
        )
    if column.kind == Kind.DATE:
        raise ValueError(f"Die Zahl {text} ist kein Datum. Bitte so: 28.02.2027.")
    if column.kind == Kind.POSTCODE and len(text) == 4:
        return f"0{text}", f"Die Postleitzahl {text} stand als Zahl da; gelesen wurde 0{text}."
    return text, ""
