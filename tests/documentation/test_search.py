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
