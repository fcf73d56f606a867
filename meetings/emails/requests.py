"""Mails around an invitation: the personal links again, and what became of a request to be invited."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from meetings.emails.base import CONFIRM_PRIORITY, meeting_context, personal_link, sender_of
from meetings.models import Invitation, InvitationRequest
from mobipro import mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage


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
