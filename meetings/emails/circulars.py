"""One mail to everybody whom a kind of mail concerns (meetings.circulars)."""

from typing import Any

from meetings.emails.base import put
from meetings.models import Invitation, Mailing
from mobipro.outbox.models import OutboxMessage


def circular(invitation: Invitation, *, mailing: Mailing, shared: dict[str, Any]) -> OutboxMessage:
    """The mail of this sending to one person; kind and template carry the sending's name."""
    meeting = invitation.meeting
    return put(
        invitation,
        template=mailing.kind,
        kind=mailing.kind,
        key=f"invitation:{meeting.pk}:{invitation.pk}:{mailing.kind}:{meeting.ics_sequence}:{mailing.round}",
        mailing=mailing,
        shared=shared,
    )
