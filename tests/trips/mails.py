"""What a mail from the catcher holds: its tree, its calendar part, its personal link."""

import email
import email.policy
import re
from datetime import timedelta

from icalendar import Calendar

# Fixed days that some Land keeps and that may be a Tuesday; no movable one ever is.
FIXED = {(1, 6), (3, 8), (5, 1), (8, 15), (9, 20), (10, 3), (10, 31), (11, 1)}


class Mail:
    """One kept mail, parsed."""

    def __init__(self, raw):
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.text = self.message.get_body(("plain",)).get_content()

    @property
    def tree(self):
        """The content types with their depth, as the mail is built."""

        def walk(part, depth):
            yield depth, part.get_content_type()
            for child in part.iter_parts():
                yield from walk(child, depth + 1)

        return list(walk(self.message, 0))

    @property
    def calendar_part(self):
        return next(part for part in self.message.walk() if part.get_content_type() == "text/calendar")

    @property
    def calendar(self):
        return Calendar.from_ical(self.calendar_part.get_payload(decode=True))

    @property
    def event(self):
        return self.calendar.walk("VEVENT")[0]

    @property
    def attached(self):
        """The second copy of the calendar, as a file."""
        part = next(part for part in self.message.walk() if part.get_content_type() == "application/ics")
        return part.get_payload(decode=True)

    @property
    def method(self):
        """METHOD, which the Content-Type and the property must say alike (RFC 6047, 2.4)."""
        said = self.calendar_part.get_param("method")
        assert said == str(self.calendar["METHOD"])
        return said

    @property
    def sequence(self):
        return int(self.event.get("SEQUENCE", 0))

    @property
    def links(self):
        """The personal pages, without a preset answer."""
        return re.findall(r"https?://\S+?/treffen/antwort/[^?\s]+", self.text)

    @property
    def link(self):
        return self.links[0]


def tuesday_from(day):
    """The first Tuesday from this day on that is a working day in every Land."""
    while day.weekday() != 1 or (day.month, day.day) in FIXED:
        day += timedelta(days=1)
    return day


def german(day):
    return f"{day:%d.%m.%Y}"
