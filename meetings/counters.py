"""Job: answer somebody whose calendar program proposed another time (COUNTER, RFC 5546 §3.2.7 and §3.2.8).

Accepting is a move like any other and tells everybody; declining tells only her, her entry stays as it is.
"""

from typing import Any

from django.db import transaction

from meetings import emails, incoming, scheduling
from meetings.models import IncomingMail, Meeting, MeetingChange
from mobipro.templatetags.portal import day_time

_STANDING = (Meeting.Status.SAVE_THE_DATE, Meeting.Status.INVITED, Meeting.Status.REGISTRATION_CLOSED)


def is_open(row: IncomingMail) -> bool:
    """Whether both answers are possible: an invited person's proposal, while the meeting's date stands."""
    if row.state != IncomingMail.State.WAITING or row.kind != IncomingMail.Kind.COUNTER or row.proposed_start is None:
        return False
    if row.invitation is None or row.invitation.withdrawn_at is not None:
        return False
    meeting = row.invitation.meeting
    return meeting.status in _STANDING and not meeting.has_started


@transaction.atomic
def keep_date(*, proposal: IncomingMail, by: Any) -> IncomingMail:
    """The date stays: one mail with METHOD:DECLINECOUNTER to the person. Raises IncomingError, also a second time."""
    row = incoming.waiting(proposal)
    if not is_open(row) or row.invitation is None:
        raise incoming.IncomingError("Diesen Vorschlag können Sie so nicht beantworten. Schließen Sie die Mail ab.")
    row.invitation.meeting = scheduling.lock(row.invitation.meeting)
    if not is_open(row):  # moved on before the lock was ours
        raise incoming.IncomingError("Das Treffen hat sich inzwischen geändert. Laden Sie die Seite neu.")
    emails.counter_declined(row.invitation, row)
    return incoming.settle(row, by, "Bleibt beim Termin; die Person bekommt eine Mail")


@transaction.atomic
def move(*, proposal: IncomingMail, by: Any, **values: Any) -> MeetingChange:
    """`scheduling.move` with these values, which settles the proposal too. Raises what that raises."""
    row = IncomingMail.objects.select_for_update().get(pk=proposal.pk)  # before the meeting, as everywhere
    change = scheduling.move(by=by, **values)
    if row.state == IncomingMail.State.WAITING:
        incoming.settle(row, by, f"Verschoben auf {day_time(change.new_starts_at, change.new_ends_at)}")
    return change
