import pytest
from django.contrib.auth.models import AnonymousUser

from documentation import search

pytestmark = pytest.mark.django_db


def titles(text, user=None, only=""):
    return [str(hit.title) for hit in search.find(user or AnonymousUser(), text, only)]


def test_published_documentation_is_found_by_a_word_of_its_text(published):
    assert any("Ankommen" in title for title in titles("Checkliste"))


def test_draft_is_not_found(draft):
    assert not titles("Checkliste", only="dokumentationen")


@pytest.mark.parametrize("text", ["", "   ", '"', "a'b;--", "\x00", "ä" * 5000, "AND OR NOT ( ) *"])
def test_odd_words_find_nothing_and_break_nothing(published, text):
    assert isinstance(titles(text), list)
    assert isinstance(search.count(AnonymousUser(), text), dict)


def test_umlauts_and_their_spelling_meet(published):
    assert titles("dreißig", only="dokumentationen") == titles("dreissig", only="dokumentationen") != []


@pytest.mark.parametrize("only", ["", "dokumentationen"])
def test_facets_are_the_same_whether_counted_or_taken_from_the_hits(published, monkeypatch, only):
    monkeypatch.setattr(search, "PER_KIND", 2)  # meetings and documentations reach it, the others do not
    user = AnonymousUser()
    hits = search.find(user, "Ankommen", only)
    assert search.count(user, "Ankommen", found=hits, only=only) == search.count(user, "Ankommen")


def test_facets_cost_no_query_where_all_hits_are_known(published, django_assert_num_queries):
    hits = search.find(AnonymousUser(), "Checkliste")
    with django_assert_num_queries(0):
        counts = search.count(AnonymousUser(), "Checkliste", found=hits)
    assert counts["dokumentationen"] == 1
