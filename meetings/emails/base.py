"""What all mails about a meeting have in common: who sends, links, context, rendering, the outbox row."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from meetings import ical, mail_texts
from meetings.models import ActionItem, Invitation, Mailing, MailText, Meeting
from meetings.models.agenda import public_with_times
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from regions.models import ProgrammeSettings

LINK_PURPOSE = "answer"
CONFIRM_PRIORITY = 3
BULK_PRIORITY = 6
_OUT = (State.HANDING_OVER, State.SENT, State.UNCLEAR)


def sender_of(meeting: Meeting) -> str | None:
    """The From header: the meeting's ORGANIZER, or (None) the portal's address."""
    if not meeting.organizer_email:
        return None
    return (
        f"{meeting.organizer_name} <{meeting.organizer_email}>" if meeting.organizer_name else meeting.organizer_email
    )


def personal_link(invitation: Invitation, query: str = "") -> str:
    return links.placeholder("meetings:answer", LINK_PURPOSE, invitation.pk or 0, invitation.link_version, query=query)


def threads_of(meeting_id: int) -> str:
    """How the threads of all mails about one meeting begin."""
    return f"meeting:{meeting_id}:"


def thread_of(invitation: Invitation) -> str:
    """Mails of one person about one meeting go out in their order."""
    address = invitation.email if len(invitation.email) <= 90 else str(invitation.pk)
    return f"{threads_of(invitation.meeting_id)}{address}"


def invitation_of(message: OutboxMessage | None) -> Invitation | None:
    """Whose mail this is, read from the reference that `put` wrote; None for a mail about something else."""
    model, _, number = message.reference.partition(":") if message else ("", "", "")
    if model != "meetings.Invitation" or not number.isdigit():
        return None
    return Invitation.objects.select_related("meeting").filter(pk=int(number)).first()


def has_entry(invitation: Invitation) -> bool:
    """Whether the person may have the meeting in her calendar: a mail with it is out, or its fate is unclear."""
    out = OutboxMessage.objects.filter(thread=thread_of(invitation), state__in=_OUT).exclude(calendar="")
    return out.exists()


def meeting_context(meeting: Meeting) -> dict[str, Any]:
    """What all mails of one meeting say; made once for a whole sending."""
    prefetch_related_objects([meeting], "regions", "agenda", "venue")  # once, not once a mail
    programme = ProgrammeSettings.objects.on(timezone.localdate())
    return {
        "meeting": meeting,
        "place": ical.location_of(meeting) or "Ort folgt",
        "agenda": public_with_times(meeting),
        "follow_ups": SimpleLazyObject(lambda: _follow_ups(meeting)),
        "public_url": links.absolute(meeting.get_absolute_url()),
        "contact_email": meeting.organizer_email or (programme.contact_email if programme else ""),
        "contact_phone": programme.contact_phone if programme else "",
        "mail_texts": SimpleLazyObject(_mail_texts),  # read once a sending, and only for the kinds that have one
        "travel_cost_note": meeting.travel_cost_note or (programme.travel_cost_note if programme else ""),
    }


def _follow_ups(meeting: Meeting) -> list[ActionItem]:
    """What is still to do from earlier meetings; only what everybody may read: mails are passed on."""
    return list(ActionItem.objects.visible_to(None).open().earlier_than(meeting))


def _mail_texts() -> dict[str, MailText]:
    return {row.kind: row for row in MailText.objects.all()}


def personal_context(invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "link": personal_link(invitation),
        "link_yes": personal_link(invitation, "?antwort=ja"),
        "link_no": personal_link(invitation, "?antwort=nein"),
        "link_deputy": personal_link(invitation, "?antwort=vertretung"),
    }


def render(template: str, invitation: Invitation, shared: dict[str, Any], **more: Any) -> tuple[str, str, str]:
    """(subject, text, html) of templates/emails/meetings/<template>, with placeholders for the personal links."""
    context = {**shared, **personal_context(invitation), **more}
    context.update(mail_texts.lead(template, shared["mail_texts"], invitation, context))
    return mail.render(f"meetings/{template}", context)


def put(
    invitation: Invitation,
    *,
    template: str,
    kind: str,
    key: str,
    shared: dict[str, Any],
    calendar: bytes = b"",
    method: str = "",
    mailing: Mailing | None = None,
    **more: Any,
) -> OutboxMessage:
    subject, text, html = render(template, invitation, shared, **more)
    return queue.put(
        key=key,
        kind=kind,
        recipient=invitation.email,
        recipient_name=invitation.name,
        subject=subject,
        text=text,
        html=html,
        calendar=calendar.decode(),
        calendar_method=method,
        group=mailing.group if mailing else "",
        thread=thread_of(invitation),
        reference=f"meetings.Invitation:{invitation.pk}",
        priority=BULK_PRIORITY if mailing else CONFIRM_PRIORITY,
        not_before=mailing.not_before if mailing else None,
        sender=sender_of(invitation.meeting),
    )


def remember(invitation: Invitation, message: OutboxMessage) -> None:
    """Which mail carried the calendar entry last, and its SEQUENCE."""
    invitation.message, invitation.sequence_sent = message, invitation.meeting.ics_sequence
    invitation.skip_history_when_saving = True  # type: ignore[attr-defined]  # the outbox row is the record of it
    try:
        invitation.save(update_fields=["message", "sequence_sent"])
    finally:
        del invitation.skip_history_when_saving  # type: ignore[attr-defined]
