"""Job: record an answer, whatever its way; deputies, colleagues, needs. Locks the Meeting row first.

A personal link is the authorisation; these functions decide what is still possible and say it in German.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import completing, emails, history, invitations, minutes, scheduling, seats, workshops
from meetings.models import Answer, Invitation, Meeting, Registration, SupportNeed
from meetings.models.invitation import PartStat
from mobipro import mail
from regions.models import ContactPerson, FormReceipt
from regions.visibility import Visibility

NEEDS_DAYS = 30  # after the meeting, what may hint at health is deleted (domain.md 2.1)
SIGN_LANGUAGE_WEEKS = 4
INTERPRETER_TASK = "Gebärdensprach- oder Schriftdolmetschung organisieren"
_INTERPRETERS = re.compile(r"gebärden|gebaerden|dolmetsch|\bDGS\b", re.IGNORECASE)
ANSWERS = (PartStat.ACCEPTED, PartStat.TENTATIVE, PartStat.DECLINED)
MStatus = Meeting.Status


class RegistrationError(Exception):
    """The answer cannot be taken; `field` names the form's field where there is one."""

    def __init__(self, text: str, field: str = ""):
        super().__init__(text)
        self.field = field


class DeadlinePassed(RegistrationError):
    """Declining is possible still, accepting only by asking."""


@dataclass(frozen=True)
class CalendarStamp:
    """When and on which version of the invitation a calendar program answered (RFC 5545 SEQUENCE, DTSTAMP)."""

    sequence: int
    stamped_at: datetime


@dataclass(frozen=True)
class Result:
    """What became of an answer; `place_in_line` is 0 without waiting list."""

    invitation: Invitation
    registration: Registration | None
    place_in_line: int = 0


# --- the answer ----------------------------------------------------------------------------------
@transaction.atomic
def record_answer(
    *,
    invitation: Invitation,
    partstat: str,
    via: str = Answer.Via.LINK,
    by: Any = None,
    mode: str = "",
    comment: str = "",
    diet: str = "",
    assistance: str = "",
    workshop_items: Iterable[int] = (),
    stamp: CalendarStamp | None = None,
    form_id: "uuid.UUID | str | None" = None,
) -> Result:
    """Yes, no or perhaps. A free or offered seat is confirmed at once; else the waiting list. Sends the confirmation.

    Raises RegistrationError (DeadlinePassed) or WorkshopError with the text for the page, AlreadyReceived for a form
    sent twice.
    """
    row = _locked(invitation, form_id, by)
    if partstat not in ANSWERS:
        raise RegistrationError(
            "Wählen Sie eine Antwort aus: Ich nehme teil, vielleicht oder Ich kann nicht.", "antwort"
        )
    _check_possible(row, partstat, via)
    before = _standing(row)
    was_delegated = row.partstat == PartStat.DELEGATED
    words = scheduling.one_line(comment, 500)
    if row.is_only_noted:
        return _take_early(row, partstat, via, by, words, stamp, is_new=before != (partstat, "", False))
    answer = _write_answer(row, partstat, via, by, detail=words, stamp=stamp)
    if was_delegated:
        _end_delegation(row, by)
    registration = _settle_seat(row, partstat, via, mode, words, by)
    if registration is not None:
        workshops.settle(registration, workshop_items)
    if registration is not None and (diet or assistance):
        _store_needs(registration, diet, assistance)
        _ask_for_interpreters(row.meeting, assistance, by)
    line = seats.place_in_line(registration) if registration else 0
    if before != _standing(row) or was_delegated:
        missing = completing.missing(row, answer, registration)
        emails.confirmation(row, answer, registration, place_in_line=line, missing=missing)
    return Result(row, registration, line)


def _take_early(
    row: Invitation, partstat: str, via: str, by: Any, words: str, stamp: CalendarStamp | None, *, is_new: bool
) -> Result:
    """An answer to the Save the Date is provisional: kept and shown, without a seat; the invitation asks again."""
    answer = _write_answer(row, partstat, via, by, detail=words, stamp=stamp)
    if is_new:
        emails.confirmation(row, answer, None)
    return Result(row, None)


def _check_invited(row: Invitation) -> None:
    if row.is_only_noted:
        raise RegistrationError(
            "Die Einladung zu diesem Treffen folgt noch. Andere Personen können Sie danach benennen.", "antwort"
        )


def _locked(invitation: Invitation, form_id: "uuid.UUID | str | None", by: Any) -> Invitation:
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.answer:{invitation.pk}", user=by)
    row = Invitation.objects.select_related("project", "named_by").get(pk=invitation.pk)
    row.meeting = meeting
    return row


def _check_possible(row: Invitation, partstat: str, via: str) -> None:
    meeting = row.meeting
    if row.withdrawn_at is not None:
        raise RegistrationError("Diese Einladung gilt nicht mehr. Fragen Sie bitte die Koordination.")
    if meeting.status == MStatus.CANCELLED:
        raise RegistrationError("Dieses Treffen ist abgesagt. Eine Antwort ist nicht mehr nötig.")
    if meeting.status == MStatus.POSTPONED:
        raise RegistrationError("Dieses Treffen ist verschoben. Neuer Termin folgt; wir fragen Sie dann erneut.")
    if meeting.status in Meeting.HELD_STATUSES or (meeting.has_started and via != Answer.Via.OFFICE):
        raise RegistrationError("Das Treffen hat schon begonnen. Antworten sind nicht mehr möglich.")
    # A deputy answers for the seat of whoever named her.
    seated = Registration.objects.filter(invitation__in=[row.pk, *([row.named_by_id] if row.named_by_id else [])])
    holds = seated.exclude(status=Registration.Status.CANCELLED).exists()
    if meeting.is_deadline_passed and partstat != PartStat.DECLINED and not holds and via != Answer.Via.OFFICE:
        raise DeadlinePassed(
            f"Die Anmeldefrist endete am {timezone.localtime(meeting.registration_deadline):%d.%m.%Y}. Absagen können "
            "Sie weiterhin; für eine späte Zusage fragen Sie bitte die Koordination.",
            "antwort",
        )


def _standing(row: Invitation) -> tuple[str, str, bool]:
    registration = Registration.objects.filter(invitation=row).first()
    return str(row.partstat), registration.status if registration else "", row.needs_reconfirmation


def _write_answer(
    row: Invitation, partstat: str, via: str, by: Any, detail: str = "", stamp: CalendarStamp | None = None
) -> Answer:
    row.partstat, row.answered_at, row.needs_reconfirmation = partstat, timezone.now(), False
    history.save(row, by=by, reason=f"Antwort: {row.get_partstat_display()}")
    answer = Answer(
        invitation=row,
        partstat=partstat,
        via=via,
        sequence=stamp.sequence if stamp else row.meeting.ics_sequence,
        stamped_at=stamp.stamped_at if stamp else None,
        detail=detail[:300],
        recorded_by=by if getattr(by, "pk", None) else None,
        received_at=row.answered_at,
    )
    answer.save()
    return answer


def _settle_seat(row: Invitation, partstat: str, via: str, mode: str, comment: str, by: Any) -> Registration | None:
    if partstat == PartStat.ACCEPTED:
        first = row.named_by if row.reason == Invitation.Reason.DEPUTY else None
        # After the deputy's no the seat was promised to the first person again: a late yes does not take it from her.
        if first is not None and first.partstat == PartStat.DELEGATED:
            first.meeting = row.meeting
            seats.hand_over(first, row, by=by)
        return seats.take(row, mode=mode, comment=comment, by=by, may_skip_confirmation=via == Answer.Via.OFFICE)
    seats.give_back(row, by=by)
    if partstat == PartStat.DECLINED and row.reason == Invitation.Reason.DEPUTY and row.named_by is not None:
        _return_seat(row, by)
    return None


def _return_seat(deputy: Invitation, by: Any) -> None:
    """The deputy cannot come: the first person is asked again, her seat waits two days."""
    first = deputy.named_by
    if first is None or first.withdrawn_at is not None or first.partstat != PartStat.DELEGATED:
        return
    first.meeting = deputy.meeting
    registration = seats.hold_for(first, by=by)
    if registration is None and not deputy.meeting.is_deadline_passed:
        # She had handed her seat over already and the deputy declined later: the seat comes back if one is free.
        registration = seats.take(first, by=by)
        registration.held_until = timezone.now() + timedelta(hours=seats.RETURN_HOURS)
        history.save(registration, by=by, reason="Platz zurück von der Vertretung")
    first.partstat, first.needs_reconfirmation = PartStat.NEEDS_ACTION, True
    history.save(first, by=by, reason="Vertretung kann nicht")
    if registration is not None:
        emails.seat_news(first, registration, news="returned", cause=str(registration.history.count()))


def _end_delegation(row: Invitation, by: Any) -> None:
    """The first person answers for herself: her deputies' invitations end."""
    for deputy in row.named.active().filter(reason=Invitation.Reason.DEPUTY).select_related("message"):
        deputy.meeting = row.meeting
        seats.hand_over(deputy, row, by=by)
        invitations.uninvite(deputy, by=by, reason=f"{row.name} nimmt selbst teil oder hat abgesagt.")


# --- needs: Art. 9 GDPR, a record of their own ---------------------------------------------------
def _store_needs(registration: Registration, diet: str, assistance: str) -> None:
    ends_at = registration.meeting.ends_at or timezone.now()
    SupportNeed.objects.update_or_create(
        registration=registration,
        defaults={
            "diet": scheduling.one_line(diet, 300),
            "assistance": scheduling.one_line(assistance, 500),
            "delete_on": timezone.localtime(ends_at).date() + timedelta(days=NEEDS_DAYS),
        },
    )


def _ask_for_interpreters(meeting: Meeting, assistance: str, by: Any) -> None:
    """Sign language or Schriftdolmetschung needs weeks: one task a meeting, without a name (walks.md)."""
    if not _INTERPRETERS.search(assistance) or meeting.starts_at is None:
        return
    if meeting.action_items.filter(title=INTERPRETER_TASK).exists():
        return
    latest = timezone.localtime(meeting.starts_at).date() - timedelta(weeks=SIGN_LANGUAGE_WEEKS)
    minutes.add_action(
        meeting=meeting,
        title=INTERPRETER_TASK,
        owner_name="Koordination",
        due_on=max(latest, timezone.localdate()),
        visibility=Visibility.COORDINATION,
        by=by,
    )


@transaction.atomic
def delete_needs(*, invitation: Invitation, form_id: "uuid.UUID | str | None" = None) -> int:
    """What the person said about diet and assistance is gone; gives how many records that were."""
    row = _locked(invitation, form_id, None)
    return SupportNeed.objects.filter(registration__invitation=row).delete()[0]


# --- others on the way ---------------------------------------------------------------------------
@transaction.atomic
def name_deputy(
    *,
    invitation: Invitation,
    name: str,
    email: str,
    via: str = Answer.Via.LINK,
    by: Any = None,
    form_id: "uuid.UUID | str | None" = None,
) -> Invitation:
    """Somebody comes instead. She gets her own invitation saying who named her; the seat waits for her answer."""
    row = _locked(invitation, form_id, by)
    _check_possible(row, PartStat.ACCEPTED, via)
    _check_invited(row)
    if row.reason == Invitation.Reason.DEPUTY:
        raise RegistrationError(
            "Als Vertretung können Sie keine weitere Vertretung benennen. Sagen Sie bitte ab.", "antwort"
        )
    deputy = _new_person(row, name, email, Invitation.Reason.DEPUTY, f"Vertretung, benannt von {row.name}")
    previous = row.named.active().filter(reason=Invitation.Reason.DEPUTY).exclude(pk=deputy.pk)
    for old in previous.select_related("message"):
        old.meeting = row.meeting
        seats.hand_over(old, row, by=by)
        invitations.uninvite(old, by=by, reason=f"{row.name} schickt eine andere Person.")
    registration = seats.take(row, by=by, keeps_offer=True)
    answer = _write_answer(row, PartStat.DELEGATED, via, by, detail=f"an {deputy.name}")
    emails.invitation(deputy, mailing=None, registration=registration)
    emails.confirmation(row, answer, registration, place_in_line=seats.place_in_line(registration))
    return deputy


@transaction.atomic
def register_colleague(
    *, invitation: Invitation, name: str, email: str, by: Any = None, form_id: "uuid.UUID | str | None" = None
) -> Result:
    """A further person of the same house, up to the limit of the project; she gets her own page and can decline."""
    row = _locked(invitation, form_id, by)
    _check_possible(row, PartStat.ACCEPTED, Answer.Via.LINK)
    _check_invited(row)
    if row.meeting.is_deadline_passed:
        raise RegistrationError("Die Anmeldefrist ist vorbei. Fragen Sie bitte die Koordination.", "name")
    if _people_of_house(row) >= row.meeting.max_per_project:
        raise RegistrationError(
            f"Für Ihr Haus sind schon {row.meeting.max_per_project} Personen angemeldet; mehr sind nicht möglich.",
            "name",
        )
    new = _new_person(row, name, email, Invitation.Reason.COLLEAGUE, f"weitere Person, angemeldet von {row.name}")
    _write_answer(new, PartStat.ACCEPTED, Answer.Via.LINK, by, detail=f"angemeldet von {row.name}")
    registration = seats.take(new, by=by)
    line = seats.place_in_line(registration)
    emails.invitation(new, mailing=None, registration=registration, place_in_line=line)
    return Result(new, registration, line)


def _people_of_house(row: Invitation) -> int:
    rows = row.meeting.registrations.exclude(status=Registration.Status.CANCELLED)
    if row.project_id is not None:
        return rows.filter(invitation__project=row.project_id).count()
    return rows.filter(invitation__named_by=row).count() + rows.filter(invitation=row).count()


def _new_person(row: Invitation, name: str, email: str, reason: str, reason_text: str) -> Invitation:
    """The invitation of a typed name and address; raises RegistrationError at the field."""
    person = mail.header_text(name)[:160]
    if not person:
        raise RegistrationError("Geben Sie Vor- und Nachnamen der Person ein.", "name")
    try:
        address = mail.normalise_address(email)
    except ValueError as error:
        raise RegistrationError(str(error), "email") from None
    if address.lower() == row.email.lower():
        raise RegistrationError("Das ist Ihre eigene Adresse. Geben Sie die der anderen Person ein.", "email")
    existing = row.meeting.invitations.filter(email__iexact=address).first()
    if existing is not None and existing.withdrawn_at is None and not existing.is_only_noted:
        raise RegistrationError("Diese Person ist schon eingeladen und kann mit ihrer eigenen Mail antworten.", "email")
    if existing is not None and existing.named_by_id != row.pk:
        raise RegistrationError("Diese Person kann nicht angemeldet werden. Fragen Sie die Koordination.", "email")
    new = existing or Invitation(meeting=row.meeting, email=address)
    if existing is not None:
        new.link_version += 1
        new.withdrawn_at, new.partstat = None, PartStat.NEEDS_ACTION
    new.meeting, new.project, new.named_by = row.meeting, row.project, row
    new.contact = ContactPerson.objects.filter(email__iexact=address).first()
    new.name, new.first_name, new.greeting = person, person.split()[0][:80], f"Guten Tag {person}"
    new.organisation_name, new.reason, new.reason_text = row.organisation_name, reason, reason_text[:300]
    history.save(new, by=None, reason=reason_text)
    return new
