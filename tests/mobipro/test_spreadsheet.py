"""Tables for Excel: numbers are numbers, and no text becomes a formula."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from mobipro import spreadsheet
from mobipro.spreadsheet import Sheet


def opened(rows, about=()):
    return load_workbook(BytesIO(spreadsheet.build(about, [Sheet("Tabelle", ("Was", "Zahl"), rows)])))["Tabelle"]


def test_numbers_stay_numbers_and_gaps_stay_empty():
    page = opened([("Teilgenommen", 197), ("Ohne", None)])
    assert page["B2"].value == 197
    assert page["B2"].data_type == "n"
    assert page["B3"].value in (None, "")


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+49 30", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text):
    cell = opened([(text, 1)])["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value.strip() == text.strip()
    assert cell.quotePrefix


def test_control_characters_do_not_break_the_file():
    assert opened([("Nord\x00\x0b", 1)])["A2"].value == "Nord"


def test_what_the_table_is_about_stands_above_it():
    page = opened([("Nord", 3)], about=["Auswahl: 2026", "Stand 26.11.2026"])
    assert [page["A1"].value, page["A2"].value, page["A4"].value, page["B5"].value] == [
        "Auswahl: 2026",
        "Stand 26.11.2026",
        "Was",
        3,
    ]


def test_times_are_those_of_berlin():
    moment = datetime(2027, 7, 1, 8, 30, tzinfo=UTC)
    cell = opened([("Beginn", moment)])["B2"]
    assert (cell.value, cell.number_format) == (datetime(2027, 7, 1, 10, 30), "DD.MM.YYYY HH:MM")  # noqa: DTZ001
