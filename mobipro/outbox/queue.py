"""Job: write a mail into the outbox, and what people may do with it afterwards."""

import logging
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, NotRequired, TypedDict, Unpack

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mobipro import mail
from mobipro.outbox.models import OutboxMessage, OutboxQuerySet, State

log = logging.getLogger(__name__)

DELIVER = "mobipro.outbox.tasks.deliver"  # by name: the tasks import delivery, which imports this module
RING_AHEAD = timedelta(minutes=10)  # the broker keeps no later appointment; the sweeper does


class OutboxError(Exception):
    """The step is not possible for this mail; the text says why, in German."""


class Letter(TypedDict):
    """What one mail needs. `key` says what for: the same key never gives a second mail.

    Mails of one `thread` (for example "meeting:12:contact:5") go out in the order in which they were written.
    """

    key: str
    kind: str
    recipient: str
    subject: str
    text: str
    recipient_name: NotRequired[str]
    html: NotRequired[str]
    calendar: NotRequired[str]
    calendar_method: NotRequired[str]
    group: NotRequired[str]
    thread: NotRequired[str]
    reference: NotRequired[str]
    priority: NotRequired[int]
    not_before: NotRequired[datetime | None]
    headers: NotRequired[Mapping[str, str] | None]
    sender: NotRequired[str | None]
    reply_to: NotRequired[str | None]
    envelope_from: NotRequired[str | None]


def put(**letter: Unpack[Letter]) -> OutboxMessage:
    """Write one mail to one person; it goes out after the caller's transaction was committed.

    The same key gives the existing row: no second mail. Raises ValueError with a German text for an address that
    is none or a header that is not ours to set, and RuntimeError outside a transaction: the mail must not survive
    its cause.
    """
    _need_transaction()
    message, is_new = OutboxMessage.objects.get_or_create(key=letter["key"], defaults=_checked(letter))
    if is_new:
        _ring_on_commit(message.not_before)
    return message


def put_all(letters: Iterable[Letter]) -> None:
    """The same for many mails, in a number of queries that does not grow with them; known keys are left out."""
    _need_transaction()
    rows = [OutboxMessage(key=letter["key"], **_checked(letter)) for letter in letters]
    if not rows:
        return
    for row in rows:
        row.refresh_search()
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    _ring_on_commit(min(row.not_before for row in rows))


def _need_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("outbox.queue.put() belongs into the transaction that causes the mail.")


def _checked(letter: Letter) -> dict[str, Any]:
    """The columns of a row, made safe for headers and bodies."""
    headers = dict(letter.get("headers") or {})
    for name, value in headers.items():
        mail.check_header(name, value)
    sender = mail.normalise_mailbox(letter.get("sender") or settings.DEFAULT_FROM_EMAIL)
    reply_to = letter.get("reply_to")
    return {
        "kind": letter["kind"],
        "priority": letter.get("priority", 5),
        "group": letter.get("group", ""),
        "thread": letter.get("thread", ""),
        "reference": letter.get("reference", ""),
        "sender": sender,
        "reply_to": mail.normalise_mailbox(reply_to) if reply_to else "",
        "envelope_from": letter.get("envelope_from") or parseaddr(sender)[1],
        "recipient": mail.normalise_address(letter["recipient"]),
        "recipient_name": mail.header_text(letter.get("recipient_name", ""))[:200],
        "subject": mail.header_text(letter["subject"])[: mail.MAX_SUBJECT],
        "text": mail.body_text(letter["text"]),
        "html": mail.body_text(letter.get("html", "")),
        "calendar": mail.body_text(letter.get("calendar", "")),
        "calendar_method": letter.get("calendar_method", ""),
        "headers": headers,
        "not_before": letter.get("not_before") or timezone.now(),
    }


@transaction.atomic
def hold(*, group: str, by: Any) -> int:
    """Stop what has not gone out yet of a sending; gives the number of mails held."""
    return (
        OutboxMessage.objects.for_group(group)
        .filter(state=State.QUEUED)
        .update(state=State.HELD, claimed_by="", claimed_at=None, note=_note("Angehalten", by))
    )


@transaction.atomic
def release(*, group: str, by: Any) -> int:
    """Let a held sending go on; gives the number of mails."""
    number = (
        OutboxMessage.objects.for_group(group)
        .filter(state=State.HELD)
        .update(state=State.QUEUED, note=_note("Freigegeben", by))
    )
    if number:
        _ring_on_commit(timezone.now())
    return number


@transaction.atomic
def withdraw(
    *, by: Any, group: str | None = None, keys: Iterable[str] | None = None, thread: str | None = None, reason: str = ""
) -> int:
    """Take back mails that have not gone out, chosen by sending, keys or thread; gives their number."""
    chosen: OutboxQuerySet = OutboxMessage.objects.filter(state__in=[State.QUEUED, State.HELD])
    if group:
        chosen = chosen.filter(group=group)
    elif thread:
        chosen = chosen.filter(thread=thread)
    elif keys is not None:
        chosen = chosen.filter(key__in=list(keys))
    else:
        raise ValueError("Nothing chosen to withdraw.")
    return chosen.update(
        state=State.WITHDRAWN, claimed_by="", claimed_at=None, note=_note(reason or "Zurückgezogen", by)
    )


@transaction.atomic
def resend(*, message: OutboxMessage, by: Any) -> OutboxMessage:
    """Send a failed or unclear mail again: the same row, the same Message-ID.

    Raises OutboxError when it is in another state, or when a newer mail of the same thread is already out:
    an old invitation must not arrive after the cancellation.
    """
    locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if locked.state not in {State.FAILED, State.UNCLEAR}:
        raise OutboxError(f"Diese Mail kann nicht erneut gesendet werden: Sie ist {locked.get_state_display()}.")
    newer = OutboxMessage.objects.filter(thread=locked.thread, pk__gt=locked.pk)
    if locked.thread and newer.exclude(state__in=[State.QUEUED, State.HELD, State.WITHDRAWN]).exists():
        raise OutboxError(
            "Diese Person hat schon eine neuere Mail zum selben Treffen bekommen. Senden Sie stattdessen eine neue."
        )
    locked.state, locked.attempts, locked.not_before = State.QUEUED, 0, timezone.now()
    locked.claimed_by, locked.claimed_at, locked.note = "", None, _note("Erneut gesendet", by)
    locked.save()
    _ring_on_commit(locked.not_before)
    return locked


@transaction.atomic
def mark_arrived(*, message: OutboxMessage, by: Any) -> OutboxMessage:
    """A person says that an unclear mail arrived. Raises OutboxError in any other state."""
    locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if locked.state != State.UNCLEAR:
        raise OutboxError(f"Nur unklare Mails lassen sich so abschließen; diese ist {locked.get_state_display()}.")
    locked.state, locked.sent_at = State.SENT, locked.claimed_at or timezone.now()
    locked.note = _note("Als angekommen vermerkt", by)
    locked.save()
    return locked


@transaction.atomic
def forget(
    *, kinds: Iterable[str], references: Iterable[str] | None = None, created_before: datetime | None = None
) -> int:
    """Delete mails of these kinds, with addresses and texts; gives their number.

    Chosen by their references, or by their age. What is just being handed over stays: its fate must be written down.
    """
    chosen = OutboxMessage.objects.filter(kind__in=list(kinds)).exclude(state=State.HANDING_OVER)
    if references is not None:
        chosen = chosen.filter(reference__in=list(references))
    elif created_before is not None:
        chosen = chosen.filter(created_at__lt=created_before)
    else:
        raise ValueError("Nothing chosen to forget.")
    return chosen.delete()[0]


def random_key(kind: str) -> str:
    """A key for a mail that may be written any number of times, such as a login code."""
    return f"{kind}:{uuid.uuid4()}"


def _note(what: str, by: Any) -> str:
    when = timezone.localtime().strftime("%d.%m.%Y, %H:%M Uhr")
    return f"{what} am {when}" + (f" von {by}" if by is not None else "")[:200]


# --- the bell ------------------------------------------------------------------------------------
def _ring_on_commit(not_before: datetime) -> None:
    """Wake a worker after the commit, once a transaction. The row is the truth: a lost bell costs seconds."""
    wait = not_before - timezone.now()
    if wait > RING_AHEAD:
        return
    bell = ring if wait <= timedelta(0) else ring_later
    connection = transaction.get_connection()
    if not any(entry[1] is bell for entry in connection.run_on_commit):
        transaction.on_commit(bell)


def ring() -> None:
    """Ask a worker to deliver now; a broker that is down is only logged, the sweeper delivers then."""
    _ring(0)


def ring_later() -> None:
    """The same at the time when the sending that was just written is due."""
    first = OutboxMessage.objects.filter(state=State.QUEUED, not_before__gt=timezone.now()).order_by("not_before")
    due_at = first.values_list("not_before", flat=True).first()
    if due_at is not None:
        _ring(max(0, (due_at - timezone.now()).total_seconds()) + 0.2)


def _ring(countdown: float) -> None:
    try:
        current_app.send_task(DELIVER, countdown=countdown or None, expires=3600, retry=False)
    except Exception:  # whatever the broker raises: the mail is safe in its row
        log.warning("The broker does not answer; the sweeper delivers.", exc_info=True)
