"""Job: addresses to which mail does not arrive."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from regions.models import ContactPerson


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
