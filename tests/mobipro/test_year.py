"""The network's drawings on pages: what they draw comes from the records, and from public ones only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documentation import compose, publishing
from documentation.models import DocumentationSection
from meetings.models import Meeting
from mobipro.views import year
from practices.models import GoodPractice
from regions.models import Region
from regions.visibility import Visibility
from tests import factories
from tests.documentation.conftest import make_held_meeting

pytestmark = pytest.mark.django_db


def publish_with_example(meeting, example, visibility=Visibility.PUBLIC):
    draft = compose.create_draft(meeting=meeting, by=None)
    DocumentationSection(
        documentation=draft, position=99, kind="good_practice", title="X", practice=example, visibility=visibility
    ).save()
    version = publishing.request_version(documentation=draft, by=None)
    publishing.publish(version=version, by=None, without_pdf=True)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def example(base_data):
    """A published example of Bayern (region 6)."""
    project = factories.make_project("Brezn", "BY")
    practice = GoodPractice(
        title="Brezn backen",
        slug="brezn-backen",
        teaser="Backen lernt man in der Nacht.",
        approach="Jede Nacht eine Sorte.",
        status=GoodPractice.Status.PUBLISHED,
        visibility=Visibility.PUBLIC,
        author=factories.make_overall(),
        organisation=factories.make_traeger(),
        project=project,
        region=project.region,
    )
    practice.published_at = practice.consent_given_at = "2026-05-01T10:00:00Z"
    practice.save()
    return practice


def test_an_example_in_another_regions_documentation_joins_the_two_regions(example):
    draft = publish_with_example(make_held_meeting(), example)
    assert year.examples_taken_over() == [(1, 6)]
    assert draft.current_version.content["cites"] == [6]
    svg = year.network_ring(list(Region.objects.active()), [], None)
    assert "Verbunden: Nord mit Bayern." in svg


def test_an_example_that_only_members_read_joins_nobody(example):
    draft = publish_with_example(make_held_meeting(), example, Visibility.NETWORK)
    assert year.examples_taken_over() == []
    assert draft.current_version.content["cites"] == []


def test_an_example_at_home_joins_nobody(example):
    publish_with_example(make_held_meeting("2026-BY-1", "BY"), example)
    assert year.examples_taken_over() == []


def test_a_withdrawn_documentation_joins_nobody(example, kaya):
    draft = publish_with_example(make_held_meeting(), example)
    publishing.withdraw(version=draft.current_version, by=kaya, reason="Ein Foto ohne Einverständnis")
    assert year.examples_taken_over() == []


def test_a_joint_meeting_joins_its_regions(base_data):
    meeting = make_held_meeting()
    meeting.regions.add(Region.objects.get(code="BY"))
    svg = year.network_ring(list(Region.objects.active()), Meeting.objects.prefetch_related("regions"), None)
    assert "Verbunden: Nord mit Bayern." in svg


def test_the_documentation_page_draws_a_line_to_the_region_it_cites(example, client):
    draft = publish_with_example(make_held_meeting(), example)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "Verbunden: Nord mit Bayern." in page
    assert page.count('id="inhalt"') == 1


def test_a_region_page_asks_as_often_with_three_records_as_with_one(example, client):
    publish_with_example(make_held_meeting("2026-BY-1", "BY"), example)
    with CaptureQueriesContext(connection) as one:
        text = client.get("/regionen/bayern/").content.decode()
    assert "Brezn backen" in text
    for number in (2, 3):
        publish_with_example(make_held_meeting(f"2026-BY-{number}", "BY"), example)
        lead = factories.make_traeger(f"Haus {number}", f"Haus {number}")
        factories.make_project(f"Projekt {number}", "BY", lead)
    with CaptureQueriesContext(connection) as three:
        text = client.get("/regionen/bayern/").content.decode()
    assert "Projekt 3" in text
    assert len(three) == len(one)
