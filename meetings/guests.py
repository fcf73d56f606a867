"""Job: invite people who are not in the address book, several at once from a list that was typed or pasted.

One person a line: name; organisation; e-mail address – with semicolons, or with tabs as Excel puts them.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import emails, history, invitations, notices, scheduling
from meetings.models import Invitation, Mailing, Meeting
from meetings.recipients import obstacle
from mobipro import mail
from regions.models import ContactPerson

LONGEST_LIST = 100  # people at once
REASONS = {
    Invitation.Reason.GUEST: "als Gast, eingeladen von der Koordination",
    Invitation.Reason.SPEAKER: "Sie tragen etwas vor",
}
_HEAD = re.compile(r"^\s*(vor- und nach)?name\s*[;\t]", re.IGNORECASE)


class GuestError(invitations.InvitationError):
    """The list cannot be invited; the text says which line, and what to do."""


@dataclass(frozen=True)
class Line:
    """One line of the list: a person, or a `problem` in German. `is_known`: invited already, gets no second mail."""

    number: int
    name: str = ""
    organisation_name: str = ""
    email: str = ""
    problem: str = ""
    is_known: bool = False
    was_withdrawn: bool = False


def read(meeting: Meeting, text: str) -> list[Line]:
    """Every line that is not empty and no heading, in order. Nothing is saved."""
    known = {row.email.lower(): row for row in meeting.invitations.all()}
    lines: list[Line] = []
    seen: set[str] = set()
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip(" ;\t") or (not lines and _HEAD.match(raw) and "@" not in raw):
            continue
        line = _line(number, raw, known)
        if not line.problem and line.email.lower() in seen:
            line = Line(number, problem=f"{line.email} steht zweimal in der Liste. Löschen Sie eine der Zeilen.")
        seen.add(line.email.lower())
        lines.append(line)
    return lines


def _line(number: int, raw: str, known: dict[str, Invitation]) -> Line:
    parts = [part.strip().strip('"').strip() for part in re.split(r"[;\t]", raw)]
    if len(parts) != 3:
        return Line(number, problem="Bitte so: Name; Einrichtung; E-Mail-Adresse, mit Semikolon oder Tab dazwischen.")
    name, organisation, address = mail.header_text(parts[0]), mail.header_text(parts[1]), parts[2]
    if not name:
        return Line(number, problem="Der Name fehlt.")
    if len(name) > 160 or len(organisation) > 200:
        return Line(number, problem="Name oder Einrichtung ist zu lang (höchstens 160 und 200 Zeichen).")
    try:
        email = mail.normalise_address(address)
    except ValueError as error:
        return Line(number, problem=str(error))
    row = known.get(email.lower())
    is_known = row is not None and row.withdrawn_at is None and not row.is_only_noted
    contact = ContactPerson.objects.filter(email__iexact=email).first()
    why_not = obstacle(contact) if contact and not is_known else ""
    if why_not:
        return Line(number, problem=f"{email} steht im Adressbuch, aber: {why_not}.")
    was_withdrawn = row is not None and row.withdrawn_at is not None
    return Line(number, name, organisation, email, is_known=is_known, was_withdrawn=was_withdrawn)


def problems_of(lines: list[Line]) -> list[str]:
    """What has to be mended before anybody is invited; empty when all is well."""
    if len(lines) > LONGEST_LIST:
        return [f"Höchstens {LONGEST_LIST} Personen auf einmal; es sind {len(lines)}."]
    problems = [f"Zeile {line.number}: {line.problem}" for line in lines if line.problem]
    if not problems and not any(not line.is_known for line in lines):
        problems = ["Alle in der Liste sind schon eingeladen." if lines else "Geben Sie mindestens eine Person ein."]
    return problems


@transaction.atomic
def invite(
    *, meeting: Meeting, text: str, reason: str, by: Any, note: str = "", form_id: "uuid.UUID | str | None" = None
) -> Mailing:
    """Invite everybody of the list who is not invited yet: one Mailing, one mail each. Raises GuestError."""
    locked = scheduling.lock(meeting, form_id, by, "invite_guests")
    invitations.check_invitable(locked)
    if reason not in REASONS:
        raise GuestError("Wählen Sie aus, warum die Personen eingeladen werden.")
    lines = read(locked, text)
    if problems := problems_of(lines):
        raise GuestError(" ".join(problems))
    new = [line for line in lines if not line.is_known]
    known = {row.email.lower(): row for row in locked.invitations.all()}
    rows = [known.get(line.email.lower()) for line in new]
    noted = [row for row in rows if row and row.is_only_noted and row.withdrawn_at is None]
    invitations.open_meeting(locked, by, noted=noted)
    mailing = notices.next_mailing(locked, Mailing.Kind.INVITATION, by)
    mailing.recipient_count = len(new)
    mailing.save()
    shared = emails.meeting_context(locked)
    for line, row in zip(new, rows, strict=True):
        guest = _filled(invitations.fresh_row(locked, row), line, reason)
        guest.invited_at = timezone.now()
        history.save(guest, by=by, reason=f"Eingeladen: {guest.get_reason_display()}")
        emails.invitation(guest, mailing=mailing, shared=shared, note=note.strip())
    return mailing


def preview(meeting: Meeting, line: Line, reason: str, note: str = "") -> invitations.Preview:
    """The mail to this person as it would go out now; nothing is saved."""
    return invitations.preview_of(meeting, _filled(Invitation(meeting=meeting), line, reason), note.strip())


def _filled(row: Invitation, line: Line, reason: str) -> Invitation:
    row.contact = ContactPerson.objects.filter(email__iexact=line.email).first()
    row.project = None
    row.name, row.first_name, row.greeting = line.name, _first_name(line.name), f"Guten Tag {line.name}"
    row.organisation_name, row.email = line.organisation_name, line.email
    row.reason, row.reason_text = reason, REASONS[Invitation.Reason(reason)]
    return row


def _first_name(name: str) -> str:
    """How the personal page greets; empty where the first word is a title."""
    first = name.split()[0]
    return "" if first.endswith(".") or first in ("Frau", "Herr") else first[:80]
