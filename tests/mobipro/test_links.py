import re
import types

import pytest
from django.http import HttpResponse
from django.urls import NoReverseMatch, path
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from mobipro import links


@pytest.fixture
def pages(settings):
    urls = types.ModuleType("urls")
    urls.urlpatterns = [path("antwort/<str:token>/", lambda request, token: HttpResponse(), name="answer")]
    settings.ROOT_URLCONF = urls
    settings.BASE_URL = "https://portal.example.org"


def test_a_token_is_the_same_each_time_and_names_its_record():
    token = links.token("answer", 123, 1)
    assert token == links.token("answer", 123, 1)
    assert re.fullmatch(r"123\.1\.[A-Za-z0-9_-]{22}", token)
    assert links.verify("answer", token) == (123, 1)


def test_a_token_opens_nothing_but_its_purpose_record_and_version():
    token = links.token("answer", 123, 1)
    mac = token.rpartition(".")[2]
    assert links.verify("account-invitation", token) is None
    assert links.verify("answer", f"124.1.{mac}") is None
    assert links.verify("answer", f"123.2.{mac}") is None
    assert links.verify("answer", f"0123.1.{mac}") is None
    assert links.verify("answer", f"123.01.{mac}") is None


def test_another_key_makes_all_tokens_worthless(settings):
    token = links.token("answer", 123, 1)
    settings.LINK_KEY = "another"
    assert links.verify("answer", token) is None


@pytest.mark.parametrize(
    "junk",
    ["", ".", "..", "1.1.", "1.1." + "A" * 22, "a.b.c", "1.1.ü" + "A" * 21, "9" * 400 + ".1." + "A" * 22, "\x00", None],
)
def test_malformed_tokens_are_refused(junk):
    assert links.verify("answer", junk) is None


@given(st.text())
def test_no_text_at_all_raises_an_error(text):
    assert links.verify("answer", text) is None
    assert links.fill(text) == text


def test_a_placeholder_becomes_its_link_in_text_and_in_escaped_html(pages):
    placeholder = links.placeholder("answer", "answer", 7, 2, "?wahl=ja&von=mail")
    link = f"https://portal.example.org/antwort/{links.token('answer', 7, 2)}/?wahl=ja&von=mail"
    assert links.fill(f"Hier: {placeholder}.") == f"Hier: {link}."
    assert links.fill(f'<a href="{escape(placeholder)}">') == f'<a href="{escape(link)}">'


def test_a_placeholder_that_somebody_typed_stays_text(pages):
    typed = "{link:answer|answer|7|2||AAAAAAAAAAAAAAAAAAAAAA}"
    genuine = links.placeholder("answer", "answer", 7, 2)
    assert links.fill(typed) == typed
    assert links.fill(genuine.replace("|7|", "|8|")) == genuine.replace("|7|", "|8|")


def test_a_placeholder_is_filled_in_a_folded_calendar_line(pages):
    placeholder = links.placeholder("answer", "answer", 7, 1)
    odd = "\u2028\x85"  # no line breaks of a calendar
    description = f"DESCRIPTION:{'Grüße ' * 9}{placeholder[:9]}\r\n {placeholder[9:]}"
    calendar = f"COMMENT:{odd}\r\nBEGIN:VEVENT\r\n{description}\r\nEND:VEVENT\r\n"
    filled = links.fill_calendar(calendar)
    assert all(len(line.encode()) <= 75 for line in filled.split("\r\n"))
    assert f"COMMENT:{odd}\r\n" in filled
    assert filled.endswith("END:VEVENT\r\n")
    assert links.token("answer", 7, 1) in filled.replace("\r\n ", "")


def test_others_read_a_mail_without_anything_to_copy():
    text = f"Hier: {links.placeholder('answer', 'answer', 7, 1)}"
    assert links.mask(text) == "Hier: [persönlicher Link]"


def test_an_address_that_no_longer_exists_is_an_error(pages):
    with pytest.raises(NoReverseMatch):
        links.fill(links.placeholder("gone", "answer", 7, 1))


@pytest.mark.parametrize("query", ["wahl=ja", "?a b", '?"', "?a|b", "?{x}", "?a=1#x"])
def test_a_placeholder_refuses_what_could_break_out(query):
    with pytest.raises(ValueError, match="query"):
        links.placeholder("answer", "answer", 7, 1, query)


def test_a_placeholder_refuses_odd_names():
    with pytest.raises(ValueError, match="name"):
        links.placeholder("answer", "a|b", 7, 1)


def test_addresses_begin_with_the_configured_one(settings):
    settings.BASE_URL = "https://portal.example.org"
    assert links.absolute("/treffen/") == "https://portal.example.org/treffen/"
