"""The last question before a mail goes out: is what it says still true? Registered in MeetingsConfig.ready."""

from meetings import circulars, participant_info, seats, thanks
from meetings.emails import followups, invitation_of, polls
from meetings.models import Meeting, Registration
from meetings.models.invitation import PartStat
from mobipro.outbox import checks
from mobipro.outbox.models import OutboxMessage

_OVER = "Das Treffen hat inzwischen begonnen."


def register() -> None:
    checks.register("invitation", still_invited)
    checks.register("save_the_date", still_noted)
    checks.register("reminder", still_silent)
    checks.register("participant_info", still_seated)
    checks.register("thanks", still_thanked)
    checks.register("seat_offer", still_offered)
    checks.register("meeting_change", still_told)
    checks.register("date_poll", still_asked)
    checks.register("date_poll_reminder", still_asked)
    checks.register("date_poll_result", still_chosen)
    checks.register("meeting_cancellation", still_cancelled)
    checks.register("action_due", still_open)
    checks.register("counter_declined", still_kept)


def still_invited(message: OutboxMessage) -> str | None:
    """None: send. Else the reason in German why the mail is withdrawn."""
    row = invitation_of(message)
    if row is None:
        return "Die Einladung gibt es nicht mehr."
    if row.withdrawn_at is not None:
        return "Die Person ist inzwischen ausgeladen."
    if row.meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return f"Das Treffen ist inzwischen {row.meeting.get_status_display()}."
    return _OVER if row.meeting.has_started else None


def still_noted(message: OutboxMessage) -> str | None:
    reason = still_invited(message)
    row = invitation_of(message)
    if reason is None and row is not None and not row.is_only_noted:
        return "Die Person ist inzwischen eingeladen."
    return reason


def still_silent(message: OutboxMessage) -> str | None:
    reason = still_invited(message)
    if reason:
        return reason
    row = invitation_of(message)
    if row is None or row.needs_reconfirmation or row.partstat in (PartStat.NEEDS_ACTION, PartStat.TENTATIVE):
        return None
    return "Die Person hat inzwischen geantwortet."


def still_seated(message: OutboxMessage) -> str | None:
    reason = still_invited(message)
    row = invitation_of(message)
    if reason or row is None:
        return reason
    if circulars.is_outdated(message, row.meeting):
        return "Das Treffen ist inzwischen geändert; senden Sie die Teilnahmeinfo neu."
    return participant_info.obstacle_at_the_last_moment(row)


def still_thanked(message: OutboxMessage) -> str | None:
    row = invitation_of(message)
    if row is None or row.withdrawn_at is not None:
        return "Die Person ist inzwischen ausgeladen."
    return thanks.obstacle_at_the_last_moment(row)


def still_offered(message: OutboxMessage) -> str | None:
    """The seat is hers to take, or (in the last hours) anybody's who waits."""
    reason = still_invited(message)
    row = invitation_of(message)
    if reason or row is None:
        return reason
    registration = Registration.objects.filter(invitation=row).first()
    if registration is not None and registration.status == Registration.Status.OFFERED:
        return None
    if registration is not None and seats.may_take_now(registration):
        return None
    return "Das Angebot gilt nicht mehr."


def still_told(message: OutboxMessage) -> str | None:
    row = invitation_of(message)
    if row is None or row.withdrawn_at is not None:
        return "Die Person ist inzwischen ausgeladen."
    if row.meeting.status == Meeting.Status.CANCELLED:
        return "Das Treffen ist inzwischen abgesagt."
    return None


def still_kept(message: OutboxMessage) -> str | None:
    """The date that stays must be the one that stood when the coordinator said so."""
    reason = still_invited(message)
    row = invitation_of(message)
    if reason is None and row is not None and row.meeting.changes.filter(made_at__gt=message.created_at).exists():
        return "Das Treffen hat sich inzwischen geändert; die Person bekommt dazu eine eigene Mail."
    return reason


def still_cancelled(message: OutboxMessage) -> str | None:
    row = invitation_of(message)
    if row is None or row.meeting.status != Meeting.Status.CANCELLED:
        return "Das Treffen findet inzwischen doch statt."
    return None


def still_asked(message: OutboxMessage) -> str | None:
    """Of a Terminabfrage: the question and its reminder."""
    voter = polls.voter_of(message)
    if voter is None or not voter.poll.is_running:
        return "Die Terminabfrage ist inzwischen geschlossen."
    if message.kind == "date_poll_reminder" and voter.answered_at is not None:
        return "Die Person hat inzwischen geantwortet."
    return None


def still_chosen(message: OutboxMessage) -> str | None:
    voter = polls.voter_of(message)
    if voter is None or voter.poll.chosen is None:
        return "Die Terminabfrage gibt es nicht mehr."
    meeting = voter.poll.meeting
    if meeting.status in (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED):
        return f"Das Treffen ist inzwischen {meeting.get_status_display()}."
    return None if meeting.starts_at == voter.poll.chosen.starts_at else "Der Termin ist inzwischen ein anderer."


def still_open(message: OutboxMessage) -> str | None:
    """Of an open task and the day it is due; another day has its own mail."""
    action = followups.action_of(message)
    if action is None:
        return "Die Aufgabe gibt es nicht mehr."
    if not action.is_open:
        return f"Die Aufgabe ist inzwischen {action.get_status_display()}."
    if followups.key_of(action) != message.key:
        return "Die Aufgabe ist inzwischen an einem anderen Tag fällig."
    return None
