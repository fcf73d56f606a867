"""The circuit breaker: while the relay is down nobody tries, and no mail is blamed for it."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from mobipro.outbox.models import Relay

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 5  # seconds, doubled with each failure
LONGEST_PAUSE: Final = 60  # a relay that is back is noticed within a minute
_ONLY_ROW: Final = 1


def paused_until() -> datetime | None:
    """Until when nobody tries to connect; None when the relay may be used."""
    until = Relay.objects.filter(pk=_ONLY_ROW).values_list("closed_until", flat=True).first()
    return until if until is not None and until > timezone.now() else None


@transaction.atomic
def record_failure(words: str) -> None:
    """The relay could not be used; `words` say why. The next attempt waits longer each time."""
    Relay.objects.get_or_create(pk=_ONLY_ROW)
    relay = Relay.objects.select_for_update().get(pk=_ONLY_ROW)
    relay.failures += 1
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(relay.failures - 1, 10))
    relay.failed_at = timezone.now()
    relay.closed_until = relay.failed_at + timedelta(seconds=pause)
    relay.last_error = words
    relay.save()
    log.warning("The mail relay is down, next attempt in %s s: %s", pause, words)


def record_success() -> None:
    """The relay accepted something again; costs nothing but one look while it is well."""
    Relay.objects.filter(pk=_ONLY_ROW, failures__gt=0).update(failures=0, closed_until=None, last_error="")
