"""Job: entries made at the door, on phones that may have been without network for hours.

A phone sends each entry with an id of its own, the person, the state and the moment it was tapped. Entries come in any
order, from several phones, and more than once: a known id changes nothing, and for each person the entry made last
counts. So all phones end with the same list, whoever syncs first (docs/decisions/0026).
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from meetings.attendance import AttendanceError, clean_name, store
from meetings.models import Attendance, CheckIn, Invitation, Meeting

EARLY = timedelta(hours=4)  # the door opens before the meeting does
LATE = timedelta(days=30)  # so long a phone may bring its entries; then the log is deleted
MOST = 500  # entries in one sending
STATES = ("", Attendance.State.PRESENT, Attendance.State.LEFT_EARLY)
PRESENT, EXCUSED = Attendance.State.PRESENT, Attendance.State.EXCUSED


class CheckInError(AttendanceError):
    """The whole sending is refused; the text says why, in German."""


@dataclass(frozen=True)
class Entry:
    """One tap. Either `invitation_id`, or `walk_in` (a key that the phone chose) with a name."""

    operation_id: uuid.UUID
    state: str
    made_at: datetime
    invitation_id: int | None = None
    walk_in: uuid.UUID | None = None
    name: str = ""
    organisation: str = ""
    instead_of: int | None = None


@dataclass
class Outcome:
    """What became of a sending: ids that the phone may forget, and the refused ones with the reason."""

    taken: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def parse(row: Any) -> Entry:
    """An entry as a phone sends it. Raises ValueError when it is none."""
    if not isinstance(row, dict):
        raise ValueError("not an entry")
    kind, _, key = str(row.get("person", "")).partition("-")
    if kind not in ("i", "w"):
        raise ValueError("not a person")
    made_at = datetime.fromtimestamp(int(row["at"]) / 1000, tz=UTC) if 0 < int(row["at"]) < 10**14 else None
    if made_at is None:
        raise ValueError("not a moment")
    instead = row.get("instead_of") or None
    return Entry(
        operation_id=uuid.UUID(str(row["id"])),
        state=str(row.get("state", "")),
        made_at=made_at,
        invitation_id=_number(key) if kind == "i" else None,
        walk_in=uuid.UUID(key) if kind == "w" else None,
        name=str(row.get("name", "")),
        organisation=str(row.get("organisation", "")),
        instead_of=_number(str(instead)) if instead else None,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("not a number")
    return int(text)


def is_open(meeting: Meeting, now: datetime | None = None) -> bool:
    """From four hours before the meeting until 30 days after it, unless it is off."""
    now = now or timezone.now()
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return False
    return bool(meeting.starts_at and meeting.ends_at and meeting.starts_at - EARLY <= now <= meeting.ends_at + LATE)


@transaction.atomic
def take(*, meeting: Meeting, entries: Sequence[Entry], by: Any) -> Outcome:
    """Keep the new entries and bring the attendance up to date. Raises CheckInError when the door is closed."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if not is_open(locked):
        raise CheckInError(
            "Der Check-in ist geschlossen. Er öffnet vier Stunden vor dem Treffen und endet 30 Tage danach."
        )
    if len(entries) > MOST:
        raise CheckInError(f"Höchstens {MOST} Eingaben auf einmal.")
    outcome = Outcome()
    known = set(
        CheckIn.objects.filter(operation_id__in=[row.operation_id for row in entries]).values_list(
            "operation_id", flat=True
        )
    )
    invitations = {row.pk: row for row in Invitation.objects.filter(meeting=locked)}
    touched: set[int] = set()
    walk_ins: set[uuid.UUID] = set()
    for entry in entries:
        if entry.operation_id in known:
            outcome.taken.append(str(entry.operation_id))
            continue
        problem = _problem(entry, invitations)
        if problem:
            outcome.refused.append((str(entry.operation_id), problem))
            continue
        row = _keep(locked, entry, by)
        known.add(entry.operation_id)
        outcome.taken.append(str(entry.operation_id))
        touched |= {pk for pk in (row.invitation_id, row.instead_of_id) if pk}
        walk_ins |= {row.walk_in_key} if row.walk_in_key else set()
    _settle_invited(locked, [invitations[pk] for pk in touched])
    for key in walk_ins:
        _settle_walk_in(locked, key)
    return outcome


def _problem(entry: Entry, invitations: dict[int, Invitation]) -> str:
    """Why this entry cannot be kept, in German; empty when it can."""
    if entry.state not in STATES:
        return "Diese Angabe gibt es nicht."
    for pk in (entry.invitation_id, entry.instead_of):
        if pk is not None and pk not in invitations:
            return "Diese Person gehört nicht zu diesem Treffen."
    if entry.walk_in is not None and not clean_name(entry.name):
        return "Geben Sie den Namen der Person ein."
    return ""


def _keep(meeting: Meeting, entry: Entry, by: Any) -> CheckIn:
    name, organisation = clean_name(entry.name), clean_name(entry.organisation)
    now = timezone.now()
    earliest = (meeting.starts_at or now) - EARLY
    key, instead_of = None, None
    if entry.walk_in is not None:
        key, instead_of = _known_person(meeting, entry.walk_in, name, organisation)
    return CheckIn.objects.create(
        operation_id=entry.operation_id,
        meeting=meeting,
        invitation_id=entry.invitation_id,
        walk_in_key=key,
        sent_key=entry.walk_in,
        instead_of_id=(entry.instead_of or instead_of) if entry.walk_in else None,
        name=name,
        organisation_name=organisation,
        state=entry.state,
        made_at=min(max(entry.made_at, earliest), now),  # a phone's clock may be wrong by years
        made_by=by,
    )


def _known_person(meeting: Meeting, sent: uuid.UUID, name: str, organisation: str) -> tuple[uuid.UUID, int | None]:
    """The one key of a person whom two phones may have entered, and whom she represents.

    Known by an earlier entry, else by the same name and house.
    """
    about = CheckIn.objects.filter(Q(sent_key=sent) | Q(walk_in_key=sent), meeting=meeting)
    earlier = about.exclude(instead_of=None).first() or about.first()
    if earlier and earlier.walk_in_key:
        return earlier.walk_in_key, earlier.instead_of_id
    same = Attendance.objects.filter(meeting=meeting, is_walk_in=True, name=name, organisation_name=organisation)
    row = same.first()
    if row is None:
        return sent, None
    if row.walk_in_key is None:
        row.walk_in_key = sent
        row.save(update_fields=["walk_in_key"])
    return row.walk_in_key, None


def _settle_invited(meeting: Meeting, people: Iterable[Invitation]) -> None:
    """The last entry about each person counts; whoever is represented is excused."""
    for person in people:
        about = CheckIn.objects.filter(Q(invitation=person) | Q(instead_of=person), meeting=meeting)
        last = about.select_related("made_by").last()
        if last is None:
            continue
        state = last.state if last.invitation_id else EXCUSED if last.state else ""
        if state:
            store(person, state, last.made_by)
        else:
            Attendance.objects.filter(invitation=person).delete()


def _settle_walk_in(meeting: Meeting, key: uuid.UUID) -> None:
    last = CheckIn.objects.filter(meeting=meeting, walk_in_key=key).select_related("made_by").last()
    if last is None:
        return
    if not last.state:
        Attendance.objects.filter(walk_in_key=key, meeting=meeting).delete()
        return
    values = {"name": last.name, "organisation_name": last.organisation_name, "state": last.state}
    Attendance.objects.update_or_create(
        walk_in_key=key, defaults={"meeting": meeting, "is_walk_in": True, **values, "recorded_by": last.made_by}
    )


def outdated(now: datetime) -> QuerySet[CheckIn]:
    """The log of meetings that ended 30 days ago: the attendance stays, its history of taps is not needed."""
    return CheckIn.objects.filter(meeting__ends_at__lte=now - LATE)
