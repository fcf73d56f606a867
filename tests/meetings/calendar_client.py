"""A calendar program that obeys RFC 5546: it applies what it is sent by UID, SEQUENCE and DTSTAMP, and nothing else."""

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
        for event in parsed.walk("VEVENT"):
            self._apply(method, event)

    def _apply(self, method, event):
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
            self.events[uid] = event

    def shows(self, uid):
        """(start, end, status, place, title) of the entry; None when there is none."""
        event = self.events.get(str(uid))
        if event is None:
            return None
        words = (str(event["STATUS"]), str(event.get("LOCATION", "")), str(event["SUMMARY"]))
        return (event["DTSTART"].dt, event["DTEND"].dt, *words)
