"""Mails that came back: each envelope has a sender of its own (VERP), and a delivery report finds its row by it.

The address is "bounce+<row>-<mac>@…" below the setting BOUNCE_ADDRESS, derived with LINK_KEY: a stranger cannot
declare somebody's address dead. All lower case and digits, since some relays change the case.
"""

import base64
import hmac
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mobipro import links
from mobipro.outbox.models import Bounce, OutboxMessage

SOFT_WEEKS: Final = 5  # so many soft bounces within so many weeks count as a hard one
SOFT_LIMIT: Final = 3
_MAC_BYTES: Final = 10
_told: list[Callable[[str], object]] = []
_RANK: Final = {"": 0, Bounce.DELAYED: 1, Bounce.SOFT: 2, Bounce.HARD: 3}


def envelope_sender(message: OutboxMessage) -> str:
    """MAIL FROM of this mail: an address that only its delivery report will use, or the row's own."""
    local, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    if not local:
        return message.envelope_from
    return f"{local}+{message.pk}-{_mac(message.pk)}@{domain}"


def find(recipients: Iterable[str], about: Iterable[str]) -> OutboxMessage | None:
    """The mail that a report is about: by the address that it was sent to, else by our Message-ID in it."""
    local, _, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    if local:
        pattern = re.compile(rf"{re.escape(local)}\+([1-9]\d{{0,17}})-([a-z2-7]+)@{re.escape(domain)}", re.ASCII)
        for recipient in recipients:
            found = pattern.fullmatch(recipient.strip().lower())
            if found and hmac.compare_digest(found[2], _mac(int(found[1]))):
                return OutboxMessage.objects.filter(pk=int(found[1])).first()
    return find_by_message_id(about)


def find_by_message_id(about: Iterable[str]) -> OutboxMessage | None:
    """The newest of our mails among these Message-IDs; their uuid is known to the recipient only."""
    keys = [key for one in about if (key := _uuid(one)) is not None]
    return OutboxMessage.objects.filter(uuid__in=keys).order_by("-pk").first() if keys else None


@transaction.atomic
def record(*, message: OutboxMessage, bounce: str, words: str, now: datetime | None = None) -> OutboxMessage:
    """Write down that the mail came back, or waits on its way; a worse report replaces a milder one."""
    locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if _RANK[bounce] >= _RANK[locked.bounce]:
        locked.bounce, locked.bounce_words, locked.bounced_at = bounce, words[:1000], now or timezone.now()
        locked.save()
    return locked


def is_unreachable(address: str, now: datetime | None = None) -> bool:
    """Whether the reports of the last weeks say that mail to this address does not arrive."""
    since = (now or timezone.now()) - timedelta(weeks=SOFT_WEEKS)
    reports = OutboxMessage.objects.filter(recipient=address, bounced_at__gte=since)
    return reports.filter(bounce=Bounce.HARD).exists() or reports.filter(bounce=Bounce.SOFT).count() >= SOFT_LIMIT


def when_unreachable(function: Callable[[str], object]) -> None:
    """`function(address)` is called when mail to an address does not arrive; an app registers in AppConfig.ready."""
    if function not in _told:
        _told.append(function)


def tell_unreachable(address: str) -> None:
    """Tell the apps above that mail to this address does not arrive, in the transaction that noted the report."""
    for function in _told:
        function(address)


def _uuid(message_id: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(message_id.strip("<>").partition("@")[0])
    except ValueError:
        return None


def _mac(number: int) -> str:
    return base64.b32encode(links.mac("bounce", number, length=_MAC_BYTES)).decode().rstrip("=").lower()
