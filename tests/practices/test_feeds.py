from xml.etree import ElementTree

from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices import review
from tests.practices.conftest import form_id, make_practice

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client):
    answer = client.get("/gute-praxis/feed.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own feed


def test_feed_gives_title_short_text_and_address(client, published, settings):
    (entry,) = entries(client)
    assert entry.find(f"{ATOM}title").text == published.title
    assert published.teaser in entry.find(f"{ATOM}summary").text
    assert entry.find(f"{ATOM}link").get("href") == f"{settings.BASE_URL}{published.get_absolute_url()}"


def test_archived_practice_leaves_the_feed(client, published, coordinator):
    review.archive(practice=published, by=coordinator, form_id=form_id())
    assert entries(client) == []


def test_markup_in_a_title_stays_text(client, gross):
    make_practice(gross, "published", title="<b>Bus</b> & Bahn")
    (entry,) = entries(client)
    assert entry.find(f"{ATOM}title").text == "<b>Bus</b> & Bahn"


def test_feed_takes_as_many_queries_for_one_as_for_three(client, gross, published):
    with CaptureQueriesContext(connection) as one:
        assert len(entries(client)) == 1
    for number in (2, 3):
        make_practice(gross, "published", title=f"Beispiel {number}")
    with CaptureQueriesContext(connection) as three:
        assert len(entries(client)) == 3
    assert len(three) == len(one)
