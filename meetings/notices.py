"""Job: tell everybody who has a calendar entry what became of the meeting; called by scheduling, in its transaction."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from meetings import emails, ical
from meetings.models import Invitation, Mailing, Meeting, MeetingChange
from meetings.models.invitation import PartStat
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State

MAIL_KINDS = {
    MeetingChange.Kind.MOVED: Mailing.Kind.CHANGE,
    MeetingChange.Kind.POSTPONED: Mailing.Kind.CHANGE,
    MeetingChange.Kind.REINSTATED: Mailing.Kind.CHANGE,
    MeetingChange.Kind.CORRECTED: Mailing.Kind.CHANGE,
    MeetingChange.Kind.CANCELLED: Mailing.Kind.CANCELLATION,
}
_NOT_OUT = (State.QUEUED, State.HELD)
_NOT_SENT = (*_NOT_OUT, State.WITHDRAWN, State.FAILED)


def place_of(meeting: Meeting) -> str:
    return ical.location_of(meeting)[:300]


def next_mailing(meeting: Meeting, kind: str, by: Any, *, delay: int | None = None) -> Mailing:
    """A new sending of this kind; under the meeting's lock, so rounds never collide. `delay` in seconds."""
    last = meeting.mailings.filter(kind=kind).order_by("-round").values_list("round", flat=True).first()
    seconds = settings.SEND_DELAY_SECONDS if delay is None else delay
    mailing = Mailing(
        meeting=meeting,
        kind=kind,
        round=(last or 0) + 1,
        not_before=timezone.now() + timedelta(seconds=seconds),
        created_by=by if getattr(by, "pk", None) else None,
    )
    mailing.save()
    return mailing


def pause_in_words() -> str:
    """How long a bulk mail waits and can be stopped, as pages say it: "2 Minuten", "5 Sekunden"."""
    seconds = settings.SEND_DELAY_SECONDS
    minutes = round(seconds / 60)
    if seconds < 60:
        return "1 Sekunde" if seconds == 1 else f"{seconds} Sekunden"
    return "1 Minute" if minutes == 1 else f"{minutes} Minuten"


def affected(meeting: Meeting) -> int:
    """How many people a change of this meeting would be told to; for the dialog."""
    return meeting.invitations.active().count()


def tell(*, meeting: Meeting, change: MeetingChange, by: Any) -> Mailing | None:
    """Queue the mails of one change. Who never got the invitation gets the new one (or nothing, if cancelled)."""
    rows = list(meeting.invitations.active().select_related("message", "contact", "registration").order_by("pk"))
    if not rows:
        return None
    untold = take_back(rows, by)
    told = [row for row in rows if row.pk not in untold and row.message_id]
    mailing = next_mailing(meeting, MAIL_KINDS[MeetingChange.Kind(change.kind)], by) if told else None
    shared = emails.meeting_context(meeting)
    for row in told:
        row.meeting = meeting
        assert mailing is not None  # noqa: S101 - made above whenever somebody was told
        if change.kind == MeetingChange.Kind.CANCELLED:
            emails.cancellation(row, change, mailing=mailing, shared=shared)
        else:
            emails.change(row, change, mailing=mailing, asks=_is_asked(row, change), shared=shared)
    if mailing is not None:
        mailing.recipient_count = len(told)
        mailing.save()
    _send_instead(meeting, [row for row in rows if row.pk in untold], by, shared)
    return mailing


def _is_asked(invitation: Invitation, change: MeetingChange) -> bool:
    if change.kind == MeetingChange.Kind.POSTPONED or invitation.partstat == PartStat.DELEGATED:
        return False
    if invitation.is_only_noted:
        return False
    return invitation.needs_reconfirmation or invitation.partstat == PartStat.NEEDS_ACTION


def take_back(rows: list[Invitation], by: Any) -> set[int]:
    """Withdraw what is still waiting: its content is out of date. Gives the people who know of nothing yet: they
    have no calendar entry, and did not answer either."""
    threads = {emails.thread_of(row): row for row in rows}
    entries = OutboxMessage.objects.filter(thread__in=threads).exclude(calendar="")
    waiting = list(entries.filter(state__in=_NOT_OUT).values_list("key", flat=True))
    queue.withdraw(keys=waiting, by=by, reason="Durch eine Änderung des Treffens überholt")
    # Asked afterwards: a mail that a worker took in between is out.
    told = set(entries.exclude(state__in=_NOT_SENT).values_list("thread", flat=True))
    # Also by an earlier change: such a person still knows nothing of the meeting.
    stopped = set(entries.filter(state=State.WITHDRAWN).values_list("thread", flat=True))
    return {
        row.pk
        for thread, row in threads.items()
        if thread in stopped and thread not in told and row.partstat == PartStat.NEEDS_ACTION
    }


def _send_instead(meeting: Meeting, rows: list[Invitation], by: Any, shared: dict[str, Any]) -> None:
    """What these people never got, with the new date: the invitation, or the Save the Date."""
    running = (Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED)
    if meeting.status not in (Meeting.Status.SAVE_THE_DATE, *running):
        return
    noted = [row for row in rows if row.is_only_noted]
    invited = [row for row in rows if not row.is_only_noted] if meeting.status in running else []
    for kind, people, mail in (
        (Mailing.Kind.INVITATION, invited, emails.invitation),
        (Mailing.Kind.SAVE_THE_DATE, noted, emails.save_the_date),
    ):
        if not people:
            continue
        mailing = next_mailing(meeting, kind, by)
        for row in people:
            row.meeting = meeting
            mail(row, mailing=mailing, shared=shared)
        mailing.recipient_count = len(people)
        mailing.save()
