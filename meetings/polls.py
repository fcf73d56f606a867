"""Job: ask chosen people for a date (Terminabfrage), count their answers, make the winner the meeting's date.

Lock order: the meeting, then the poll. Every change of an answer locks the poll, so that nobody votes on a poll
that is being decided.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from meetings import history, notices, recipients, scheduling
from meetings.emails import polls as emails
from meetings.models import DatePoll, Invitation, Mailing, Meeting, PollAnswer, PollOption, PollVote, PollVoter
from meetings.recipients import Candidate
from mobipro import html
from regions.models import BlockedPeriod, ContactPerson, FormReceipt, ProgrammeSettings

FEWEST, MOST = 2, 6  # dates to choose from
REMIND_BEFORE = timedelta(hours=48)
REST = timedelta(hours=24)  # nobody is reminded so soon after the last mail
PARTIES = (Meeting.Status.IDEA, Meeting.Status.POSTPONED)
State = DatePoll.State
FormId = uuid.UUID | str | None


class PollError(Exception):
    """The step is not possible; the text says why and what to do. `row` is the number of the date it is about."""

    def __init__(self, text: str, row: int | None = None):
        super().__init__(text)
        self.row = row


# --- before it starts ----------------------------------------------------------------------------
def may_ask(meeting: Meeting) -> bool:
    """A date is asked for before the meeting is announced, or while its new date is open."""
    return meeting.status in PARTIES


def candidates(meeting: Meeting, by: Any) -> list[Candidate]:
    """Everybody who could be asked: the people of the projects, the partners, the host. Being invited is no obstacle
    (a postponed meeting asks those who were), being out of reach is."""
    found = [
        replace(row, excluded_reason="", preselected=True) if row.excluded_reason in recipients.HAVE_MAIL else row
        for row in recipients.candidates(meeting, by)
    ]
    known = {row.contact.pk for row in found}
    hosts = ContactPerson.objects.filter(organisation=meeting.host_organisation_id).exclude(pk__in=known)
    for contact in hosts.select_related("organisation") if meeting.host_organisation_id else ():
        obstacle = recipients.obstacle(contact)
        found.append(Candidate(contact, None, Invitation.Reason.GUEST, "Gastgeber", not obstacle, obstacle))
    return sorted(found, key=lambda row: (row.contact.sort_key, row.contact.pk))


def blocked_on(meeting: Meeting, first: date, last: date) -> list[BlockedPeriod]:
    """School holidays, examinations and other blocks of the meeting's Länder that touch these days."""
    states = scheduling.states_of(meeting, meeting.venue)
    rows = BlockedPeriod.objects.filter(Q(federal_state__in=states) | Q(federal_state=None))
    return list(rows.filter(starts_on__lte=last, ends_on__gte=first).select_related("federal_state"))


def _checked(
    meeting: Meeting, spans: Sequence[tuple[datetime, datetime]], reason: str
) -> list[tuple[datetime, datetime, str]]:
    """Each date as it may be asked for. Raises PollError naming the row."""
    if not FEWEST <= len(spans) <= MOST:
        raise PollError(f"Geben Sie {FEWEST} bis {MOST} Termine ein.")
    found: list[tuple[datetime, datetime, str]] = []
    for row, (start, end) in enumerate(spans):
        try:
            first, last, override = scheduling.checked(meeting, start, end, meeting.venue, reason)
        except scheduling.SchedulingError as problem:
            raise PollError(str(problem), row) from None
        if any(first == known for known, *_rest in found):
            raise PollError(f"Den Termin am {first:%d.%m.%Y} um {first:%H:%M} Uhr gibt es zweimal.", row)
        blocks = blocked_on(meeting, first.date(), last.date())
        if blocks and not reason.strip():
            names = ", ".join(f"{block.name} ({block.federal_state or 'alle Länder'})" for block in blocks[:4])
            raise PollError(
                f"Am {first:%d.%m.%Y}: {names}. Wählen Sie einen anderen Tag oder begründen Sie, warum er zur Wahl "
                "steht.",
                row,
            )
        found.append((first, last, override or (scheduling.one_line(reason, 300) if blocks else "")))
    return sorted(found)


def _closing(closes_at: datetime, first: datetime) -> datetime:
    moment = scheduling.aware(closes_at)
    if moment <= timezone.now():
        raise PollError(f"Der {moment:%d.%m.%Y} liegt in der Vergangenheit. Geben Sie den Gefragten ein paar Tage.")
    if moment >= first:
        raise PollError(f"Die Abfrage muss vor dem ersten Termin ({first:%d.%m.%Y}) enden.")
    return moment


# --- start ---------------------------------------------------------------------------------------
@transaction.atomic
def start(
    *,
    meeting: Meeting,
    spans: Sequence[tuple[datetime, datetime]],
    closes_at: datetime,
    contacts: Iterable[ContactPerson],
    by: Any,
    message: str = "",
    override_reason: str = "",
    form_id: FormId = None,
) -> DatePoll:
    """Ask these people for two to six future dates; one mail each, after the usual pause, in one commit.

    `override_reason` lets dates on public holidays and in blocked periods pass. Raises PollError.
    """
    locked = scheduling.lock(meeting, form_id, by, "poll")
    if not may_ask(locked):
        raise PollError(
            f"Stand des Treffens: {locked.get_status_display()}. Nach Terminen lässt sich nur fragen, solange keiner "
            "angekündigt ist."
        )
    if locked.polls.filter(state=State.OPEN).exists():
        raise PollError("Zu diesem Treffen läuft schon eine Terminabfrage. Schließen Sie sie zuerst.")
    try:
        options = _checked(locked, spans, override_reason)
        closes = _closing(closes_at, options[0][0])
    except scheduling.SchedulingError as problem:
        raise PollError(str(problem)) from None
    wanted = {contact.pk for contact in contacts}
    chosen = [row for row in candidates(locked, by) if row.contact.pk in wanted and not row.excluded_reason]
    if not chosen:
        raise PollError("Wählen Sie mindestens eine Person aus.")
    if len(chosen) < len(wanted):
        raise PollError("Eine der gewählten Personen ist inzwischen nicht erreichbar. Prüfen Sie die Auswahl.")
    scheduling.set_organizer(locked)
    history.save(locked, by=by, reason="Terminabfrage gestartet")
    poll = DatePoll(meeting=locked, message=_message(message), closes_at=closes)
    history.save(poll, by=by, reason="Terminabfrage gestartet")
    PollOption.objects.bulk_create(
        PollOption(poll=poll, starts_at=first, ends_at=last, override_reason=why) for first, last, why in options
    )
    voters = [_voter(poll, row) for row in chosen]
    PollVoter.objects.bulk_create(voters)
    _send(poll, list(poll.voters.all()), emails.date_poll, by)
    return poll


def _voter(poll: DatePoll, row: Candidate) -> PollVoter:
    contact = row.contact
    return PollVoter(
        poll=poll,
        contact=contact,
        organisation=contact.organisation,
        name=contact.full_name,
        first_name=contact.first_name,
        greeting=contact.greeting,
        organisation_name=contact.organisation.name,
        email=contact.email,
        reason_text=row.reason_text[:300],
    )


def _message(text: str) -> str:
    words = html.plain(text).strip()
    if len(words) > 1000:
        raise PollError(f"Die Nachricht ist {len(words) - 1000} Zeichen zu lang.")
    return words


def _send(poll: DatePoll, voters: list[PollVoter], mail: Any, by: Any, **more: Any) -> Mailing | None:
    if not voters:
        return None
    mailing = notices.next_mailing(poll.meeting, Mailing.Kind.DATE_POLL, by)
    shared = emails.poll_context(poll, ProgrammeSettings.objects.on(timezone.localdate()))
    for voter in voters:
        mail(voter, mailing=mailing, shared=shared, **more)
    mailing.recipient_count = len(voters)
    mailing.save()
    return mailing


# --- answers -------------------------------------------------------------------------------------
def _lock(poll: DatePoll) -> DatePoll:
    """The poll as it is now, with its meeting; after the meeting where both are locked."""
    return DatePoll.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=poll.pk)


def receipt_of(voter: PollVoter) -> str:
    """What the receipt of this person's form says: the same form under another link is another form."""
    return f"meetings.PollVoter:{voter.pk}"


@transaction.atomic
def vote(*, voter: PollVoter, answers: Mapping[int, str], comment: str = "", form_id: FormId = None) -> PollVoter:
    """One answer to each date (option id → PollAnswer), changeable until the poll closes. Raises PollError."""
    poll = _lock(voter.poll)
    if form_id is not None:
        FormReceipt.take(form_id, purpose="meetings.vote", result=receipt_of(voter))
    if not poll.is_running:
        raise PollError("Die Abfrage ist geschlossen; Ihre Antwort lässt sich nicht mehr ändern.")
    options = list(poll.options.all())
    missing = [option for option in options if answers.get(option.pk) not in PollAnswer.values]
    if missing:
        raise PollError("Antworten Sie zu jedem Termin.")
    words = scheduling.one_line(comment, 300)
    for option in options:
        PollVote.objects.update_or_create(voter=voter, option=option, defaults={"answer": answers[option.pk]})
    row = PollVoter.objects.get(pk=voter.pk)
    row.answered_at, row.comment = timezone.now(), words
    row.save()
    return row


# --- reminders and the end -----------------------------------------------------------------------
@transaction.atomic
def remind(*, poll: DatePoll, by: Any, form_id: FormId = None) -> Mailing:
    """Once by hand, to those without an answer. Raises PollError when it closed, or nobody is left."""
    scheduling.lock(poll.meeting, form_id, by, "poll_remind")
    locked = _lock(poll)
    if not locked.is_running:
        raise PollError("Die Abfrage ist geschlossen; erinnert wird nur, solange sie läuft.")
    if locked.reminded_at is not None:
        raise PollError("Von Hand ist schon einmal erinnert worden. Rufen Sie an, wer noch fehlt.")
    mailing = _send(locked, silent(locked), emails.date_poll_reminder, by)
    if mailing is None:
        raise PollError("Alle haben geantwortet; es gibt niemanden zu erinnern.")
    locked.reminded_at = timezone.now()
    history.save(locked, by=by, reason="Erinnert")
    return mailing


def silent(poll: DatePoll) -> list[PollVoter]:
    return list(poll.voters.filter(answered_at=None))


@transaction.atomic
def keep_time(*, poll: DatePoll, now: datetime | None = None) -> None:
    """By the clock, as often as it likes: remind once, two days before the end; close afterwards."""
    now = now or timezone.now()
    scheduling.lock(poll.meeting)
    locked = _lock(poll)
    if locked.state != State.OPEN:
        return
    if locked.closes_at <= now:
        locked.state = State.CLOSED
        history.save(locked, by=None, reason="Frist abgelaufen")
        return
    last_mail = max(filter(None, (locked.created_at, locked.reminded_at)))
    is_due = locked.closes_at - REMIND_BEFORE <= now and last_mail + REST <= now
    if locked.auto_reminded_at is None and is_due:
        _send(locked, silent(locked), emails.date_poll_reminder, None)
        locked.auto_reminded_at = now
        history.save(locked, by=None, reason="Erinnert, zwei Tage vor dem Ende")


@transaction.atomic
def close(*, poll: DatePoll, by: Any, form_id: FormId = None) -> DatePoll:
    """No more answers; those that came stay. Mails that wait are held back by the last-moment check."""
    scheduling.lock(poll.meeting, form_id, by, "poll_close")
    locked = _lock(poll)
    if locked.state != State.OPEN:
        raise PollError("Diese Abfrage ist schon geschlossen.")
    locked.state = State.CLOSED
    history.save(locked, by=by, reason="Geschlossen")
    return locked


@transaction.atomic
def choose(*, poll: DatePoll, option: PollOption, by: Any, form_id: FormId = None) -> Meeting:
    """This date becomes the meeting's, the poll is over, and who answered is told. Raises PollError or, when the date
    is no longer possible, SchedulingError."""
    meeting = scheduling.lock(poll.meeting, form_id, by, "poll_choose")
    locked = _lock(poll)
    if locked.state == State.DECIDED:
        raise PollError("Der Termin ist schon gewählt.")
    if option.poll_id != locked.pk:
        raise PollError("Dieser Termin steht nicht zur Wahl.")
    if not may_ask(meeting):
        raise PollError(f"Stand des Treffens: {meeting.get_status_display()}. Sein Termin steht schon fest.")
    day: dict[str, Any] = {
        "starts_at": option.starts_at,
        "ends_at": option.ends_at,
        "override_reason": option.override_reason,
    }
    was_postponed = meeting.status == Meeting.Status.POSTPONED
    if was_postponed:
        reason = "Der neue Termin ist das Ergebnis der Terminabfrage."
        scheduling.move(meeting=meeting, venue=meeting.venue, reason=reason, by=by, **day)
    else:
        meeting = scheduling.set_date(meeting=meeting, venue=meeting.venue, by=by, **day)
    locked.state, locked.chosen = State.DECIDED, option
    history.save(locked, by=by, reason=f"Termin gewählt: {option}")
    locked.meeting = meeting
    answered = locked.voters.filter(answered_at__isnull=False)
    if was_postponed:  # the invited get the move itself, with their calendar entry
        invited = {email.lower() for email in meeting.invitations.active().values_list("email", flat=True)}
        told = [voter for voter in answered if voter.email.lower() not in invited]
    else:
        told = list(answered)
    _send(locked, told, emails.date_poll_result, by, option=option)
    return Meeting.objects.get(pk=meeting.pk)
