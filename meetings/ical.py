"""Meeting → iCalendar bytes (RFC 5545, 5546). Pure: the same bytes serve mail, download and feed.

What a program does with them is decided by UID, SEQUENCE and METHOD: the UID never changes, SEQUENCE only rises
(meetings.scheduling raises it), and a postponed meeting is never cancelled but made tentative and transparent.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from icalendar import Calendar, Event, Timezone, vCalAddress, vDuration, vText, vUri

from meetings.models import Invitation, Meeting
from mobipro import links

BERLIN = ZoneInfo("Europe/Berlin")
PRODID = "-//MobiPro-EU Vernetzungsprojekt//Vernetzungsportal//DE"
FEED_REFRESH = "PT4H"

# The classic two rules; icalendar's own list of days until 2038 is legal but untested in mail programs.
_BERLIN_RULES = b"""BEGIN:VTIMEZONE\r
TZID:Europe/Berlin\r
BEGIN:DAYLIGHT\r
TZNAME:CEST\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
DTSTART:19700329T020000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
TZNAME:CET\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
DTSTART:19701025T030000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
END:STANDARD\r
END:VTIMEZONE\r
"""


def request(
    meeting: Meeting,
    invitation: Invitation,
    *,
    partstat: str,
    rsvp: bool = True,
    link: str = "",
    stamp: datetime | None = None,
) -> bytes:
    """METHOD:REQUEST for one person. `link` (a link or its placeholder) leads to her personal page.

    Who has only the Save the Date keeps a tentative entry, also when others are invited already.
    """
    event = _event(meeting, link=link, stamp=stamp, is_noted=invitation.is_only_noted)
    event.add("attendee", _attendee(invitation, partstat, rsvp=rsvp), encode=False)
    return _calendar("REQUEST", [event])


def cancel(
    meeting: Meeting, invitation: Invitation, *, whole_event: bool = True, stamp: datetime | None = None
) -> bytes:
    """METHOD:CANCEL: the whole meeting (with STATUS), or one person who is no longer invited (without)."""
    event = _event(meeting, stamp=stamp, is_noted=invitation.is_only_noted)
    event.pop("STATUS", None)
    if whole_event:
        event.add("status", "CANCELLED")
    event.add("attendee", _attendee(invitation, str(invitation.partstat), rsvp=False), encode=False)
    return _calendar("CANCEL", [event])


def decline_counter(
    meeting: Meeting, invitation: Invitation, *, link: str = "", stamp: datetime | None = None
) -> bytes:
    """METHOD:DECLINECOUNTER: her proposal of another time is not taken; SEQUENCE stays (RFC 5546 §3.2.8)."""
    event = _event(meeting, link=link, stamp=stamp, is_noted=invitation.is_only_noted)
    event.add("attendee", _attendee(invitation, str(invitation.partstat), rsvp=False), encode=False)
    return _calendar("DECLINECOUNTER", [event])


def publish(meetings: Iterable[Meeting], name: str = "") -> bytes:
    """METHOD:PUBLISH for downloads and feeds: no ATTENDEE, the same UID as in the mails, cancelled ones kept."""
    # Stamped with the last change, not with now: a reader who has the newer mail keeps it, and the bytes stay equal.
    events = [_event(meeting, stamp=meeting.updated_at) for meeting in meetings if meeting.starts_at]
    return _calendar("PUBLISH", events, name)


def status_of(meeting: Meeting, *, is_noted: bool = False) -> str:
    """STATUS (RFC 5545 §3.8.1.11): confirmed from the invitation on. `is_noted`: for a person without one."""
    if meeting.status == Meeting.Status.CANCELLED:
        return "CANCELLED"
    if is_noted or meeting.status in (*_BEFORE_INVITATION, Meeting.Status.POSTPONED):
        return "TENTATIVE"
    return "CONFIRMED"


def _calendar(method: str, events: list[Event], name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)  # RFC 7986
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", vDuration.from_ical(FEED_REFRESH), {"VALUE": "DURATION"})
        calendar.add("x-published-ttl", FEED_REFRESH)
    calendar.add_component(Timezone.from_ical(_BERLIN_RULES))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(meeting: Meeting, *, link: str = "", stamp: datetime | None = None, is_noted: bool = False) -> Event:
    if meeting.starts_at is None or meeting.ends_at is None:
        raise ValueError("A meeting without a date has no calendar entry.")
    public_url = links.absolute(meeting.get_absolute_url())
    event = Event()
    event.add("uid", str(meeting.ics_uid))
    event.add("sequence", meeting.ics_sequence)
    event.add("dtstamp", (stamp or timezone.now()).astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", timezone.localtime(meeting.starts_at, BERLIN))
    event.add("dtend", timezone.localtime(meeting.ends_at, BERLIN))
    event.add("summary", summary_of(meeting, is_noted=is_noted))
    event.add("description", _description(meeting, link or public_url, personal=bool(link)))
    location = location_of(meeting)
    if location:
        event.add("location", location)
    event.add("url", vUri(public_url))
    event.add("status", status_of(meeting, is_noted=is_noted))
    event.add("transp", "TRANSPARENT" if meeting.status in _NOT_BLOCKING else "OPAQUE")
    event.add("class", "PUBLIC")
    if meeting.organizer_email:
        organizer = vCalAddress(f"mailto:{meeting.organizer_email}")
        if meeting.organizer_name:
            organizer.params["CN"] = vText(meeting.organizer_name)
        event.add("organizer", organizer, encode=False)
    return event


_BEFORE_INVITATION = (Meeting.Status.IDEA, Meeting.Status.SAVE_THE_DATE)
_NOT_BLOCKING = (Meeting.Status.POSTPONED, Meeting.Status.CANCELLED)


def location_of(meeting: Meeting) -> str:
    """Address in one line, "online", or both; empty while the place is open."""
    places = [meeting.venue.address] if meeting.venue and meeting.attendance_mode != "online" else []
    if meeting.attendance_mode in ("online", "mixed"):
        places.append("online")
    return " und ".join(places)


def summary_of(meeting: Meeting, *, is_noted: bool = False) -> str:
    if meeting.status == Meeting.Status.POSTPONED:
        return f"Verschoben – neuer Termin folgt: {meeting.title}"
    if meeting.status == Meeting.Status.CANCELLED:
        return f"Abgesagt: {meeting.title}"
    if is_noted or meeting.status in _BEFORE_INVITATION:
        return f"Vorgemerkt: {meeting.title}"
    return str(meeting.title)


def _description(meeting: Meeting, link: str, *, personal: bool) -> str:
    lead = "Antworten, Anreise und Reisekosten" if personal else "Mehr dazu"
    return "\n\n".join(part for part in (meeting.description.strip(), f"{lead}: {link}") if part)


def _attendee(invitation: Invitation, partstat: str, *, rsvp: bool) -> vCalAddress:
    # A bare mailto: with the name only in CN; a name inside the address breaks replies (RFC 6047 §2.3).
    attendee = vCalAddress(f"mailto:{invitation.email}")
    attendee.params["CN"] = vText(invitation.name)
    attendee.params["CUTYPE"] = vText("INDIVIDUAL")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText(partstat.upper().replace("_", "-"))
    attendee.params["RSVP"] = vText("TRUE" if rsvp else "FALSE")
    return attendee
