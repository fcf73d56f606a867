"""Job: subscribe to "Neu im Netzwerk" by e-mail, confirm, change, end, take up again; and delete what is over.

Whoever asks for a subscription only causes a mail: nobody can sign up another person, and the page's answer tells
nobody whether an address is known. Everything after that is done by personal links, without login.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from documentation import emails
from documentation.models import Subscription
from documentation.models.subscription import KEPT_DAYS
from mobipro import mail
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from regions.models import FormReceipt, Region, Topic

log = logging.getLogger(__name__)

PURPOSE: Final = "subscription"  # of the form's receipt
End, Kind = Subscription.End, Subscription.Kind
FAILED_LIMIT: Final = 2  # so many weekly mails refused for good, one after the other, say that the address is dead


class SubscriptionError(Exception):
    """The step is not possible; the text says why and what to do, in German."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to read about; no region or topic means all of them."""

    kinds: Sequence[str]
    regions: Sequence[Region] = ()
    topics: Sequence[Topic] = ()


@transaction.atomic
def request(*, email: str, wish: Wish, form_id: "uuid.UUID | str", now: datetime | None = None) -> None:
    """Somebody asks for a subscription: she gets a mail, at most one an hour.

    A subscriber gets the link to her settings and keeps them as they are, everybody else the link that confirms.
    Raises ValueError for an address that is none, AlreadyReceived for a form that had its effect.
    """
    now = now or timezone.now()
    address = mail.normalise_address(email)
    FormReceipt.take(form_id, purpose=PURPOSE)
    row = _row_of(address)
    if row.is_active:
        emails.settings_link(row, now=now)
        return
    if row.ended_at is not None:
        # A new agreement with new links; those in old mails can still end it (see Subscription's page).
        row.ended_at, row.end_reason, row.confirmed_at, row.last_sent_through = None, "", None, None
        row.link_version += 1
    row.requested_at = now
    _apply(row, wish)
    emails.confirmation(row, now=now)


def _row_of(address: str) -> Subscription:
    rows = Subscription.objects.select_for_update().filter(email__iexact=address)
    found = rows.first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Subscription.objects.create(email=address)
    except IntegrityError:  # two forms at once
        return rows.get()


def _apply(row: Subscription, wish: Wish) -> None:
    row.documentations = Kind.DOCUMENTATIONS in wish.kinds
    row.practices = Kind.PRACTICES in wish.kinds
    row.meetings = Kind.MEETINGS in wish.kinds
    if not row.kinds:
        raise SubscriptionError("Wählen Sie mindestens eines aus: Dokumentationen, Gute Praxis oder Termine.")
    row.save()
    row.regions.set(wish.regions)
    row.topics.set(wish.topics)


@transaction.atomic
def confirm(*, subscription: Subscription, now: datetime | None = None) -> Subscription:
    """The person opened the link of the mail and pressed the button; from now on she is told what is new."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if row.confirmed_at is None:
        row.confirmed_at = row.last_sent_through = now or timezone.now()
        row.save()
    return row


def purpose_of_change(subscription: Subscription) -> str:
    return f"subscription.change:{subscription.pk}"


@transaction.atomic
def change(*, subscription: Subscription, wish: Wish, form_id: "uuid.UUID | str") -> Subscription:
    """Another choice. Raises SubscriptionError when the subscription has ended, AlreadyReceived as `request`."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    FormReceipt.take(form_id, purpose=purpose_of_change(row))
    if not row.is_active:
        raise SubscriptionError("Ihr Abo ist beendet. Wählen Sie „Wieder abonnieren“, bevor Sie die Auswahl ändern.")
    _apply(row, wish)
    return row


@transaction.atomic
def end(*, subscription: Subscription, reason: str = End.PERSON, now: datetime | None = None) -> Subscription:
    """No further mail, also not one that waits already (see still_subscribed). Twice has the effect of once."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if row.is_active:
        row.ended_at, row.end_reason = now or timezone.now(), reason
        row.save()
    return row


@transaction.atomic
def resume(*, subscription: Subscription, now: datetime | None = None) -> Subscription:
    """ "Wieder abonnieren" on her own page, with the choice of before; what came meanwhile is not made up for."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if row.ended_at is not None:
        row.ended_at, row.end_reason, row.last_sent_through = None, "", now or timezone.now()
        row.save()
    return row


@transaction.atomic
def end_unreachable(address: str) -> None:
    """Mail to this address does not arrive (registered with mobipro.outbox.bounces)."""
    for row in Subscription.objects.active().filter(email__iexact=address):
        end(subscription=row, reason=End.UNREACHABLE)


@transaction.atomic
def erase(*, subscription: Subscription, by: Any) -> None:
    """Delete the address wherever this subscription put it: its row and its mails in the outbox."""
    queue.forget(kinds=emails.KINDS, references=[emails.reference_of(subscription)])
    log.info("%s erased by user %s", subscription, getattr(by, "pk", None))
    subscription.delete()


@transaction.atomic
def tidy(*, now: datetime | None = None) -> int:
    """End what the mail server refuses, delete what is over; gives the number of deleted subscriptions."""
    now = now or timezone.now()
    failed = OutboxMessage.objects.filter(kind=emails.DIGEST, state=State.FAILED).order_by().values("reference")
    dead = failed.annotate(number=Count("pk")).filter(number__gte=FAILED_LIMIT)
    keys = [int(row["reference"].rpartition(":")[2]) for row in dead]
    for row in Subscription.objects.active().filter(pk__in=keys):
        end(subscription=row, reason=End.UNREACHABLE, now=now)
    over = list(Subscription.objects.select_for_update().to_erase(now))
    queue.forget(kinds=emails.KINDS, references=[emails.reference_of(row) for row in over])
    Subscription.objects.filter(pk__in=[row.pk for row in over]).delete()
    queue.forget(kinds=emails.KINDS, created_before=now - timedelta(days=KEPT_DAYS))
    return len(over)
