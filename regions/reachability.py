"""Who of a project can be reached by mail and who stands in for her; the job for addresses that nothing reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from regions.models import ContactAssignment, ContactPerson


def obstacle(contact: ContactPerson) -> str:
    """Why the person gets no mail now; empty when she does."""
    if contact.status == ContactPerson.Status.LEFT:
        return "ausgeschieden" if contact.successor_id else "ausgeschieden, keine Nachfolge eingetragen"
    if contact.bounced_at is not None:
        return f"Mail unzustellbar seit {timezone.localtime(contact.bounced_at):%d.%m.%Y}"
    if contact.status == ContactPerson.Status.ON_LEAVE:
        return f"abwesend bis {contact.on_leave_until:%d.%m.%Y}" if contact.on_leave_until else "abwesend"
    return ""


@dataclass(frozen=True)
class Reached:
    """The one person who is written to for a project, and why she."""

    contact: ContactPerson
    reason: str


def speaker_of(assignments: Sequence[ContactAssignment]) -> Reached | None:
    """Who answers for a project: the main contact, her successor or deputy, else whoever else can be reached.

    Takes the project's valid assignments, main contacts first and deputies last; None when nobody can be reached.
    """
    deputies = [row.contact for row in assignments if row.is_deputy and not obstacle(row.contact)]
    for row in assignments:
        if row.is_deputy:
            continue
        function = "Hauptkontakt" if row.is_primary else row.get_function_display()
        why_not = obstacle(row.contact)
        if not why_not:
            return Reached(row.contact, function)
        successor = row.contact.successor
        if row.contact.status == ContactPerson.Status.LEFT and successor is not None and not obstacle(successor):
            return Reached(successor, f"Nachfolge von {row.contact.full_name}: {function}")
        if row.is_primary and deputies:
            return Reached(deputies[0], f"in Vertretung von {row.contact.full_name} ({why_not})")
    return Reached(deputies[0], "Vertretung") if deputies else None


@transaction.atomic
def mark_undeliverable(*, email: str, now: datetime | None = None) -> int:
    """Note it at the contact with this address, with the day of the first report; gives how many were marked.

    She gets no invitation until somebody corrects the address, which takes the mark away.
    """
    marked = 0
    for contact in ContactPerson.objects.select_for_update().filter(email__iexact=email, bounced_at=None):
        contact.bounced_at = now or timezone.now()
        contact._history_user = None  # type: ignore[attr-defined]
        contact._change_reason = "Mail unzustellbar"  # type: ignore[attr-defined]
        contact.save()
        marked += 1
    return marked
