from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from documentation import compose, publishing
from tests.documentation.conftest import make_held_meeting

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client):
    answer = client.get(reverse("documentation:feed"))
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own feed


def test_feed_names_what_is_published_with_its_address_and_summary(client, published, settings):
    (entry,) = entries(client)
    assert entry.find(f"{ATOM}title").text == published.title
    assert entry.find(f"{ATOM}summary").text == published.summary
    assert entry.find(f"{ATOM}link").get("href") == f"{settings.BASE_URL}{published.get_absolute_url()}"


def test_draft_and_withdrawn_documentation_are_not_in_the_feed(client, draft, kaya):
    assert entries(client) == []
    version = publishing.request_version(documentation=draft, by=kaya)
    publishing.publish(version=version, by=kaya, without_pdf=True)
    publishing.withdraw(version=version, reason="Falsche Zahl", by=kaya)
    assert entries(client) == []


def test_correction_renews_the_entry_and_keeps_its_first_date(client, published, kaya):
    (before,) = entries(client)
    second = publishing.request_version(documentation=published, by=kaya, correction_reason="Zahl berichtigt")
    later = timezone.now() + timedelta(minutes=5)
    publishing.publish(version=second, by=kaya, without_pdf=True, published_at=later)
    (after,) = entries(client)
    assert after.find(f"{ATOM}id").text == before.find(f"{ATOM}id").text
    assert after.find(f"{ATOM}published").text == before.find(f"{ATOM}published").text
    assert after.find(f"{ATOM}updated").text > before.find(f"{ATOM}updated").text


def test_feed_takes_as_many_queries_for_one_as_for_two(client, published):
    with CaptureQueriesContext(connection) as one:
        assert len(entries(client)) == 1
    other = compose.create_draft(meeting=make_held_meeting("2026-BY-1", "BY", "Zweites Treffen"), by=None)
    version = publishing.request_version(documentation=other, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    with CaptureQueriesContext(connection) as two:
        assert len(entries(client)) == 2
    assert len(two) == len(one)
