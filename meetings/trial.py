"""Job: send the invitation to oneself first, as it would reach somebody else."""

import uuid
from copy import copy
from dataclasses import replace
from typing import Any

from django.db import transaction

from meetings import emails, invitations
from meetings.models import Meeting
from meetings.recipients import Candidate
from mobipro import links
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage


@transaction.atomic
def send_to_self(*, meeting: Meeting, candidate: Candidate, by: Any) -> OutboxMessage:
    """The mail that this person would get, to `by`: marked "Probe", with a calendar entry of its own UID (so that it
    never meets the real one) and links to the public page. Nobody is invited. Raises InvitationError without a date.
    """
    trial, contact = copy(meeting), copy(candidate.contact)
    trial.ics_uid, contact.email = uuid.uuid4(), by.email
    mail = invitations.preview_mail(trial, replace(candidate, contact=contact))
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
        calendar_method="REQUEST",
        priority=emails.CONFIRM_PRIORITY,
        sender=emails.sender_of(meeting),
    )
