"""Job: choose the recipients with the reason beside each name, invite, remind, hold, release, withdraw."""

import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from meetings import emails, history, ical, notices, scheduling, seats
from meetings.models import Invitation, Mailing, Meeting, MeetingChange
from meetings.models.invitation import PartStat
from mobipro import links
from mobipro.outbox import queue
from regions.models import ContactAssignment, ContactPerson, Organisation, Project
from regions.visibility import access_of

PARTNER_KINDS = (Organisation.Kind.MINISTRY, Organisation.Kind.FEDERAL_AGENCY, Organisation.Kind.EXPERT_BODY)
REMINDER_DAYS = (28, 17)  # before the meeting; only to the silent (walks.md)
REST_DAYS = 3  # nobody is reminded so soon after the invitation
HAVE_MAIL = (_INVITED, _NOTED) = ("schon eingeladen", "hat schon das Save the Date")
Status = Meeting.Status
_INVITABLE = (Status.IDEA, Status.SAVE_THE_DATE, Status.INVITED, Status.REGISTRATION_CLOSED)


class InvitationError(Exception):
    """The step is not possible; the text says why and what to do."""


@dataclass(frozen=True)
class Candidate:
    """A person of the address book with the reason why she is (or is not) proposed. Excluded ones cannot be chosen."""

    contact: ContactPerson
    project: Project | None
    reason: str
    reason_text: str
    preselected: bool = True
    excluded_reason: str = ""


@dataclass(frozen=True)
class Preview:
    """One mail as the recipient would get it; personal links are masked."""

    subject: str
    text: str
    html: str
    ics: str


# --- who -----------------------------------------------------------------------------------------
def candidates(meeting: Meeting, by: Any = None, *, for_save_the_date: bool = False) -> list[Candidate]:
    """The people of the meeting's active projects and the partners, each once, in order of their names.

    A joint meeting: each coordinator gets her own regions' people. Seven queries, whatever the number of people.
    """
    found: dict[int, Candidate] = {}
    for rows in _assignments(meeting, by).values():
        for candidate in _of_project(rows):
            _merge(found, candidate)
    partners = ContactPerson.objects.filter(organisation__kind__in=PARTNER_KINDS, organisation__is_active=True)
    for contact in partners.select_related("organisation", "successor__organisation"):
        partner = contact.organisation.short_name or contact.organisation.name
        for candidate in _reachable(contact, None, Invitation.Reason.PARTNER, f"Partner: {partner}", []):
            _merge(found, candidate)
    _mark_known(meeting, found, for_save_the_date)
    return sorted(found.values(), key=lambda row: (row.contact.sort_key, row.contact.pk))


def unreachable_projects(meeting: Meeting, by: Any = None) -> list[Project]:
    """Active projects of which nobody can be invited; a sign of risk, to be called."""
    projects = list(_projects(meeting, by))
    reached = {
        row.project_id
        for rows in _assignments(meeting, by).values()
        for row in rows
        if any(not candidate.excluded_reason for candidate in _of_project(rows))
    }
    return [project for project in projects if project.pk not in reached]


def _projects(meeting: Meeting, by: Any) -> Any:
    projects = Project.objects.active()
    if meeting.kind == Meeting.Kind.NATIONAL:
        return projects
    region_ids = {region.pk for region in meeting.regions.all()}
    access = access_of(by) if by is not None else None
    if access and not access.coordinates_all:
        region_ids = region_ids & access.coordinated_region_ids or region_ids
    return projects.filter(region__in=region_ids)


def _assignments(meeting: Meeting, by: Any) -> dict[int, list[ContactAssignment]]:
    rows = (
        ContactAssignment.objects.valid()
        .filter(project__in=_projects(meeting, by))
        .select_related("contact__organisation", "contact__successor__organisation", "project")
        .order_by("project__sort_key", "-is_primary", "is_deputy", "pk")
    )
    grouped: dict[int, list[ContactAssignment]] = {}
    for row in rows:
        if row.project_id is not None:
            grouped.setdefault(row.project_id, []).append(row)
    return grouped


def _of_project(rows: list[ContactAssignment]) -> Iterable[Candidate]:
    deputies = [row.contact for row in rows if row.is_deputy]
    for row in rows:
        function = "Hauptkontakt" if row.is_primary else row.get_function_display()
        if row.is_deputy:
            text = f"Vertretung im Projekt „{row.project}“; ist dabei, wenn der Hauptkontakt fehlt"
            for candidate in _reachable(row.contact, row.project, Invitation.Reason.PROJECT, text, []):
                yield replace(candidate, preselected=False)
            continue
        text = f"{function} im Projekt „{row.project}“"
        substitutes = deputies if row.is_primary else []
        yield from _reachable(row.contact, row.project, Invitation.Reason.PROJECT, text, substitutes)


def _reachable(
    contact: ContactPerson, project: Project | None, reason: str, text: str, deputies: list[ContactPerson]
) -> Iterable[Candidate]:
    """The person, or why not – and then who comes instead."""
    obstacle = _obstacle(contact)
    if not obstacle:
        yield Candidate(contact, project, reason, text)
        return
    yield Candidate(contact, project, reason, text, preselected=False, excluded_reason=obstacle)
    if contact.status == ContactPerson.Status.LEFT:
        if contact.successor is not None and not _obstacle(contact.successor):
            yield Candidate(contact.successor, project, reason, f"Nachfolge von {contact.full_name}: {text}")
        return
    for deputy in deputies:
        if not _obstacle(deputy):
            yield Candidate(deputy, project, reason, f"in Vertretung von {contact.full_name} ({obstacle}): {text}")


def _obstacle(contact: ContactPerson) -> str:
    if contact.status == ContactPerson.Status.LEFT:
        return "ausgeschieden" if contact.successor_id else "ausgeschieden, keine Nachfolge eingetragen"
    if contact.bounced_at is not None:
        return f"Mail unzustellbar seit {timezone.localtime(contact.bounced_at):%d.%m.%Y}"
    if contact.status == ContactPerson.Status.ON_LEAVE:
        return f"abwesend bis {contact.on_leave_until:%d.%m.%Y}" if contact.on_leave_until else "abwesend"
    return ""


def _merge(found: dict[int, Candidate], new: Candidate) -> None:
    """One row a person: a chosen one wins over a proposed one, reasons are joined."""
    old = found.get(new.contact.pk)
    if old is None:
        found[new.contact.pk] = new
        return
    if old.reason_text == new.reason_text:
        return
    first, second = (old, new) if old.preselected or not new.preselected else (new, old)
    joined = f"{first.reason_text}; {second.reason_text}"
    found[new.contact.pk] = replace(first, reason_text=joined[:300])


def _mark_known(meeting: Meeting, found: dict[int, Candidate], for_save_the_date: bool) -> None:
    """Nobody gets the same mail twice; who has the Save the Date is chosen for the invitation."""
    known = {row.email.lower(): row for row in meeting.invitations.all()}
    for pk, candidate in found.items():
        row = known.get(candidate.contact.email.lower())
        if row is None or candidate.excluded_reason:
            continue
        if row.withdrawn_at is None and row.is_only_noted and not for_save_the_date:
            found[pk] = replace(candidate, preselected=True)
        elif row.withdrawn_at is None:
            reason = _NOTED if row.is_only_noted else _INVITED
            found[pk] = replace(candidate, preselected=False, excluded_reason=reason)
        else:
            found[pk] = replace(candidate, preselected=False, reason_text=f"{candidate.reason_text} (war ausgeladen)")


# --- invite --------------------------------------------------------------------------------------
@transaction.atomic
def invite(
    *,
    meeting: Meeting,
    contacts: Iterable[ContactPerson],
    by: Any,
    form_id: "uuid.UUID | str | None" = None,
    not_before: datetime | None = None,
) -> Mailing:
    """Invite these people: one Mailing, one Invitation and one mail each, in one commit. Raises InvitationError."""
    locked = scheduling.lock(meeting, form_id, by, "invite")
    _check_invitable(locked)
    wanted = {contact.pk for contact in contacts}
    chosen = [row for row in candidates(locked, by) if row.contact.pk in wanted and not row.excluded_reason]
    if not chosen:
        raise InvitationError("Wählen Sie mindestens eine Person aus, die noch nicht eingeladen ist.")
    if len(chosen) < len(wanted):
        raise InvitationError(
            "Eine der gewählten Personen ist inzwischen eingeladen, nicht erreichbar oder gehört nicht zu diesem "
            "Treffen. Prüfen Sie die Auswahl."
        )
    known = {row.email.lower(): row for row in locked.invitations.all()}
    rows = [known.get(row.contact.email.lower()) for row in chosen]
    _open(locked, by, noted=[row for row in rows if row and row.is_only_noted and row.withdrawn_at is None])
    mailing = notices.next_mailing(locked, Mailing.Kind.INVITATION, by)
    mailing.not_before = not_before or mailing.not_before
    mailing.recipient_count = len(chosen)
    mailing.save()
    shared = emails.meeting_context(locked)
    for candidate, row in zip(chosen, rows, strict=True):
        emails.invitation(person_row(locked, candidate, row, by), mailing=mailing, shared=shared)
    return mailing


def _check_invitable(meeting: Meeting) -> None:
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn lässt sich nicht einladen.")
    if meeting.status not in _INVITABLE:
        raise InvitationError(
            f"Dieses Treffen ist {meeting.get_status_display()}; einladen lässt sich dazu nicht mehr."
        )
    if meeting.has_started:
        raise InvitationError("Dieses Treffen hat schon begonnen; einladen lässt sich dazu nicht mehr.")


def _open(meeting: Meeting, by: Any, noted: list[Invitation]) -> None:
    """The first invitation opens the meeting: CONFIRMED, so SEQUENCE rises if it was public; `noted` follow later."""
    if noted:
        notices.take_back(noted, by)
    if meeting.registration_deadline is None and meeting.starts_at is not None:
        meeting.registration_deadline = scheduling.default_deadline(meeting.starts_at)
    if meeting.status not in (Status.INVITED, Status.REGISTRATION_CLOSED):
        scheduling.set_organizer(meeting)
        meeting.ics_sequence += 1 if meeting.announced_at else 0
        meeting.status = Status.INVITED
        meeting.invited_at = meeting.invited_at or timezone.now()
        meeting.announced_at = meeting.announced_at or timezone.now()
    elif noted:
        meeting.ics_sequence += 1
    history.save(meeting, by=by, reason="Einladung versandt")


def person_row(
    meeting: Meeting, candidate: Candidate, known: Invitation | None, by: Any, *, is_invited: bool = True
) -> Invitation:
    """Her row; un-invited before: the old one with a new link. The Save the Date's answer does not count."""
    contact = candidate.contact
    row = known or Invitation(meeting=meeting)
    if row.pk:
        row.link_version += 1 if row.withdrawn_at else 0
        row.withdrawn_at, row.partstat, row.reminder_count = None, PartStat.NEEDS_ACTION, 0
        row.needs_reconfirmation, row.answered_at = False, None
        row.asked_from_sequence = meeting.ics_sequence
    row.invited_at = timezone.now() if is_invited else None
    row.meeting, row.contact, row.project = meeting, contact, candidate.project
    row.name, row.first_name, row.greeting = contact.full_name, contact.first_name, contact.greeting
    row.organisation_name, row.email = contact.organisation.name, contact.email
    row.reason, row.reason_text = candidate.reason, candidate.reason_text
    history.save(row, by=by, reason="Eingeladen" if is_invited else "Save the Date")
    return row


def preview_mail(meeting: Meeting, candidate: Candidate) -> Preview:
    """The mail to this person as it would go out now; nothing is saved."""
    if meeting.starts_at is None:
        raise InvitationError("Setzen Sie zuerst den Termin; ohne ihn gibt es keine Vorschau.")
    deadline = meeting.registration_deadline or scheduling.default_deadline(meeting.starts_at)
    meeting = copy(meeting)  # as it will be after the first invitation
    scheduling.set_organizer(meeting)
    meeting.status, meeting.registration_deadline = Status.INVITED, deadline
    draft = draft_for(meeting, candidate)
    subject, text, html = emails.render("invitation", draft, emails.meeting_context(meeting))
    calendar = ical.request(meeting, draft, partstat=PartStat.NEEDS_ACTION, link=links.MASK)
    return Preview(subject, links.mask(text), links.mask(html), calendar.decode())


def draft_for(meeting: Meeting, candidate: Candidate) -> Invitation:
    """The row that this person would get, for a preview; never saved."""
    contact = candidate.contact
    return Invitation(
        meeting=meeting,
        contact=contact,
        name=contact.full_name,
        first_name=contact.first_name,
        greeting=contact.greeting,
        email=contact.email,
        reason=candidate.reason,
        reason_text=candidate.reason_text,
    )


# --- afterwards ----------------------------------------------------------------------------------
@transaction.atomic
def hold(*, mailing: Mailing, by: Any) -> int:
    """Stop what has not gone out; gives the number of mails."""
    return queue.hold(group=mailing.group, by=by)


@transaction.atomic
def release(*, mailing: Mailing, by: Any) -> int:
    return queue.release(group=mailing.group, by=by)


@transaction.atomic
def withdraw(
    *, invitation: Invitation, by: Any, reason: str = "", form_id: "uuid.UUID | str | None" = None
) -> Invitation:
    """Un-invite one person: the seat becomes free, her entry goes away, the others notice nothing."""
    meeting = scheduling.lock(invitation.meeting, form_id, by, "withdraw")
    row = Invitation.objects.select_related("message").get(pk=invitation.pk)
    row.meeting = meeting
    if row.withdrawn_at is not None:
        raise InvitationError("Diese Person ist schon ausgeladen.")
    if meeting.status in Meeting.HELD_STATUSES or meeting.is_over:
        raise InvitationError("Das Treffen ist vorbei; ausladen lässt sich niemand mehr.")
    uninvite(row, by=by, reason=scheduling.one_line(reason, 300))
    return row


def uninvite(row: Invitation, *, by: Any, reason: str) -> None:
    """The step itself, for jobs that hold the meeting's lock; `row.meeting` is the locked one."""
    meeting = row.meeting
    row.withdrawn_at = timezone.now()
    history.save(row, by=by, reason=f"Ausgeladen: {reason}" if reason else "Ausgeladen")
    queue.withdraw(thread=emails.thread_of(row), by=by, reason="Die Person ist ausgeladen")
    if emails.has_entry(row) and meeting.starts_at is not None:
        meeting.ics_sequence += 1  # each CANCEL raises it (RFC 5546 §3.2.5)
        history.save(meeting, by=by, reason=f"Ausgeladen: {row.name}")
        emails.withdrawn(row, reason=reason)
    seats.give_back(row, by=by)


@transaction.atomic
def remind(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Mailing:
    """An extra reminder to everybody who has not answered. Raises InvitationError when nobody is silent."""
    locked = scheduling.lock(meeting, form_id, by, "remind")
    if locked.status != Status.INVITED or locked.is_deadline_passed or locked.has_started:
        raise InvitationError("Erinnert wird nur, solange die Anmeldung läuft.")
    rows = list(locked.invitations.invited().filter(_silent()).select_related("contact"))
    mailing = _remind(locked, rows, number=None, by=by)
    if mailing is None:
        raise InvitationError("Alle haben geantwortet; es gibt niemanden zu erinnern.")
    return mailing


@transaction.atomic
def remind_due(*, meeting: Meeting, now: datetime | None = None) -> Mailing | None:
    """The reminders of T-28 and T-17 as far as they are due; called by the clock, as often as it likes.

    "Perhaps" gets only the last one; reminders whose day was past at the invitation are dropped.
    """
    now = now or timezone.now()
    locked = scheduling.lock(meeting)
    if locked.status != Status.INVITED or locked.starts_at is None or locked.is_deadline_passed or locked.has_started:
        return None
    days = [locked.starts_at - timedelta(days=before) for before in REMINDER_DAYS]
    due = [(number, day) for number, day in enumerate(days, start=1) if day <= now]
    if not due:
        return None
    number, day = due[-1]
    moves = locked.changes.exclude(kind=MeetingChange.Kind.CORRECTED)
    changed_at = moves.values_list("made_at", flat=True).first()
    if changed_at and changed_at > day - timedelta(days=REST_DAYS):
        return None  # the mail about the new date has just asked; reminders whose day was past then are dropped
    whom = _silent() | (Q(partstat=PartStat.TENTATIVE) if number == len(REMINDER_DAYS) else Q(pk=None))
    rows = (
        locked.invitations.invited()
        .filter(whom, reminder_count__lt=number, invited_at__lte=day - timedelta(days=REST_DAYS))
        .select_related("contact")
    )
    return _remind(locked, list(rows), number=number, by=None)


def _silent() -> Q:
    return Q(partstat=PartStat.NEEDS_ACTION) | Q(needs_reconfirmation=True)


def _remind(meeting: Meeting, rows: list[Invitation], *, number: int | None, by: Any) -> Mailing | None:
    rows = [row for row in rows if row.contact is None or not _obstacle(row.contact)]
    if not rows:
        return None
    mailing = notices.next_mailing(meeting, Mailing.Kind.REMINDER, by)
    shared = emails.meeting_context(meeting)
    for row in rows:
        row.meeting = meeting
        count = number or row.reminder_count + 1
        # An extra one by hand is told from the timetable's by its sending.
        key_number = count if number else 100 * mailing.round + count
        emails.reminder(row, mailing=mailing, number=key_number, is_last=count >= len(REMINDER_DAYS), shared=shared)
        row.reminder_count = count
        history.save(row, by=by, reason="Erinnert")
    mailing.recipient_count = len(rows)
    mailing.save()
    return mailing
