"""The allow-list: what survives, and what plain text becomes."""

import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mobipro import html


def test_clean_keeps_the_allowed_subset():
    source = (
        '<h2>Ziel</h2><p><strong>Wir</strong> <em>üben</em> <a href="https://example.org/a">hier</a></p>'
        '<ul><li>eins</li></ul><table><thead><tr><th scope="col">Ort</th></tr></thead>'
        "<tbody><tr><td>Leer</td></tr></tbody></table>"
    )
    assert html.clean(source) == source.replace('/a">', '/a" rel="noopener noreferrer">')


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script>alert(1)</script><p>Text</p>", "<p>Text</p>"),
        ('<p onclick="x()" style="color:red" class="MsoNormal">Text</p>', "<p>Text</p>"),
        ('<a href="javascript:alert(1)">klick</a>', '<a rel="noopener noreferrer">klick</a>'),
        ('<a href="data:text/html,x">klick</a>', '<a rel="noopener noreferrer">klick</a>'),
        ("<img src=x onerror=alert(1)>Bild", "Bild"),
        ("<h1>Titel</h1><div>Rest</div>", "TitelRest"),
        (
            '<table><tbody><tr><td colspan="1000000">x</td></tr></tbody></table>',
            "<table><tbody><tr><td>x</td></tr></tbody></table>",
        ),
        (
            '<table><tbody><tr><th scope="evil">x</th></tr></tbody></table>',
            "<table><tbody><tr><th>x</th></tr></tbody></table>",
        ),
        ("<p>a\x00b\x0bc</p>", "<p>ab\nc</p>"),
    ],
)
def test_clean_drops_what_is_not_allowed(source, expected):
    assert html.clean(source) == expected


@given(st.text(max_size=200))
def test_clean_and_from_text_never_fail_and_are_stable(text):
    once = html.clean(text)
    assert html.clean(once) == once
    assert "<script" not in html.from_text(text).lower()


def test_blank_lines_part_paragraphs_and_hyphens_make_lists():
    text = "Erster Absatz\nmit zweiter Zeile.\n\n- eins\n- zwei\n\nSchluss"
    assert html.from_text(text) == (
        "<p>Erster Absatz<br>\nmit zweiter Zeile.</p>\n<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>\n<p>Schluss</p>"
    )


def test_bullets_pasted_from_word_make_a_list():
    assert html.from_text("•\teins\n•\tzwei") == "<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>"


def test_a_date_at_the_start_of_a_line_is_no_list():
    assert html.from_text("12. Juni 2027 in Leer") == "<p>12. Juni 2027 in Leer</p>"
    assert html.from_text("1. Mai: frei") == "<p>1. Mai: frei</p>"


def test_numbers_counting_from_one_make_a_list():
    assert html.from_text("1. planen\n2. üben\n3. prüfen").count("<li>") == 3


def test_markup_typed_into_a_text_field_stays_text():
    assert html.from_text("<b>x</b> & *y* [z](http://a.de) ![b](x.png) http://a.de C:\\neu") == (
        "<p>&lt;b&gt;x&lt;/b&gt; &amp; *y* [z](http://a.de) ![b](x.png) http://a.de C:\\neu</p>"
    )


def test_to_text_gives_one_block_a_line():
    assert html.to_text("<h2>A &amp; B</h2><ul><li>eins</li><li>zwei<br>drei</li></ul>") == "A & B\neins\nzwei\ndrei"
    assert html.to_text("<table><tr><th>Ort</th><td>Leer</td></tr></table>") == "Ort Leer"


def test_plain_composes_letters_and_removes_control_characters():
    assert html.plain("u\u0308ber\r\nzwei\u2028drei\x00\x07\u202e\tvier") == "über\nzwei\ndrei\tvier"


def test_no_control_characters_accepts_ordinary_text():
    html.no_control_characters("Zeile eins\r\nZeile zwei\tÄÖÜ – „gut“")


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\x85", "\u2028", "\ud800"])
def test_no_control_characters_says_where_the_character_stands(character):
    with pytest.raises(ValidationError) as caught:
        html.no_control_characters(f"Müller{character}")
    assert "nach „Müller“" in caught.value.message


def test_four_million_letters_are_checked_at_once():
    text = "Wort " * 800_000
    started = time.perf_counter()
    html.no_control_characters(text)
    assert html.plain(text) == text
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\x7f", "\x9f", "\ud800", "\u2028"])
def test_every_kind_of_control_character_is_named_with_its_place(letter):
    with pytest.raises(ValidationError, match="nach „Montag“"):
        html.no_control_characters(f"Montag {letter}")
    assert html.plain(f"a{letter}b") in ("ab", "a\nb")
