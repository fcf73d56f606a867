"""Job: send the Save the Date – a day to note, before there is an invitation with an agenda.

The entry is tentative and asks nothing. What somebody answers to it is provisional (meetings.registrations), and the
invitation with the same UID asks everybody again (meetings.invitations).
"""

import uuid
from collections.abc import Iterable
from copy import copy
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import emails, history, ical, invitations, notices, recipients, scheduling
from meetings.invitations import InvitationError, Preview
from meetings.models import Mailing, Meeting
from meetings.models.invitation import PartStat
from meetings.recipients import Candidate
from mobipro import links
from regions.models import ContactPerson

Status = Meeting.Status
BEFORE_INVITATION = (Status.IDEA, Status.SAVE_THE_DATE)


@transaction.atomic
def send(
    *, meeting: Meeting, contacts: Iterable[ContactPerson], by: Any, form_id: "uuid.UUID | str | None" = None
) -> Mailing:
    """Announce the meeting and send these people its date: one Mailing, one row and one mail each, in one commit.

    Raises InvitationError when the invitation runs already or a chosen person cannot get it.
    """
    locked = scheduling.lock(meeting, form_id, by, "save_the_date")
    _check(locked)
    wanted = {contact.pk for contact in contacts}
    found = recipients.candidates(locked, by, for_save_the_date=True)
    chosen = [row for row in found if row.contact.pk in wanted and not row.excluded_reason]
    if not chosen:
        raise InvitationError("Wählen Sie mindestens eine Person aus, die das Save the Date noch nicht hat.")
    if len(chosen) < len(wanted):
        raise InvitationError(
            "Eine der gewählten Personen hat das Save the Date inzwischen, ist nicht erreichbar oder gehört nicht zu "
            "diesem Treffen. Prüfen Sie die Auswahl."
        )
    _announce(locked, by)
    mailing = notices.next_mailing(locked, Mailing.Kind.SAVE_THE_DATE, by)
    mailing.recipient_count = len(chosen)
    mailing.save()
    shared = emails.meeting_context(locked)
    known = {row.email.lower(): row for row in locked.invitations.all()}
    for candidate in chosen:
        row = known.get(candidate.contact.email.lower())
        person = invitations.person_row(locked, candidate, row, by, is_invited=False)
        emails.save_the_date(person, mailing=mailing, shared=shared)
    return mailing


def _check(meeting: Meeting) -> None:
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn gibt es nichts vorzumerken.")
    if meeting.status not in BEFORE_INVITATION:
        raise InvitationError(
            f"Stand des Treffens: {meeting.get_status_display()}. Ein Save the Date lässt sich nur vor der Einladung "
            "senden."
        )
    if meeting.has_started:
        raise InvitationError("Dieses Treffen hat schon begonnen; ein Save the Date lässt sich nicht mehr senden.")


def _announce(meeting: Meeting, by: Any) -> None:
    """As with scheduling.announce: whoever was told of the date finds it on the website too."""
    scheduling.set_organizer(meeting)
    meeting.status = Status.SAVE_THE_DATE
    meeting.announced_at = meeting.announced_at or timezone.now()
    history.save(meeting, by=by, reason="Save the Date versandt")


def preview(meeting: Meeting, candidate: Candidate) -> Preview:
    """The mail to this person as it would go out now; nothing is saved."""
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn gibt es keine Vorschau.")
    planned = copy(meeting)
    scheduling.set_organizer(planned)
    planned.status = Status.SAVE_THE_DATE
    draft = invitations.draft_for(planned, candidate)
    draft.invited_at = None
    subject, text, html = emails.render("save_the_date", draft, emails.meeting_context(planned))
    calendar = ical.request(planned, draft, partstat=PartStat.NEEDS_ACTION, rsvp=False)
    return Preview(subject, links.mask(text), links.mask(html), calendar.decode())
