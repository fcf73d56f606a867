"""Job: set a meeting's date, announce, move, postpone, cancel and reinstate it; each raises SEQUENCE once.

Every step locks the meeting first, writes a MeetingChange with old → new, and queues the mails in the same
transaction: a meeting never stands somewhere else than the last mail says.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from meetings import history, notices, preparation, reminder_days
from meetings.models import Meeting, MeetingChange, Registration, Venue
from meetings.models.invitation import PartStat
from mobipro import html
from regions.models import FederalState, FormReceipt, ProgrammeSettings
from regions.public_holidays import Holiday, holidays_on

BERLIN = ZoneInfo("Europe/Berlin")
DEADLINE_DAYS = 14  # walks.md: registration ends two weeks before
LONGEST_DAYS = 5
Status = Meeting.Status
_RUNNING = (Status.SAVE_THE_DATE, Status.INVITED, Status.REGISTRATION_CLOSED)


class SchedulingError(Exception):
    """The step is not possible; the text says why and what to do."""


class HolidayWarning(SchedulingError):
    """The day is a public holiday in a Land of the meeting; a reason (`override_reason`) lets it pass."""

    def __init__(self, holidays: list[Holiday], names: dict[str, str]):
        self.holidays = holidays
        parts = [
            f"am {row.day:%d.%m.%Y} ist {row.name} in {', '.join(names.get(code, code) for code in row.iso_codes)}"
            for row in holidays
        ]
        text = "; ".join(parts)
        super().__init__(
            f"Feiertag: {text}. Wählen Sie einen anderen Tag oder begründen Sie, warum es bei diesem bleibt."
        )


# --- what a date must be -------------------------------------------------------------------------
def aware(value: datetime) -> datetime:
    """A time on the clock in Berlin. Raises SchedulingError for 02:30 on the two Sundays when clocks change."""
    wall = value if value.tzinfo is None else value.astimezone(BERLIN)
    first, second = (wall.replace(tzinfo=BERLIN, fold=fold).utcoffset() for fold in (0, 1))
    if first != second and first is not None and second is not None:
        what = "gibt es nicht" if first < second else "gibt es zweimal"
        raise SchedulingError(
            f"{wall:%H:%M} Uhr am {wall:%d.%m.%Y} {what}: Die Uhr wird umgestellt. Wählen Sie eine andere Uhrzeit."
        )
    return wall.replace(tzinfo=BERLIN)


def states_of(meeting: Meeting, venue: Venue | None = None) -> list[FederalState]:
    """All Länder of the meeting's regions and of the venue; all sixteen for a national meeting."""
    if meeting.kind == Meeting.Kind.NATIONAL:
        return list(FederalState.objects.all())
    found = {state.pk: state for region in meeting.regions.with_states() for state in region.states}
    if venue is not None:
        found[venue.federal_state_id] = venue.federal_state
    return sorted(found.values(), key=lambda state: state.sort_key)


def holidays_of(meeting: Meeting, starts_at: datetime, ends_at: datetime, venue: Venue | None = None) -> list[Holiday]:
    """The public holidays in any Land of the meeting on any of its days."""
    states = states_of(meeting, venue)
    first, last = starts_at.astimezone(BERLIN).date(), ends_at.astimezone(BERLIN).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [holiday for day in days for holiday in holidays_on(day, states)]


def default_deadline(starts_at: datetime) -> datetime:
    """Two weeks before, at the end of the day; nearer meetings: two days from now, never after the start."""
    local = starts_at.astimezone(BERLIN)
    usual = datetime.combine(local.date() - timedelta(days=DEADLINE_DAYS), time(23, 59), tzinfo=BERLIN)
    soonest = timezone.now() + timedelta(days=2)
    return usual if usual > soonest else min(max(usual, soonest), starts_at)


def checked(
    meeting: Meeting, starts_at: datetime, ends_at: datetime, venue: Venue | None, override_reason: str
) -> tuple[datetime, datetime, str]:
    """Start and end as they may be stored, and the reason if one was needed. Raises SchedulingError."""
    first, last, override = aware(starts_at), aware(ends_at), one_line(override_reason, 300)
    if last <= first:
        raise SchedulingError("Das Ende muss nach dem Beginn liegen.")
    if last - first > timedelta(days=LONGEST_DAYS):
        raise SchedulingError(f"Ein Treffen dauert höchstens {LONGEST_DAYS} Tage. Prüfen Sie das Ende.")
    if first <= timezone.now():
        raise SchedulingError(f"Der {first:%d.%m.%Y} liegt in der Vergangenheit. Wählen Sie einen späteren Tag.")
    found = holidays_of(meeting, first, last, venue)
    if found and not override:
        raise HolidayWarning(found, {state.iso_code: state.name for state in FederalState.objects.all()})
    return first, last, override if found else ""


def one_line(text: str, longest: int) -> str:
    """The text on one line; SchedulingError when it is too long or holds unreadable characters."""
    plain = " ".join(str(text or "").split())
    if len(plain) > longest:
        raise SchedulingError(f"Der Text ist zu lang (höchstens {longest} Zeichen, es sind {len(plain)}).")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in plain):
        raise SchedulingError("Der Text enthält unlesbare Zeichen. Schreiben Sie ihn neu.")
    return html.plain(plain) if "<" in plain else plain


def _reason(text: str) -> str:
    reason = one_line(text, 500)
    if not reason:
        raise SchedulingError("Nennen Sie den Grund; er steht in der Mail an die Eingeladenen.")
    return reason


# --- the steps -----------------------------------------------------------------------------------
@transaction.atomic
def set_date(
    *,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    venue: Venue | None,
    by: Any,
    override_reason: str = "",
    registration_deadline: datetime | None = None,
    form_id: "uuid.UUID | str | None" = None,
) -> Meeting:
    """Fix date and place of a meeting that nobody was told of yet. Raises HolidayWarning without a reason for it."""
    locked = lock(meeting, form_id, by, "set_date")
    if locked.status != Status.IDEA:
        raise SchedulingError("Dieses Treffen ist schon angekündigt. Verschieben Sie es mit einem Grund.")
    first, last, override = checked(locked, starts_at, ends_at, venue, override_reason)
    if locked.announced_at and (first, last, venue) != (locked.starts_at, locked.ends_at, locked.venue):
        locked.ics_sequence += 1  # the public calendar shows it already
    locked.starts_at, locked.ends_at, locked.venue, locked.holiday_override = first, last, venue, override
    locked.registration_deadline = _deadline(registration_deadline, first)
    history.save(locked, by=by, reason="Termin gesetzt" + (f" trotz Feiertag: {override}" if override else ""))
    preparation.follow(meeting=locked, states=states_of(locked, venue), by=by)
    return locked


@transaction.atomic
def announce(*, meeting: Meeting, by: Any, form_id: "uuid.UUID | str | None" = None) -> Meeting:
    """Show the meeting to the public ("geplant" with its date). Sends nothing."""
    locked = lock(meeting, form_id, by, "announce")
    if locked.status != Status.IDEA:
        raise SchedulingError("Dieses Treffen ist schon angekündigt.")
    if locked.starts_at is None:
        raise SchedulingError("Setzen Sie zuerst den Termin; ohne ihn gibt es nichts anzukündigen.")
    locked.status = Status.SAVE_THE_DATE
    locked.announced_at = locked.announced_at or timezone.now()
    set_organizer(locked)
    history.save(locked, by=by, reason="Angekündigt")
    return locked


@transaction.atomic
def move(
    *,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    venue: Venue | None,
    reason: str,
    by: Any,
    override_reason: str = "",
    registration_deadline: datetime | None = None,
    reminders: str = "",
    ask_declined: bool = True,
    form_id: "uuid.UUID | str | None" = None,
) -> MeetingChange:
    """New day, time or place. Another day asks everybody again (seats stay reserved); else the answers stay.

    `ask_declined`: the new day may suit those who declined the old one. `reminders`: other days before ("28, 17").
    """
    locked = lock(meeting, form_id, by, "move")
    if locked.status not in (*_RUNNING, Status.POSTPONED):
        raise SchedulingError(_why_not(locked, "verschoben"))
    if locked.has_started and locked.status != Status.POSTPONED:
        raise SchedulingError("Dieses Treffen hat schon begonnen und lässt sich nicht mehr verschieben.")
    words = _reason(reason)
    first, last, override = checked(locked, starts_at, ends_at, venue, override_reason)
    was_postponed = locked.status == Status.POSTPONED
    if not was_postponed and (first, last, venue) == (locked.starts_at, locked.ends_at, locked.venue):
        raise SchedulingError("Tag, Zeit und Ort sind dieselben wie bisher. Ändern Sie mindestens eines davon.")
    other_day = was_postponed or locked.starts_on != first.date()
    change = _change(locked, MeetingChange.Kind.MOVED, words, by, resets=other_day)
    locked.starts_at, locked.ends_at, locked.venue, locked.holiday_override = first, last, venue, override
    if other_day or registration_deadline:
        locked.registration_deadline = _deadline(registration_deadline, first)
    if reminders and (other_day or registration_deadline or reminders != locked.reminder_days):
        locked.reminder_days = reminders_of(reminders, first, locked.registration_deadline)
    if was_postponed or (locked.status == Status.REGISTRATION_CLOSED and not locked.is_deadline_passed):
        locked.status = Status.INVITED if locked.invited_at else Status.SAVE_THE_DATE
    _finish(locked, change, by, f"Verschoben: {words}", ask_declined=ask_declined)
    preparation.follow(meeting=locked, states=states_of(locked, venue), by=by)
    notices.tell(meeting=locked, change=change, by=by)
    return change


@transaction.atomic
def postpone(*, meeting: Meeting, reason: str, by: Any, form_id: "uuid.UUID | str | None" = None) -> MeetingChange:
    """Not on this day, the new one is open: the entry stays on the old day, tentative and transparent."""
    locked = lock(meeting, form_id, by, "postpone")
    if locked.status not in _RUNNING or locked.has_started:
        raise SchedulingError(_why_not(locked, "verschoben"))
    change = _change(locked, MeetingChange.Kind.POSTPONED, _reason(reason), by)
    locked.status = Status.POSTPONED
    _finish(locked, change, by, f"Verschoben, Termin offen: {change.reason}")
    notices.tell(meeting=locked, change=change, by=by)
    return change


@transaction.atomic
def cancel(*, meeting: Meeting, reason: str, by: Any, form_id: "uuid.UUID | str | None" = None) -> MeetingChange:
    locked = lock(meeting, form_id, by, "cancel")
    if locked.status not in Meeting.OPEN_STATUSES or (locked.has_started and locked.status != Status.POSTPONED):
        raise SchedulingError(_why_not(locked, "abgesagt"))
    change = _change(locked, MeetingChange.Kind.CANCELLED, _reason(reason), by)
    locked.status, locked.cancelled_at = Status.CANCELLED, timezone.now()
    _finish(locked, change, by, f"Abgesagt: {change.reason}")
    notices.tell(meeting=locked, change=change, by=by)
    return change


@transaction.atomic
def reinstate(*, meeting: Meeting, reason: str, by: Any, form_id: "uuid.UUID | str | None" = None) -> MeetingChange:
    """A cancelled meeting takes place after all, on its old day; everybody is asked again."""
    locked = lock(meeting, form_id, by, "reinstate")
    if locked.status != Status.CANCELLED:
        raise SchedulingError("Nur ein abgesagtes Treffen lässt sich wieder aufnehmen.")
    if locked.starts_at is not None and locked.has_started:
        raise SchedulingError("Der alte Termin ist vorbei. Legen Sie ein neues Treffen an.")
    words = _reason(reason)
    change = _change(locked, MeetingChange.Kind.REINSTATED, words, by, resets=True)
    locked.cancelled_at = None
    if locked.starts_at is None or locked.announced_at is None:
        locked.status = Status.IDEA
    else:
        locked.status = Status.INVITED if locked.invited_at else Status.SAVE_THE_DATE
        if locked.is_deadline_passed or locked.registration_deadline is None:
            locked.registration_deadline = default_deadline(locked.starts_at)
    _finish(locked, change, by, f"Findet doch statt: {words}")
    notices.tell(meeting=locked, change=change, by=by)
    return change


@transaction.atomic
def rename(
    *, meeting: Meeting, title: str, by: Any, subtitle: str | None = None, description: str | None = None
) -> Meeting:
    """Another title or text. SEQUENCE rises once it was announced: the same number never shows other words."""
    locked = lock(meeting)
    new_title = one_line(title, 160)
    if not new_title:
        raise SchedulingError("Geben Sie einen Titel ein.")
    locked.title = new_title
    locked.subtitle = locked.subtitle if subtitle is None else one_line(subtitle, 200)
    locked.description = locked.description if description is None else description
    if locked.announced_at:
        locked.ics_sequence += 1
    history.save(locked, by=by, reason="Titel oder Beschreibung geändert")
    return locked


def differs_in_calendar(before: Meeting, after: Meeting) -> bool:
    """Whether an entry made before shows something else than one made now."""
    return before.title != after.title or notices.place_of(before) != notices.place_of(after)


def correct(*, before: Meeting, meeting: Meeting, note: str, by: Any) -> MeetingChange:
    """Tell the invited of another title or form; for jobs that hold the lock and have saved it already."""
    change = MeetingChange(
        meeting=meeting,
        kind=MeetingChange.Kind.CORRECTED,
        reason=one_line(note, 500),
        old_title=before.title,
        new_title=meeting.title,
        old_place=notices.place_of(before),
        new_place=notices.place_of(meeting),
        old_starts_at=meeting.starts_at,
        old_ends_at=meeting.ends_at,
        new_starts_at=meeting.starts_at,
        new_ends_at=meeting.ends_at,
        sequence=meeting.ics_sequence,
        made_by=by if getattr(by, "pk", None) else None,
    )
    change.save()
    notices.tell(meeting=meeting, change=change, by=by)
    return change


@transaction.atomic
def count_tasks(*, meeting: Meeting, by: Any = None) -> int:
    """The tasks of a meeting whose date was set without them, or in another way; gives the number of changes."""
    locked = lock(meeting)
    return preparation.follow(meeting=locked, states=states_of(locked, locked.venue), by=by)


# --- shared by the steps -------------------------------------------------------------------------
def lock(meeting: Meeting, form_id: "uuid.UUID | str | None" = None, by: Any = None, purpose: str = "") -> Meeting:
    """The meeting as it is now, locked until the end of the transaction; takes the form's receipt on the way."""
    locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.{purpose}", user=by, result=locked.get_absolute_url())
    return locked


def set_organizer(meeting: Meeting) -> None:
    """ORGANIZER is fixed with the first mail or announcement and stays; a new sender is for later meetings."""
    if meeting.organizer_email and (meeting.announced_at or meeting.invited_at):
        return
    programme = ProgrammeSettings.objects.on(timezone.localdate())
    if programme is not None:
        meeting.organizer_name, meeting.organizer_email = programme.sender_name, programme.sender_email


def _deadline(wanted: datetime | None, starts_at: datetime) -> datetime:
    if wanted is None:
        return default_deadline(starts_at)
    deadline = aware(wanted)
    if deadline > starts_at:
        raise SchedulingError("Die Anmeldefrist muss vor dem Beginn enden.")
    return deadline


def reminders_of(wanted: str, starts_at: datetime | None, deadline: datetime | None) -> str:
    """These days before the meeting as it keeps them. Raises SchedulingError when one comes after the deadline."""
    try:
        days = reminder_days.written(reminder_days.parse(wanted))
    except ValueError as problem:
        raise SchedulingError(str(problem)) from None
    late = reminder_days.too_late(days, starts_at, deadline) if starts_at else ""
    if late:
        raise SchedulingError(late)
    return days


def _change(meeting: Meeting, kind: str, reason: str, by: Any, *, resets: bool = False) -> MeetingChange:
    return MeetingChange(
        meeting=meeting,
        kind=kind,
        reason=reason,
        old_starts_at=meeting.starts_at,
        old_ends_at=meeting.ends_at,
        old_place=notices.place_of(meeting),
        answers_reset=resets,
        sequence=meeting.ics_sequence + 1,
        made_by=by if getattr(by, "pk", None) else None,
    )


def _finish(meeting: Meeting, change: MeetingChange, by: Any, reason: str, *, ask_declined: bool = True) -> None:
    meeting.ics_sequence = change.sequence
    history.save(meeting, by=by, reason=reason)
    if change.kind != MeetingChange.Kind.POSTPONED:
        change.new_starts_at, change.new_ends_at = meeting.starts_at, meeting.ends_at
        change.new_place = notices.place_of(meeting)
    change.save()
    if change.answers_reset:
        rows = meeting.invitations.active().select_related("registration")
        _ask_again(rows if ask_declined else rows.exclude(partstat=PartStat.DECLINED), meeting, by)


def _ask_again(invitations: Iterable[Any], meeting: Meeting, by: Any) -> None:
    """Everybody confirms anew; seats stay reserved until the new deadline. Deputies answer for themselves."""
    for invitation in invitations:
        if invitation.is_only_noted:
            _forget_early_answer(invitation, by)
            continue
        invitation.needs_reconfirmation = invitation.partstat not in (PartStat.NEEDS_ACTION, PartStat.DELEGATED)
        invitation.reminded_at = None
        history.save(invitation, by=by, reason="Neuer Termin: bitte neu bestätigen")
        registration = getattr(invitation, "registration", None)
        if registration is not None and registration.status in Registration.HELD_STATUSES:
            registration.held_until = meeting.registration_deadline
            history.save(registration, by=by, reason="Platz reserviert bis zur neuen Frist")


def _forget_early_answer(invitation: Any, by: Any) -> None:
    """It was given before the invitation and for another day; the answer itself stays on record."""
    if invitation.partstat == PartStat.NEEDS_ACTION:
        return
    invitation.partstat, invitation.answered_at = PartStat.NEEDS_ACTION, None
    history.save(invitation, by=by, reason="Neuer Termin: vorläufige Antwort gilt nicht mehr")


def _why_not(meeting: Meeting, verb: str) -> str:
    if meeting.status == Status.IDEA:
        return "Dieses Treffen ist noch nicht angekündigt. Ändern Sie einfach seinen Termin."
    if meeting.status == Status.CANCELLED:
        return "Dieses Treffen ist abgesagt. Nehmen Sie es zuerst wieder auf."
    return f"Dieses Treffen ist {meeting.get_status_display()} und kann nicht mehr {verb} werden."
