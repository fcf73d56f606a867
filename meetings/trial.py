"""Job: send a mail to oneself first, as it would reach somebody else."""

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from django.db import transaction

from meetings import circulars, emails
from meetings.circulars import Circular
from meetings.invitations import Preview
from meetings.models import Invitation, Meeting
from meetings.recipients import Candidate
from mobipro import links
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage


@transaction.atomic
def send_to_self(
    *, meeting: Meeting, candidate: Candidate, render: Callable[[Meeting, Candidate], Preview], by: Any
) -> OutboxMessage:
    """The mail that this person would get, to `by`: with a calendar entry of its own UID (so that it never meets the
    real one). `render` is the preview of the invitation or of the Save the Date; nobody is invited. Raises
    InvitationError without a date.
    """
    trial, contact = copy(meeting), copy(candidate.contact)
    trial.ics_uid, contact.email = uuid.uuid4(), by.email
    return put(meeting=meeting, mail=render(trial, replace(candidate, contact=contact)), by=by)


@transaction.atomic
def send_circular(*, meeting: Meeting, circular: Circular, invitation: Invitation, by: Any) -> OutboxMessage:
    """The same for a mail to everybody who takes part, as this person would get it."""
    return put(meeting=meeting, mail=circulars.preview(circular, meeting, invitation), by=by)


def put(*, meeting: Meeting, mail: Preview, by: Any) -> OutboxMessage:
    """A mail as a preview shows it, to `by`: marked "Probe", its personal links lead to the meeting's public page."""
    public_url = links.absolute(meeting.get_absolute_url())
    return queue.put(
        key=queue.random_key("trial"),
        kind="trial",
        recipient=by.email,
        recipient_name=str(by),
        subject=f"Probe: {mail.subject}",
        text=mail.text.replace(links.MASK, public_url),
        html=mail.html.replace(links.MASK, public_url),
        calendar=mail.ics.replace(links.MASK, public_url),
        calendar_method="REQUEST" if mail.ics else "",
        priority=emails.CONFIRM_PRIORITY,
        sender=emails.sender_of(meeting),
    )
