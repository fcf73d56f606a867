"""Hands each mail of the outbox to the relay: once, as far as SMTP allows.

queued → (claimed) → handing_over, committed before the first byte of the content → sent | failed | queued later |
unclear. A worker that dies leaves claimed rows, free again after a minute, and at most one row in mid-air, which
`recover` looks up in the relay's log or shows to a person; it is never sent again blindly.
"""

import copy
import logging
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F
from django.utils import timezone

from mobipro import links, mail
from mobipro.outbox import bounces, breaker, checks, queue, relay_log
from mobipro.outbox.models import CLAIM_SECONDS, OutboxMessage, State
from mobipro.outbox.smtp import Client, Interrupted, Refused, RelayDown

log = logging.getLogger(__name__)

BATCH: Final = 100  # rows of one claim, and mails of one connection
URGENT_EVERY: Final = 1.0  # seconds; how long a password mail waits behind bulk mail at most, besides one mail
FIRST_BACK_OFF: Final = 30  # seconds, doubled with each attempt …
LONGEST_BACK_OFF: Final = 4 * 60 * 60  # … up to four hours
MAX_ATTEMPTS: Final = 24  # about three days; then the relay's 4xx counts as final
BROKEN_IN_A_ROW: Final = 3  # connections lost one after the other: then it is the relay, not the mail


class _Outcome(Enum):
    DONE = "done"
    STALLED = "stalled"  # cost much time: let others have the rest of the batch
    RELAY_DOWN = "relay down"


def run(*, limit_seconds: float = 120.0) -> int:
    """Hand over everything that is due, for at most about `limit_seconds`; gives the number of mails sent."""
    ends = time.monotonic() + limit_seconds
    courier = _Courier()
    try:
        while time.monotonic() < ends and breaker.paused_until() is None:
            batch = claim(courier.worker)
            if not batch:
                break
            courier.carry(batch)
    finally:
        courier.leave()
    return courier.sent


def claim(worker: str, *, limit: int = BATCH, more_urgent_than: int | None = None) -> list[OutboxMessage]:
    """Due rows that belong to this worker for the next minute."""
    now = timezone.now()
    with transaction.atomic():
        due = OutboxMessage.objects.due(now)
        if more_urgent_than is not None:
            due = due.filter(priority__lt=more_urgent_than)
        # One path for both databases: SQLite ignores the lock and is safe because its transactions are IMMEDIATE.
        # Keys first: sorting the rows with their texts cost as much as sending them.
        keys = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit])
        if not keys:
            return []
        OutboxMessage.objects.filter(pk__in=keys).update(claimed_by=worker, claimed_at=now)
    rows = OutboxMessage.objects.in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def recover() -> int:
    """Settle rows in mid-air whose worker is gone; gives their number."""
    stale = list(
        OutboxMessage.objects.filter(
            state=State.HANDING_OVER, claimed_at__lt=timezone.now() - timedelta(seconds=CLAIM_SECONDS)
        ).order_by("pk")[: 5 * BATCH]
    )
    if not stale:
        return 0
    findings = relay_log.look_up(settings.RELAY_LOG, {one.message_id for one in stale}) if settings.RELAY_LOG else None
    for message in stale:
        found = findings[message.message_id] if findings is not None else None
        # The same claim as read: a worker that was only slow has settled it meanwhile.
        OutboxMessage.objects.filter(
            pk=message.pk, state=State.HANDING_OVER, claimed_at=message.claimed_at, claimed_by=message.claimed_by
        ).update(attempts=F("attempts") + 1, **_recovered(message, found))
    return len(stale)


def _recovered(message: OutboxMessage, found: relay_log.Finding | None) -> dict[str, Any]:
    if found is None:
        return {
            "state": State.UNCLEAR,
            "last_error": message.last_error or "Die Übergabe brach ab. Ob die Mail ankam, ist nicht bekannt.",
        }
    if found.verdict is relay_log.Verdict.ABSENT:
        return {"state": State.QUEUED, "claimed_by": "", "claimed_at": None, "not_before": timezone.now()}
    if found.verdict is relay_log.Verdict.BOUNCED:
        return {"state": State.FAILED, "last_error": found.words, "relay_reply": found.words}
    return {"state": State.SENT, "sent_at": message.claimed_at, "relay_reply": found.words, **_forgotten(message)}


class _Courier:
    """One worker process at work: its name on the claimed rows, its connection."""

    def __init__(self) -> None:
        self.worker = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(6)}"
        self.sent = 0
        self._broken = 0
        self._client: Client | None = None

    def carry(self, batch: list[OutboxMessage]) -> None:
        """Hand over the claimed rows one by one; more urgent ones that come meanwhile go first."""
        waiting = deque(batch)
        looked_at = time.monotonic()
        try:
            while waiting:
                if time.monotonic() - looked_at > URGENT_EVERY:
                    urgent = claim(self.worker, limit=10, more_urgent_than=waiting[0].priority)
                    waiting.extendleft(reversed(urgent))
                    looked_at = time.monotonic()
                outcome = self._settle(waiting.popleft())
                if outcome is _Outcome.STALLED and waiting:
                    break
                if outcome is _Outcome.RELAY_DOWN:
                    return
        finally:
            OutboxMessage.objects.filter(claimed_by=self.worker, state=State.QUEUED).update(
                claimed_by="", claimed_at=None
            )
        if waiting:
            queue.ring()  # another worker may go on while this one meets the next slow address

    def leave(self) -> None:
        if self._client is not None:
            self._client.leave()
            self._client = None

    def _settle(self, message: OutboxMessage) -> _Outcome:
        """One mail, to its next state."""
        content = self._content(message)
        if content is None:
            return _Outcome.DONE
        try:
            words = self._hand_over(message, content)
        except RelayDown as error:
            return self._give_up_relay(message, str(error))
        except Refused as error:
            self._broken = 0
            if error.permanent:
                self._record(message, state=State.FAILED, last_error=error.words, relay_reply=error.words)
            else:
                self._later(message, error.words)
            return _Outcome.DONE
        except Interrupted as error:
            return self._interrupted(message, error)
        if words is not None:
            self._broken = 0
            self.sent += 1
            self._record(
                message,
                state=State.SENT,
                sent_at=timezone.now(),
                relay_reply=words,
                last_error="",
                **_forgotten(message),
            )
        return _Outcome.DONE

    def _content(self, message: OutboxMessage) -> bytes | None:
        """The finished mail; None when it must not go out, which is then settled."""
        try:
            reason = checks.reason_against(message)
        except Exception as error:  # an app's mistake must not stop the mails of the others
            log.exception("The check for mail %s failed", message.pk)
            self._later(message, f"Die Prüfung vor dem Versand schlug fehl: {type(error).__name__}")
            return None
        if reason is not None:
            self._record(message, state=State.WITHDRAWN, note=reason[:300])
            return None
        try:
            return mail.build(_filled(message))
        except Exception as error:
            log.exception("Mail %s cannot be built", message.pk)
            self._record(message, state=State.FAILED, last_error=f"Die Mail lässt sich nicht bauen: {error}"[:1000])
            return None

    def _hand_over(self, message: OutboxMessage, content: bytes) -> str | None:
        """The relay's words of acceptance; None when a person held or withdrew the mail just before."""
        client = self._connected()
        try:
            client.envelope(bounces.envelope_sender(message), message.recipient)
        except RelayDown:
            if not client.handed_over:
                raise
            client = self._reconnected()  # "421 enough mails for this connection"
            client.envelope(bounces.envelope_sender(message), message.recipient)
        if not self._begin(message):
            client.reset()
            return None
        return client.content(content)

    def _begin(self, message: OutboxMessage) -> bool:
        """The durable mark before the content goes out; False when the row is no longer ours to send."""
        now = timezone.now()
        changed = OutboxMessage.objects.filter(pk=message.pk, state=State.QUEUED, claimed_by=self.worker).update(
            state=State.HANDING_OVER, claimed_at=now
        )
        return changed == 1

    def _connected(self) -> Client:
        if self._client is None or self._client.sock is None or self._client.handed_over >= BATCH:
            return self._reconnected()
        return self._client

    def _reconnected(self) -> Client:
        self.leave()
        self._client = Client.open()
        breaker.record_success()
        return self._client

    def _interrupted(self, message: OutboxMessage, error: Interrupted) -> _Outcome:
        if not error.after_dot:
            self._later(message, str(error))
        elif settings.RELAY_LOG:
            # Stays in mid-air: the sweeper asks the log once the relay has had time to write it.
            OutboxMessage.objects.filter(pk=message.pk, claimed_by=self.worker).update(last_error=str(error))
        else:
            self._record(message, state=State.UNCLEAR, last_error=str(error))
        self._broken += 1
        if self._broken >= BROKEN_IN_A_ROW:
            breaker.record_failure(str(error))
            return _Outcome.RELAY_DOWN
        return _Outcome.STALLED if error.timed_out else _Outcome.DONE

    def _give_up_relay(self, message: OutboxMessage, words: str) -> _Outcome:
        """Nobody's fault but the relay's: the row waits without a counted attempt."""
        breaker.record_failure(words)
        OutboxMessage.objects.filter(pk=message.pk, claimed_by=self.worker, state=State.QUEUED).update(last_error=words)
        return _Outcome.RELAY_DOWN

    def _later(self, message: OutboxMessage, words: str) -> None:
        attempts = message.attempts + 1
        if attempts >= MAX_ATTEMPTS:
            self._record(message, state=State.FAILED, last_error=words, relay_reply=words)
            return
        wait = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** min(attempts - 1, 20))
        not_before = timezone.now() + timedelta(seconds=wait)
        self._record(
            message, state=State.QUEUED, not_before=not_before, last_error=words, claimed_by="", claimed_at=None
        )

    def _record(self, message: OutboxMessage, **changes: Any) -> None:
        """What became of the mail. Also over "unclear": the worker that was taken for dead knows better."""
        rows = OutboxMessage.objects.filter(
            pk=message.pk, claimed_by=self.worker, state__in=[State.QUEUED, State.HANDING_OVER, State.UNCLEAR]
        )
        _patiently(lambda: rows.update(attempts=F("attempts") + 1, **changes))


def _patiently(write: Callable[[], int]) -> None:
    """A database that restarts just now must not turn a sent mail into an unclear one."""
    for pause in (0.5, 1, 2, 4):
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if transaction.get_connection().in_atomic_block:
                raise
            log.warning("The database does not answer, trying again", exc_info=True)
            time.sleep(pause)
            close_old_connections()
    write()


def _filled(message: OutboxMessage) -> OutboxMessage:
    """A copy with real links, never saved."""
    filled = copy.copy(message)
    filled.text, filled.html = links.fill(message.text), links.fill(message.html)
    filled.calendar = links.fill_calendar(message.calendar) if message.calendar else ""
    filled.headers = {name: links.fill(value) for name, value in message.headers.items()}
    return filled


def _forgotten(message: OutboxMessage) -> dict[str, str]:
    return {"text": "", "html": ""} if message.is_secret else {}
