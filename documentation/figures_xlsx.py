"""The figures of a selection as an XLSX file; texts are texts, never formulas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """One table: its title, headings and rows."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]] = field(default_factory=list)


def build(about: Sequence[str], sheets: Iterable[Sheet]) -> bytes:
    """The file; `about` (what, when, where from) stands above the first table."""
    book = Workbook()
    book.remove(book.active)
    for index, sheet in enumerate(sheets):
        _write(book.create_sheet(sheet.title[:31]), sheet, about if index == 0 else ())
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def _write(page: Worksheet, sheet: Sheet, about: Sequence[str]) -> None:
    row = 1
    for line in about:
        _put(page.cell(row, 1), line)
        row += 1
    row += 1 if about else 0
    for column, heading in enumerate(sheet.head, start=1):
        cell = page.cell(row, column)
        _put(cell, heading)
        cell.font = Font(bold=True)
    page.freeze_panes = page.cell(row + 1, 1)
    for values in sheet.rows:
        row += 1
        for column, value in enumerate(values, start=1):
            cell = page.cell(row, column)
            _put(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str) and len(value) > 60)
    for column, heading in enumerate(sheet.head, start=1):
        page.column_dimensions[page.cell(1, column).column_letter].width = 34 if column == 1 else max(14, len(heading))


def _put(cell: Cell, value: Any) -> None:
    """A number stays a number; a text is stored as text even if it looks like a formula, also after copying."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        cell.value = value
        return
    words = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    cell.value = words
    cell.data_type = "s"
    cell.quotePrefix = words.startswith(_RISKY)
