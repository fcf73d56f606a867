import pytest

from mobipro import pdf, pdf_fit

pytestmark = pytest.mark.skipif(not pdf.is_available(), reason=pdf.missing_message() or "PDFs are possible")
SIZES = (26, 20, 15, 11, 9)


def size(text, **box):
    return pdf_fit.size(text, **{"width_mm": 80, "height_mm": 19, "sizes": SIZES, **box})


def test_a_short_text_gets_the_largest_type():
    assert size("Jürgen Groß") == 26


def test_a_longer_text_gets_smaller_type_and_the_longest_the_smallest():
    assert size("Maximilian-Alexander von Hohenstein-Württemberg-Oldenburg") == 11
    assert size("x" * 900) == 9


def test_a_word_longer_than_the_line_is_broken():
    assert pdf_fit.lines("n" * 60, 10) == 4  # an n is 0.58 em wide


def test_a_hyphen_is_a_place_to_break():
    room = pdf_fit.width("Ausbildungs-") + 0.1
    assert pdf_fit.lines("Ausbildungs-Betrieb", room) == 2


def test_no_text_is_one_line():
    assert pdf_fit.lines("", 10) == 1
