"""The mails about a meeting, one function each: texts from templates, one outbox row, its calendar part.

Call them inside the job's transaction. Keys hold SEQUENCE and round: the same cause never sends two mails.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from meetings import ical, mail_texts
from meetings.models import (
    Answer,
    Invitation,
    InvitationRequest,
    Mailing,
    MailText,
    Meeting,
    MeetingChange,
    Registration,
)
from meetings.models.agenda import with_times
from meetings.models.invitation import PartStat
from mobipro import links, mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from regions.models import ProgrammeSettings

LINK_PURPOSE = "answer"
CONFIRM_PRIORITY = 3
BULK_PRIORITY = 6
CHANGE_TEMPLATES = {
    "moved": "change",
    "postponed": "postponed",
    "reinstated": "reinstated",
    "corrected": "correction",
    "cancelled": "cancellation",
}
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
    """Whose mail this is, read from the reference that `_put` wrote; None for a mail about something else."""
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
    items = [item for item in meeting.agenda.all() if item.is_public]
    programme = ProgrammeSettings.objects.on(timezone.localdate())
    return {
        "meeting": meeting,
        "place": ical.location_of(meeting) or "Ort folgt",
        "agenda": with_times(items, meeting.starts_at),
        "public_url": links.absolute(meeting.get_absolute_url()),
        "contact_email": meeting.organizer_email or (programme.contact_email if programme else ""),
        "contact_phone": programme.contact_phone if programme else "",
        "mail_texts": SimpleLazyObject(_mail_texts),  # read once a sending, and only for the kinds that have one
        "travel_cost_note": meeting.travel_cost_note or (programme.travel_cost_note if programme else ""),
    }


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


def invitation(
    invitation: Invitation,
    *,
    mailing: Mailing | None,
    shared: dict[str, Any] | None = None,
    note: str = "",
    registration: Registration | None = None,
    place_in_line: int = 0,
) -> OutboxMessage:
    """The invitation itself; a deputy's, colleague's or guest's goes out alone and at once (`mailing` None).

    `registration`: the seat a colleague got, or the one that waits for a deputy; a waiting list is no calendar entry.
    """
    meeting = invitation.meeting
    shared = shared or meeting_context(meeting)
    round_number = mailing.round if mailing else invitation.link_version
    calendar = b""
    if registration is None or registration.status == Registration.Status.CONFIRMED or _is_asked(invitation):
        calendar = ical.request(
            meeting,
            invitation,
            partstat=str(invitation.partstat),
            rsvp=_is_asked(invitation),
            link=personal_link(invitation),
        )
    message = _put(
        invitation,
        template="invitation",
        kind="invitation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:invitation:{meeting.ics_sequence}:{round_number}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        mailing=mailing,
        shared=shared,
        note=note,
        registration=registration,
        place_in_line=place_in_line,
    )
    _remember(invitation, message)
    return message


def save_the_date(invitation: Invitation, *, mailing: Mailing, shared: dict[str, Any] | None = None) -> OutboxMessage:
    """The date alone, as a tentative entry: nothing is asked, and the link is the public page's."""
    meeting = invitation.meeting
    message = _put(
        invitation,
        template="save_the_date",
        kind="save_the_date",
        key=f"invitation:{meeting.pk}:{invitation.pk}:save_the_date:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.request(meeting, invitation, partstat=str(invitation.partstat), rsvp=False),
        method="REQUEST",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
    )
    _remember(invitation, message)
    return message


def _entry_link(invitation: Invitation) -> str:
    """What the calendar entry leads to: the personal page, once the person is invited."""
    return "" if invitation.is_only_noted else personal_link(invitation)


def _is_asked(invitation: Invitation) -> bool:
    return invitation.partstat == PartStat.NEEDS_ACTION


def reminder(
    invitation: Invitation, *, mailing: Mailing, number: int, is_last: bool, shared: dict[str, Any] | None = None
) -> OutboxMessage:
    """The same link again; without a calendar part, which would be a second entry in some programs."""
    meeting = invitation.meeting
    return _put(
        invitation,
        template="reminder",
        kind="reminder",
        key=f"invitation:{meeting.pk}:{invitation.pk}:reminder:{meeting.ics_sequence}:{number}",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        is_last=is_last,
    )


def change(
    invitation: Invitation,
    change: MeetingChange,
    *,
    mailing: Mailing,
    asks: bool,
    shared: dict[str, Any] | None = None,
) -> OutboxMessage:
    """Moved, postponed, reinstated or corrected: old → new. `asks`: the answer is asked for again."""
    meeting = invitation.meeting
    partstat = PartStat.NEEDS_ACTION if asks else invitation.partstat
    message = _put(
        invitation,
        template=CHANGE_TEMPLATES[change.kind],
        kind="meeting_change",
        key=f"invitation:{meeting.pk}:{invitation.pk}:{change.kind}:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.request(meeting, invitation, partstat=str(partstat), rsvp=asks, link=_entry_link(invitation)),
        method="REQUEST",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        change=change,
        asks=asks,
    )
    _remember(invitation, message)
    return message


def cancellation(
    invitation: Invitation, change: MeetingChange, *, mailing: Mailing, shared: dict[str, Any] | None = None
) -> OutboxMessage:
    meeting = invitation.meeting
    message = _put(
        invitation,
        template="cancellation",
        kind="meeting_cancellation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:cancelled:{meeting.ics_sequence}:{mailing.round}",
        calendar=ical.cancel(meeting, invitation),
        method="CANCEL",
        mailing=mailing,
        shared=shared or meeting_context(meeting),
        change=change,
    )
    _remember(invitation, message)
    return message


def withdrawn(invitation: Invitation, *, reason: str) -> OutboxMessage:
    """One person is no longer invited; the meeting takes place (CANCEL without STATUS)."""
    meeting = invitation.meeting
    return _put(
        invitation,
        template="withdrawn",
        kind="withdrawn",
        key=f"invitation:{meeting.pk}:{invitation.pk}:withdrawn:{meeting.ics_sequence}:{invitation.link_version}",
        calendar=ical.cancel(meeting, invitation, whole_event=False),
        method="CANCEL",
        shared=meeting_context(meeting),
        reason=reason,
    )


def confirmation(
    invitation: Invitation, answer: Answer, registration: Registration | None, *, place_in_line: int = 0
) -> OutboxMessage:
    """What arrived, and whether there is a seat. A seat comes with the calendar entry, a waiting list does not."""
    meeting = invitation.meeting
    has_seat = registration is not None and registration.status == Registration.Status.CONFIRMED
    calendar = b""
    if has_seat and invitation.partstat == PartStat.ACCEPTED:
        calendar = ical.request(
            meeting, invitation, partstat=str(invitation.partstat), rsvp=False, link=personal_link(invitation)
        )
    return _put(
        invitation,
        template="confirmation",
        kind="confirmation",
        key=f"invitation:{meeting.pk}:{invitation.pk}:confirmation:{meeting.ics_sequence}:{answer.pk}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        shared=meeting_context(meeting),
        answer=answer,
        registration=registration,
        place_in_line=place_in_line,
    )


def seat_news(invitation: Invitation, registration: Registration, *, news: str, cause: str) -> OutboxMessage:
    """`news`: "moved_up" from the waiting list, "confirmed" by the coordinator, "returned" by the deputy,
    "released" because nobody confirmed in time. `cause` makes the key unique."""
    meeting = invitation.meeting
    has_seat = news in ("moved_up", "confirmed")
    calendar = b""
    if has_seat:
        calendar = ical.request(
            meeting, invitation, partstat=str(PartStat.ACCEPTED), rsvp=False, link=personal_link(invitation)
        )
    return _put(
        invitation,
        template="seat",
        kind="seat",
        key=f"invitation:{meeting.pk}:{invitation.pk}:{news}:{meeting.ics_sequence}:{cause}",
        calendar=calendar,
        method="REQUEST" if calendar else "",
        shared=meeting_context(meeting),
        news=news,
        registration=registration,
    )


def new_link(email: str, invitations: Sequence[Invitation], *, now: datetime) -> OutboxMessage:
    """The personal links of one address again; at most one mail an hour."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()[:24]
    rows = [(row.meeting, personal_link(row)) for row in invitations]
    subject, text, html = mail.render("meetings/new_link", {"greeting": invitations[0].greeting, "rows": rows})
    return queue.put(
        key=f"new-link:{digest}:{now:%Y%m%d%H}",
        kind="new_link",
        recipient=email,
        recipient_name=invitations[0].name,
        subject=subject,
        text=text,
        html=html,
        priority=CONFIRM_PRIORITY,
    )


def request_received(request: InvitationRequest) -> OutboxMessage:
    return _request_mail(request, "request_received")


def request_declined(request: InvitationRequest) -> OutboxMessage:
    """The coordinator's text goes into the mail. An accepted request is answered by the invitation itself."""
    return _request_mail(request, "request_declined")


def _request_mail(request: InvitationRequest, template: str) -> OutboxMessage:
    meeting = request.meeting
    subject, text, html = mail.render(
        f"meetings/{template}",
        {**meeting_context(meeting), "request": request, "greeting": f"Guten Tag {request.name}"},
    )
    return queue.put(
        key=f"invitation-request:{request.pk}:{template}",
        kind="invitation_request",
        recipient=request.email,
        recipient_name=request.name,
        subject=subject,
        text=text,
        html=html,
        priority=CONFIRM_PRIORITY,
        sender=sender_of(meeting),
        reference=f"meetings.InvitationRequest:{request.pk}",
    )


def _put(
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


def _remember(invitation: Invitation, message: OutboxMessage) -> None:
    """Which mail carried the calendar entry last, and its SEQUENCE."""
    invitation.message, invitation.sequence_sent = message, invitation.meeting.ics_sequence
    invitation.skip_history_when_saving = True  # type: ignore[attr-defined]  # the outbox row is the record of it
    try:
        invitation.save(update_fields=["message", "sequence_sent"])
    finally:
        del invitation.skip_history_when_saving  # type: ignore[attr-defined]
