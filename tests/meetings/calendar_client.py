"""A calendar program that obeys RFC 5546: it applies what it is sent by UID, SEQUENCE and DTSTAMP, and nothing else."""

from datetime import datetime
from functools import lru_cache
from io import StringIO

from dateutil import tz
from icalendar import Calendar


class CalendarClient:
    """The calendar of one person; `take` every mail that arrives, in whatever order."""

    def __init__(self, address):
        self.address = address.lower()
        self.events = {}
        self.seen = {}

    def take(self, calendar):
        parsed = Calendar.from_ical(calendar)
        method = str(parsed["METHOD"])
        (zone,) = parsed.walk("VTIMEZONE")
        for event in parsed.walk("VEVENT"):
            self._apply(method, event, zone_of(zone.to_ical().decode()))

    def _apply(self, method, event, zone):
        uid = str(event["UID"])
        attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
        assert [str(one).lower() for one in attendees] == [f"mailto:{self.address}"], "one person a mail"
        version = (int(event.get("SEQUENCE", 0)), event["DTSTAMP"].dt)
        if uid in self.seen and version < self.seen[uid]:
            return  # an older message after a newer one (RFC 5546 §2.1.5)
        self.seen[uid] = version
        if method == "CANCEL":
            self.events.pop(uid, None)
        elif method == "REQUEST":
            self.events[uid] = (event, zone)

    def shows(self, uid):
        """(start, end, status, place, title) of the entry; None when there is none."""
        if str(uid) not in self.events:
            return None
        event, _ = self.events[str(uid)]
        words = (str(event["STATUS"]), str(event.get("LOCATION", "")), str(event["SUMMARY"]))
        return (self.moment(uid, "DTSTART"), self.moment(uid, "DTEND"), *words)

    def moment(self, uid, name):
        """When that is by the rules that came with the entry, not by what this machine knows of Berlin."""
        event, zone = self.events[str(uid)]
        assert event[name].params["TZID"] == "Europe/Berlin"
        return datetime.strptime(event[name].to_ical().decode(), "%Y%m%dT%H%M%S").replace(tzinfo=zone)


@lru_cache
def zone_of(vtimezone):
    """The two rules, read by dateutil: icalendar would take the zone's name and ignore them."""
    return tz.tzical(StringIO(vtimezone.replace("\r\n", "\n"))).get()
