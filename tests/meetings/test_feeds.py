import pytest
from django.urls import reverse
from icalendar import Calendar

from meetings import scheduling
from meetings.models import Meeting
from regions.models import Region
from tests import factories
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db
ALL = "/treffen/kalender.ics"


@pytest.fixture
def announced(meeting, overall):
    return scheduling.announce(meeting=meeting, by=overall)


def events(client, url=ALL):
    response = client.get(url)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    assert calendar["METHOD"] == "PUBLISH"
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def of_region(code):
    return reverse("meetings:feed_region", args=[factories.region(code).slug])


def test_a_feed_has_the_uid_of_the_mails_and_names_nobody(client, invited):
    event = events(client)[str(invited.ics_uid)]
    assert "ATTENDEE" not in event
    assert str(event["ORGANIZER"]) == "mailto:vernetzung@example.org"
    assert str(event["UID"]) in world.mails(kind="invitation").first().calendar


def test_a_region_has_its_own_meetings_and_the_national_ones(client, announced, overall):
    other = world.make_dated_meeting("2031-BY-1", region_code="BY")
    national = world.make_dated_meeting("2031-BUND", kind="national")
    national.regions.set(Region.objects.active())
    for meeting in (other, national):
        scheduling.announce(meeting=meeting, by=overall)
    assert set(events(client)) == {str(row.ics_uid) for row in (announced, other, national)}
    assert set(events(client, of_region("NORD"))) == {str(announced.ics_uid), str(national.ics_uid)}
    assert set(events(client, of_region("BY"))) == {str(other.ics_uid), str(national.ics_uid)}


def test_a_cancelled_meeting_stays_with_its_status_and_a_higher_sequence(client, announced, overall):
    before = events(client)[str(announced.ics_uid)]["SEQUENCE"]
    scheduling.cancel(meeting=announced, reason="Krankheit.", by=overall)
    event = events(client)[str(announced.ics_uid)]
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert event["SEQUENCE"] == before + 1


def test_a_moved_meeting_is_the_same_entry_on_another_day(client, announced, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=announced, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    found = events(client)
    assert list(found) == [str(announced.ics_uid)]
    assert found[str(announced.ics_uid)]["DTSTART"].dt == at(10, day=day)


def test_an_idea_is_in_no_feed(client, meeting):
    assert events(client) == {}
    assert events(client, of_region("NORD")) == {}


def test_a_reader_that_has_the_feed_gets_no_second_copy(client, announced, overall):
    first = client.get(ALL)
    assert client.get(ALL, headers={"If-None-Match": first["ETag"]}).status_code == 304
    scheduling.cancel(meeting=announced, reason="Krankheit.", by=overall)
    assert client.get(ALL, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_feeds_hold_lines_of_75_octets_with_crlf(client, announced):
    Meeting.objects.update(title="Übergänge gestalten – " + "ä" * 120)
    content = client.get(ALL).content
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_feeds_can_only_be_read(client, method):
    assert getattr(client, method)(ALL).status_code == 405


@pytest.mark.parametrize("slug", ["gibt-es-nicht", "NORD", "x" * 300])
def test_an_unknown_region_has_no_feed(client, slug):
    assert client.get(f"/treffen/region/{slug}/kalender.ics").status_code == 404


def test_the_number_of_queries_does_not_grow_with_meetings(client, announced, overall, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(ALL)
    with CaptureQueriesContext(connection) as one:
        client.get(ALL)
    for number in (2, 3):
        scheduling.announce(meeting=world.make_dated_meeting(f"2031-NORD-{number}"), by=overall)
    with django_assert_num_queries(len(one)):
        client.get(ALL)
