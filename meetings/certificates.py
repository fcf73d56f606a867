"""Teilnahmebestätigung: a page for each person who was there, with a number that anybody can check on the site.

The number is derived from what the certificate says, with LINK_KEY; nothing is stored. A corrected name or a person
marked absent afterwards makes the old number invalid. Checking tells meeting, day and initials, never a name.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from meetings.models import AgendaItem, Attendance, Invitation, Meeting
from mobipro import links, pdf, pdf_fit
from regions.models import ProgrammeSettings

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_MAC_LETTERS: Final = 12  # 60 bits: nobody guesses one
_NUMBER: Final = re.compile(r"([1-9][0-9]{0,17})-([0-9A-Z]{12})", re.ASCII)
NAME_SIZES: Final = (28, 24, 20, 17, 14)


@dataclass(frozen=True)
class Checked:
    """What a genuine number proves."""

    meeting: Meeting
    initials: str
    is_partly: bool


def attendance_of(invitation: Invitation) -> Attendance | None:
    """The row that gives this person a certificate; None before the end, and for whoever was not there."""
    if not invitation.meeting.is_over or not pdf.is_available():
        return None
    return Attendance.objects.present().filter(invitation=invitation).first()


def number(row: Attendance) -> str:
    """ "123-7K3F-9QXM-2ABC": the record and a check over what the certificate says."""
    letters = _letters(row)
    return "-".join([str(row.pk), *(letters[at : at + 4] for at in range(0, _MAC_LETTERS, 4))])


def _letters(row: Attendance) -> str:
    meeting = row.meeting
    day = meeting.starts_on.isoformat() if meeting.starts_on else ""
    said = ("certificate", row.pk, row.state, row.name, row.organisation_name, meeting.code, day)
    value = int.from_bytes(links.mac(*said, length=8), "big")
    return "".join(_LETTERS[value >> (5 * at) & 31] for at in range(_MAC_LETTERS))


def check(text: str) -> Checked | None:
    """What the number says; None for every other one, whatever is wrong with it. Case and blanks do not count."""
    head, _, tail = re.sub(r"\s", "", text[:80]).upper().partition("-")
    found = _NUMBER.fullmatch(f"{head}-{tail.replace('-', '').translate(_MISREAD)}")
    if found is None:
        return None
    row = Attendance.objects.present().select_related("meeting__venue").filter(pk=int(found[1])).first()
    if row is None or not hmac.compare_digest(_letters(row), found[2]):
        return None
    return Checked(row.meeting, _initials(row.name), row.state == Attendance.State.LEFT_EARLY)


def _initials(name: str) -> str:
    """ "Dr. Ana Arndt" → "A. A."."""
    return " ".join(f"{word[0]}." for word in name.split() if not word.endswith("."))


def build(meeting: Meeting, rows: Sequence[Attendance], programme: ProgrammeSettings | None) -> bytes:
    """A page for each of these rows, all of this meeting and all present. Raises ValueError for anybody else."""
    if any(row.state not in Attendance.PRESENT_STATES or row.meeting_id != meeting.pk for row in rows):
        raise ValueError("A certificate is only for people who were there.")
    points = [row.title for row in meeting.agenda.all() if row.is_public and row.kind != AgendaItem.Kind.BREAK]
    context = {
        "meeting": meeting,
        "programme": programme,
        "points": points[:12],
        "pages": [_page(meeting, row) for row in rows],
        "check_address": links.absolute(reverse("check_certificate")),
    }
    title = f"Teilnahmebestätigung: {meeting.title}"
    return pdf.render("pdf/certificate.html", context, title=title, author=programme.operator if programme else "")


def _page(meeting: Meeting, row: Attendance) -> dict[str, Any]:
    row.meeting = meeting
    name = pdf.printable(row.name)
    return {
        "name": name,
        "name_size": pdf_fit.size(name, width_mm=155, height_mm=26, sizes=NAME_SIZES, font=pdf_fit.SEMIBOLD),
        "house": row.organisation_name,
        "is_partly": row.state == Attendance.State.LEFT_EARLY,
        "number": number(row),
    }
