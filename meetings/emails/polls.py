"""Mails of a Terminabfrage: the dates to choose from, a reminder, the date that was chosen. Each to one person."""

from typing import Any

from meetings.emails.base import BULK_PRIORITY, sender_of, threads_of
from meetings.models import DatePoll, Mailing, Meeting, PollOption, PollVoter
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage
from regions.models import ProgrammeSettings

POLL_PURPOSE = "date_poll"


def poll_link(voter: PollVoter) -> str:
    return links.placeholder("meetings:poll", POLL_PURPOSE, voter.pk or 0, voter.link_version)


def voter_of(message: OutboxMessage) -> PollVoter | None:
    """Whose mail this is; None for a mail about something else."""
    model, _, number = message.reference.partition(":")
    if model != "meetings.PollVoter" or not number.isdigit():
        return None
    return PollVoter.objects.select_related("poll__meeting", "poll__chosen").filter(pk=int(number)).first()


def poll_context(poll: DatePoll, programme: ProgrammeSettings | None) -> dict[str, Any]:
    """What all mails of one poll say."""
    meeting = poll.meeting
    return {
        "meeting": meeting,
        "poll": poll,
        "options": list(poll.options.all()),
        "contact_email": meeting.organizer_email or (programme.contact_email if programme else ""),
        "contact_phone": programme.contact_phone if programme else "",
    }


def render_poll(voter: PollVoter, shared: dict[str, Any]) -> tuple[str, str, str]:
    """(subject, text, html) of the question, for the mail and its preview."""
    return mail.render("meetings/date_poll", {**shared, "voter": voter, "link": poll_link(voter)})


def date_poll(voter: PollVoter, *, mailing: Mailing, shared: dict[str, Any]) -> OutboxMessage:
    return _put(voter, render_poll(voter, shared), kind="date_poll", mailing=mailing, meeting=shared["meeting"])


def date_poll_reminder(voter: PollVoter, *, mailing: Mailing, shared: dict[str, Any]) -> OutboxMessage:
    parts = mail.render("meetings/date_poll_reminder", {**shared, "voter": voter, "link": poll_link(voter)})
    return _put(voter, parts, kind="date_poll_reminder", mailing=mailing, meeting=shared["meeting"])


def date_poll_result(
    voter: PollVoter, *, mailing: Mailing, shared: dict[str, Any], option: PollOption
) -> OutboxMessage:
    """The date stands; the invitation follows with its own calendar entry."""
    parts = mail.render("meetings/date_poll_result", {**shared, "voter": voter, "option": option})
    return _put(voter, parts, kind="date_poll_result", mailing=mailing, meeting=shared["meeting"])


def _put(
    voter: PollVoter, parts: tuple[str, str, str], *, kind: str, mailing: Mailing, meeting: Meeting
) -> OutboxMessage:
    subject, text, html = parts
    address = voter.email if len(voter.email) <= 90 else f"poll-{voter.pk}"
    return queue.put(
        key=f"poll:{voter.poll_id}:{voter.pk}:{kind}:{mailing.round}",
        kind=kind,
        recipient=voter.email,
        recipient_name=voter.name,
        subject=subject,
        text=text,
        html=html,
        group=mailing.group,
        thread=f"{threads_of(meeting.pk)}{address}",
        reference=f"meetings.PollVoter:{voter.pk}",
        priority=BULK_PRIORITY,
        not_before=mailing.not_before,
        sender=sender_of(meeting),
    )
