"""What is printed for the day: Teilnahmeliste, Namensschilder, Türschilder, Tagesordnung.

The builders are pure: data in, PDF out.

Made while the browser waits: at most ten badges or twenty names stand on a page, so 200 people are 20 pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from meetings.models import AgendaItem, Meeting
from meetings.participants import Expected
from mobipro import pdf, pdf_fit
from regions.models import ProgrammeSettings

FREE_LINES = 10  # for people who come without having registered
BADGES_A_SHEET = 10  # two columns of five, 90 × 54 mm: the usual perforated sheets
NAME_SIZES = (26, 23, 20, 17, 15, 13, 11, 9)
HOUSE_SIZES = (12, 11, 10, 9, 8, 7)
ROOM_SIZES = (72, 60, 50, 42, 36, 30, 24, 20)
TITLE_SIZES = (30, 26, 22, 18, 15)

Timed = tuple[AgendaItem, datetime | None]


def programme_of(meeting: Meeting) -> ProgrammeSettings | None:
    """The settings that hold on the day of the meeting: its prints name that operator and that funding sentence."""
    return ProgrammeSettings.objects.on(meeting.starts_on) if meeting.starts_on else None


def attendance_list(meeting: Meeting, people: Sequence[Expected], programme: ProgrammeSettings | None) -> bytes:
    """For signatures: name, Einrichtung and an empty column, then free lines. No address, no phone (features.md 4)."""
    title = f"Teilnahmeliste: {meeting.title}"
    context = {"people": people, "free": range(len(people) + 1, len(people) + FREE_LINES + 1)}
    return _render("pdf/attendance_list.html", title, meeting, programme, context)


def name_badges(meeting: Meeting, people: Sequence[Expected], programme: ProgrammeSettings | None) -> bytes:
    """One badge for each person who comes to the place; long names and houses get smaller type, never less text."""
    badges = [_badge(person) for person in people if not person.is_online]
    sheets = [badges[at : at + BADGES_A_SHEET] for at in range(0, len(badges), BADGES_A_SHEET)]
    return _render("pdf/name_badges.html", f"Namensschilder: {meeting.title}", meeting, programme, {"sheets": sheets})


def _badge(person: Expected) -> dict[str, Any]:
    name, house = pdf.printable(person.name), pdf.printable(person.organisation)
    return {
        "name": name,
        "name_size": pdf_fit.size(name, width_mm=80, height_mm=19, sizes=NAME_SIZES, font=pdf_fit.SEMIBOLD),
        "house": house,
        "house_size": pdf_fit.size(house, width_mm=80, height_mm=12, sizes=HOUSE_SIZES),
        "region": person.region,
    }


@dataclass(frozen=True)
class Sign:
    """What hangs on one door."""

    room: str
    items: list[tuple[AgendaItem, datetime | None, datetime | None]]

    @property
    def room_size(self) -> int:
        return pdf_fit.size(self.room, width_mm=245, height_mm=58, sizes=ROOM_SIZES, font=pdf_fit.SEMIBOLD)


def signs(meeting: Meeting, agenda: Sequence[Timed]) -> list[Sign]:
    """One for each room of the agenda, and one for the room of the meeting itself."""
    main = (meeting.venue.room or meeting.venue.name) if meeting.venue else "Vernetzungstreffen"
    rooms: dict[str, Sign] = {main: Sign(main, [])}
    for item, start in agenda:
        if item.kind == AgendaItem.Kind.BREAK:
            continue
        room = item.room.strip() or main
        end = start + timedelta(minutes=item.duration_min) if start else None
        rooms.setdefault(room, Sign(room, [])).items.append((item, start, end))
    return list(rooms.values())


def door_signs(meeting: Meeting, agenda: Sequence[Timed], programme: ProgrammeSettings | None) -> bytes:
    """A landscape page a room: room, title and day of the meeting, what happens there and when."""
    size = pdf_fit.size(meeting.title, width_mm=245, height_mm=26, sizes=TITLE_SIZES, font=pdf_fit.SEMIBOLD)
    context = {"signs": signs(meeting, agenda), "title_size": size}
    return _render("pdf/door_signs.html", f"Türschilder: {meeting.title}", meeting, programme, context)


def agenda_sheet(meeting: Meeting, agenda: Sequence[Timed], programme: ProgrammeSettings | None) -> bytes:
    """The public programme with times, for the tables."""
    ends = [start + timedelta(minutes=item.duration_min) for item, start in agenda if start]
    end = max(ends, default=None)  # of points at the same time, the longest decides
    return _render(
        "pdf/agenda.html", f"Tagesordnung: {meeting.title}", meeting, programme, {"agenda": agenda, "end": end}
    )


def _render(
    template: str, title: str, meeting: Meeting, programme: ProgrammeSettings | None, context: dict[str, Any]
) -> bytes:
    shared = {"meeting": meeting, "programme": programme}
    author = programme.operator if programme else ""
    return pdf.render(template, {**shared, **context}, title=title, author=author)
