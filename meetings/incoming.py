"""Job: take in one received mail – an answer of a calendar program, a delivery report, anything else.

Answers go the same way as those of the page (`registrations.record_answer`). What cannot be assigned safely – an
alias, somebody who answers for another, an unknown person, a proposal of another time – waits for the coordinator.
"""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from meetings import emails, ical_replies, registrations, scheduling
from meetings.ical_replies import Reply, UnreadableReply
from meetings.models import Answer, IncomingMail, Invitation, Meeting
from meetings.models.invitation import PartStat
from mobipro import inbox, mail
from mobipro.inbox import Received
from mobipro.outbox import bounces
from mobipro.outbox.models import Bounce
from regions import reachability

Kind, State = IncomingMail.Kind, IncomingMail.State
PARTSTATS: Final = {
    "ACCEPTED": PartStat.ACCEPTED,
    "TENTATIVE": PartStat.TENTATIVE,
    "DECLINED": PartStat.DECLINED,
    "DELEGATED": PartStat.DELEGATED,
}
_KINDS: Final = {inbox.Kind.TNEF: Kind.TNEF, inbox.Kind.TEXT: Kind.TEXT}


class IncomingError(Exception):
    """The mail cannot be settled like this; the text says why and what to do."""


def receive(raw: bytes, *, now: datetime | None = None) -> IncomingMail:
    """Take in one mail; the same mail a second time changes nothing and gives the first row.

    Never raises for what the mail says; errors of the database do, and then nothing is written.
    """
    received = inbox.read(raw, authserv_id=settings.INBOUND_AUTHSERV_ID)
    known = IncomingMail.objects.filter(digest=received.digest).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _take_in(received, now or timezone.now())
    except IntegrityError:
        # Two readers of one mailbox at once: the other one has it.
        return IncomingMail.objects.get(digest=received.digest)


def _take_in(received: Received, now: datetime) -> IncomingMail:
    row = IncomingMail(
        digest=received.digest, sender=received.sender, subject=received.subject, received_at=now, kind=Kind.TEXT
    )
    if received.kind is inbox.Kind.CALENDAR:
        _take_calendar(row, received, now)
    elif received.kind is inbox.Kind.BOUNCE:
        _take_report(row, received, now)
    elif received.kind is inbox.Kind.AUTOMATIC:
        row.kind, row.state = Kind.AUTOMATIC, State.IGNORED
        row.reason = "Automatische Antwort, zum Beispiel eine Abwesenheitsnotiz."
    else:
        row.kind = _KINDS[received.kind]
        row.invitation = emails.invitation_of(bounces.find_by_message_id(received.about))
        _wait(row, received, _WHY_READ[row.kind])
    row.meeting = row.meeting or (row.invitation.meeting if row.invitation else None)
    row.save(force_insert=True)
    return row


_WHY_READ: Final = {
    Kind.TNEF: "Nur Outlook kann diese Mail lesen (winmail.dat). Fragen Sie bei der Person nach.",
    Kind.TEXT: "Jemand hat auf eine Einladung geschrieben. Lesen Sie die Nachricht.",
    Kind.BOUNCE: "Eine Mail kam zurück, aber es ist nicht zu erkennen, welche.",
}


def _wait(row: IncomingMail, received: Received, reason: str) -> None:
    row.state, row.reason, row.text = State.WAITING, reason[:300], received.text


# --- answers -------------------------------------------------------------------------------------
def _take_calendar(row: IncomingMail, received: Received, now: datetime) -> None:
    row.kind = Kind.REPLY
    about = emails.invitation_of(bounces.find_by_message_id(received.about))
    try:
        reply = ical_replies.read(received.calendar)
    except UnreadableReply as error:
        row.invitation = about
        _wait(row, received, f"{error} Fragen Sie bei der Person nach.")
        return
    row.attendee, row.sequence = reply.attendee, reply.sequence
    row.stamped_at = min(reply.stamped_at or received.sent_at or now, now)  # a clock that runs ahead wins nothing
    row.partstat = str(PARTSTATS.get(reply.partstat, ""))
    row.proposed_start, row.proposed_end = reply.proposed_start, reply.proposed_end
    row.meeting = Meeting.objects.filter(ics_uid=reply.uid).first()
    if row.meeting is None:
        _wait(row, received, "Die Antwort gehört zu keinem Treffen des Portals.")
        return
    row.invitation = row.meeting.invitations.filter(email__iexact=reply.attendee).first()
    doubt = _doubt(row, reply, received, about)
    if doubt:
        row.invitation = row.invitation or (about if about and about.meeting_id == row.meeting.pk else None)
        row.kind = Kind.COUNTER if reply.method == "COUNTER" else Kind.REPLY
        _wait(row, received, doubt)
        row.text = reply.comment or row.text
        return
    _answer(row, reply, received)


def _doubt(row: IncomingMail, reply: Reply, received: Received, about: Invitation | None) -> str:
    """Why a person must look at this answer; empty when it can count (RFC 6047 §2.2.1)."""
    if row.invitation is None:
        return f"Die Adresse {reply.attendee} ist zu diesem Treffen nicht eingeladen."
    if received.sender.lower() != reply.attendee:
        return f"Die Antwort für {reply.attendee} kam von {received.sender or 'einem unbekannten Absender'}."
    if reply.sent_by or reply.is_delegated:
        return f"Jemand anderes hat für {reply.attendee} geantwortet oder soll stattdessen kommen."
    if received.is_authentic is False:
        return "Der Mailserver hält den Absender für gefälscht."
    if settings.INBOUND_AUTHSERV_ID and received.is_authentic is None and (about is None or about != row.invitation):
        return "Der Mailserver konnte den Absender nicht bestätigen."
    if reply.method == "COUNTER":
        return "Die Person schlägt einen anderen Termin vor."
    if reply.partstat not in PARTSTATS or reply.partstat == "DELEGATED":
        return "Die Antwort ist weder Zusage noch Absage noch „vielleicht“."
    return ""


def _answer(row: IncomingMail, reply: Reply, received: Received) -> None:
    invitation, meeting = row.invitation, row.meeting
    if invitation is None or meeting is None:
        raise ValueError("An answer without invitation waits for a person.")
    scheduling.lock(meeting)  # what is newer is decided under the lock that every answer takes
    stale = _stale(invitation, reply.sequence, row.stamped_at)
    if stale:
        row.state, row.reason = State.IGNORED, stale
        return
    try:
        with transaction.atomic():
            _record(invitation, row, by=None, comment=reply.comment)
    except registrations.RegistrationError as error:
        _wait(row, received, str(error))
        return
    row.state = State.DONE


def _stale(invitation: Invitation, sequence: int, stamped_at: datetime | None) -> str:
    """Why a newer answer or a moved date makes this one worthless (RFC 5546 §2.1.5); empty when it counts."""
    if invitation.meeting.changes.filter(answers_reset=True, sequence__gt=sequence).exists():
        return "Die Antwort galt dem alten Termin."
    if sequence < invitation.asked_from_sequence:
        return "Die Antwort galt dem Save the Date; die Einladung fragt neu."
    calendar = invitation.answers.filter(via=Answer.Via.CALENDAR)
    if calendar.filter(sequence__gt=sequence).exists():
        return "Eine Antwort auf eine neuere Einladung liegt schon vor."
    if calendar.filter(sequence=sequence, stamped_at__gte=stamped_at).exists():
        return "Eine neuere Antwort aus dem Kalender liegt schon vor."
    if invitation.answers.exclude(via=Answer.Via.CALENDAR).filter(received_at__gt=stamped_at).exists():
        return "Die Person hat danach schon anders geantwortet."
    return ""


def _record(invitation: Invitation, row: IncomingMail, *, by: Any, comment: str = "") -> None:
    registrations.record_answer(
        invitation=invitation,
        partstat=row.partstat,
        via=Answer.Via.CALENDAR,
        by=by,
        comment=comment,
        stamp=registrations.CalendarStamp(row.sequence or 0, row.stamped_at or row.received_at),
    )


# --- mails that came back ------------------------------------------------------------------------
def _take_report(row: IncomingMail, received: Received, now: datetime) -> None:
    row.kind = Kind.BOUNCE
    message = bounces.find(received.recipients, received.about)
    failed = [one for one in received.deliveries if one.is_failed or one.action == "delayed"]
    if not failed:
        row.state, row.reason = State.IGNORED, "Der Mailserver bestätigt, dass eine Mail ankam."
        return
    if message is None:
        _wait(row, received, _WHY_READ[Kind.BOUNCE])
        return
    row.invitation = emails.invitation_of(message)
    report = next((one for one in failed if one.is_permanent), failed[0])
    bounce = Bounce.HARD if report.is_permanent else Bounce.SOFT if report.is_failed else Bounce.DELAYED
    words = " ".join(part for part in (report.status, report.words) if part)
    bounces.record(message=message, bounce=bounce, words=words, now=now)
    row.state, row.reason = State.DONE, f"{Bounce(bounce).label}: {words}"[:300]
    if bounces.is_unreachable(message.recipient, now):
        reachability.mark_undeliverable(email=message.recipient, now=now)
        bounces.tell_unreachable(message.recipient)


# --- what the coordinator does -------------------------------------------------------------------
@transaction.atomic
def assign(*, incoming: IncomingMail, invitation: Invitation, partstat: str, by: Any) -> IncomingMail:
    """The coordinator says whose answer it is and what it says. Raises IncomingError or RegistrationError."""
    row = waiting(incoming)
    if partstat not in registrations.ANSWERS:
        raise IncomingError("Wählen Sie aus, was die Person geantwortet hat.")
    row.invitation, row.meeting, row.partstat = invitation, invitation.meeting, partstat
    _record(invitation, row, by=by)
    return settle(row, by, f"Zugeordnet: {invitation.name}, {invitation.get_partstat_display()}")


@transaction.atomic
def dismiss(*, incoming: IncomingMail, by: Any, note: str = "") -> IncomingMail:
    """Read and done: nothing is recorded, the text is deleted."""
    return settle(waiting(incoming), by, mail.header_text(note) or "Zur Kenntnis genommen")


def waiting(incoming: IncomingMail) -> IncomingMail:
    """The row, locked until the end of the transaction. Raises IncomingError when it is settled already."""
    row = IncomingMail.objects.select_for_update().get(pk=incoming.pk)
    if row.state != State.WAITING:
        raise IncomingError("Diese Mail ist schon erledigt.")
    return row


def settle(row: IncomingMail, by: Any, note: str) -> IncomingMail:
    """Done, by whom and how; for jobs that hold the row's lock. Its text is deleted."""
    row.state, row.text, row.note = State.SETTLED, "", note[:300]
    row.settled_at, row.settled_by = timezone.now(), by if getattr(by, "pk", None) else None
    row.save()
    return row
