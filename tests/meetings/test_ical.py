from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from meetings import ical
from meetings.models import Meeting
from tests.meetings import world

pytestmark = pytest.mark.django_db
STAMP = datetime(2030, 11, 22, 12, 41, 7, tzinfo=UTC)


def event_of(content):
    calendar = Calendar.from_ical(content)
    return calendar, calendar.walk("VEVENT")[0]


def test_request_names_method_person_and_organizer(invitation):
    content = ical.request(invitation.meeting, invitation, partstat="needs_action", stamp=STAMP)
    calendar, event = event_of(content)
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == str(invitation.meeting.ics_uid)
    assert event["ORGANIZER"] == "mailto:vernetzung@example.org"
    assert event["ATTENDEE"] == "mailto:erste@example.org"
    assert event["ATTENDEE"].params["CN"] == "Ana Arndt"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert event["STATUS"] == "CONFIRMED"
    assert event.decoded("DTSTAMP") == STAMP


def test_the_start_is_berlin_time_with_the_two_classic_rules(invitation):
    content = ical.request(invitation.meeting, invitation, partstat="needs_action")
    text = world.unfolded(content)
    assert "DTSTART;TZID=Europe/Berlin:20310312T100000" in text
    assert text.count("RRULE:") == 2
    assert "RDATE" not in text


def test_lines_are_folded_at_75_octets_with_crlf(invitation):
    invitation.meeting.title = "Überlänge äöü " * 10
    content = ical.request(invitation.meeting, invitation, partstat="accepted")
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_commas_and_line_breaks_in_texts_are_escaped_and_come_back(invitation):
    invitation.meeting.description = "Erstens, zweitens; drittens\nneue Zeile"
    _, event = event_of(ical.request(invitation.meeting, invitation, partstat="accepted"))
    assert event["DESCRIPTION"].startswith("Erstens, zweitens; drittens\nneue Zeile")


@pytest.mark.parametrize(("whole", "has_status"), [(True, True), (False, False)])
def test_cancel_has_a_status_only_for_the_whole_meeting(invitation, whole, has_status):
    calendar, event = event_of(ical.cancel(invitation.meeting, invitation, whole_event=whole))
    assert calendar["METHOD"] == "CANCEL"
    assert ("STATUS" in event) is has_status


def test_publish_names_no_attendee_and_keeps_the_uid(invitation):
    calendar, event = event_of(ical.publish([invitation.meeting], "Alle Treffen"))
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event
    assert event["UID"] == str(invitation.meeting.ics_uid)
    assert calendar["X-WR-CALNAME"] == "Alle Treffen"


def test_publish_gives_the_same_bytes_twice(meeting):
    assert ical.publish([meeting], "x") == ical.publish([meeting], "x")


def test_a_postponed_meeting_is_tentative_and_blocks_no_time(meeting):
    meeting.status = Meeting.Status.POSTPONED
    _, event = event_of(ical.publish([meeting]))
    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")
    assert event["SUMMARY"].startswith("Verschoben – neuer Termin folgt")


def test_a_cancelled_meeting_stays_in_feeds(meeting):
    meeting.status = Meeting.Status.CANCELLED
    _, event = event_of(ical.publish([meeting]))
    assert event["STATUS"] == "CANCELLED"


def test_a_meeting_without_date_is_left_out_of_feeds():
    assert b"VEVENT" not in ical.publish([world.make_meeting("2031-NORD-3")])


def test_summer_and_winter_have_their_own_offset(meeting):
    meeting.starts_at = datetime(2031, 7, 2, 8, tzinfo=UTC)
    meeting.ends_at = meeting.starts_at + timedelta(hours=2)
    assert "DTSTART;TZID=Europe/Berlin:20310702T100000" in world.unfolded(ical.publish([meeting]))
