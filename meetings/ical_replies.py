"""Calendar bytes → answer: what Outlook, Gmail, Apple and Thunderbird send back (RFC 5546 §3.2.3, §3.2.7). Pure."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

BERLIN = ZoneInfo("Europe/Berlin")
MAX_COMMENT: Final = 500
METHODS: Final = ("REPLY", "COUNTER")


class UnreadableReply(Exception):
    """The calendar object is no answer that can be taken; the text says why, for the coordinator."""


@dataclass(frozen=True)
class Reply:
    """One person's answer to one meeting, as her program wrote it."""

    method: str  # REPLY or COUNTER
    uid: uuid.UUID
    attendee: str  # address, lower case
    partstat: str  # "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION"
    sequence: int
    stamped_at: datetime | None  # DTSTAMP; which of two answers is newer (RFC 5546 §2.1.5)
    comment: str = ""
    sent_by: str = ""  # somebody answers for her (RFC 5545 §3.2.18)
    is_delegated: bool = False
    proposed_start: datetime | None = None  # of a COUNTER
    proposed_end: datetime | None = None


def read(data: bytes) -> Reply:
    """The answer in these bytes. Raises UnreadableReply."""
    calendar = _parsed(data)
    method = str(calendar.get("method", "")).strip().upper()
    if method not in METHODS:
        raise UnreadableReply("Der Kalenderteil ist keine Antwort auf eine Einladung.")
    events = [part for part in calendar.walk("VEVENT") if isinstance(part, Event)]
    if len(events) != 1 or "recurrence-id" in events[0]:
        raise UnreadableReply("Der Kalenderteil enthält nicht genau einen Termin.")
    event = events[0]
    address = _attendee(event)
    params = address.params
    return Reply(
        method=method,
        uid=_uid(event),
        attendee=_plain(address),
        partstat=str(params.get("PARTSTAT", "NEEDS-ACTION")).upper(),
        sequence=_sequence(event),
        stamped_at=_moment(event.get("dtstamp")),
        comment=_comment(event),
        sent_by=_plain(params.get("SENT-BY", "")),
        is_delegated=bool(params.get("DELEGATED-FROM") or params.get("DELEGATED-TO")),
        proposed_start=_moment(event.get("dtstart")) if method == "COUNTER" else None,
        proposed_end=_moment(event.get("dtend")) if method == "COUNTER" else None,
    )


def _parsed(data: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(data)
    except Exception as error:  # a stranger's bytes: whatever the parser raises means the same
        raise UnreadableReply("Der Kalenderteil lässt sich nicht lesen.") from error
    if not isinstance(calendar, Calendar):
        raise UnreadableReply("Der Kalenderteil lässt sich nicht lesen.")
    return calendar


def _attendee(event: Event) -> Any:
    found = event.get("attendee")
    people = found if isinstance(found, list) else [found] if found else []
    if len(people) != 1:
        raise UnreadableReply("Die Antwort nennt nicht genau eine Person.")
    return people[0]


def _plain(address: Any) -> str:
    text = str(address).strip().strip('"')
    return (text[7:] if text.lower().startswith("mailto:") else text).strip().lower()[:254]


def _uid(event: Event) -> uuid.UUID:
    try:
        return uuid.UUID(str(event.get("uid", "")).strip())
    except ValueError:
        raise UnreadableReply("Die Antwort gehört zu keinem Treffen des Portals.") from None


def _sequence(event: Event) -> int:
    try:
        return max(0, min(int(event.get("sequence", 0)), 2**31 - 1))
    except (TypeError, ValueError):
        return 0


def _moment(value: Any) -> datetime | None:
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        # A time without a zone is the wall clock of somebody in Germany.
        return (moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)).astimezone(UTC)
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day, tzinfo=BERLIN).astimezone(UTC)
    return None


def _comment(event: Event) -> str:
    found = event.get("comment", "")
    text = " ".join(str(one) for one in found) if isinstance(found, list) else str(found)
    return " ".join(text.split())[:MAX_COMMENT]
