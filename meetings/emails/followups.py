"""The mail about an open task, a week before it is due."""

from django.utils import timezone

from meetings.emails.base import CONFIRM_PRIORITY, sender_of, threads_of
from meetings.models import ActionItem
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage
from regions.models import ProgrammeSettings
from regions.reachability import Reached

ACTION_PURPOSE = "action"
KIND = "action_due"


def action_link(action: ActionItem) -> str:
    return links.placeholder("meetings:action", ACTION_PURPOSE, action.pk or 0, action.link_version)


def key_of(action: ActionItem) -> str:
    """One mail a task and due day."""
    return f"action:{action.pk}:{action.due_on.isoformat()}"


def action_of(message: OutboxMessage) -> ActionItem | None:
    """Which task this mail is about; None for a mail about something else."""
    model, _, number = message.reference.partition(":")
    if model != "meetings.ActionItem" or not number.isdigit():
        return None
    return ActionItem.objects.filter(pk=int(number)).first()


def render(action: ActionItem, reached: Reached) -> tuple[str, str, str]:
    """(subject, text, html), with a placeholder for the personal link."""
    programme = ProgrammeSettings.objects.on(timezone.localdate())
    meeting = action.meeting
    context = {
        "action": action,
        "meeting": meeting,
        "person": reached.contact,
        "stands_in": reached.contact.pk != action.owner_id,
        "reason": reached.reason,
        "link": action_link(action),
        "contact_email": meeting.organizer_email or (programme.contact_email if programme else ""),
        "contact_phone": programme.contact_phone if programme else "",
    }
    return mail.render("meetings/action_due", context)


def action_due(action: ActionItem, reached: Reached) -> OutboxMessage:
    subject, text, html = render(action, reached)
    person = reached.contact
    return queue.put(
        key=key_of(action),
        kind=KIND,
        recipient=person.email,
        recipient_name=person.full_name,
        subject=subject,
        text=text,
        html=html,
        thread=f"{threads_of(action.meeting_id)}action-{action.pk}",
        reference=f"meetings.ActionItem:{action.pk}",
        priority=CONFIRM_PRIORITY,
        sender=sender_of(action.meeting),
    )
