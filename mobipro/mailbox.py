"""Reading a mailbox over IMAP (RFC 9051): each unread mail once; it is marked as read when it was taken in."""

import imaplib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from mobipro.inbox import MAX_BYTES

log = logging.getLogger(__name__)

TIMEOUT: Final = 30  # seconds, for each answer of the server
BATCH: Final = 200  # mails of one run; the next run takes the rest


class MailboxError(Exception):
    """The mailbox cannot be read; the text says what to check."""


@dataclass(frozen=True)
class _Address:
    host: str
    port: int
    is_encrypted: bool
    user: str
    password: str
    folder: str


def each_unread(url: str, take: Callable[[bytes], object]) -> int:
    """Call `take` with each unread mail and mark it as read afterwards; gives their number.

    `url` is "imaps://user:password@host/INBOX" ("imap://" without encryption, for tests and local servers).
    When `take` raises, the mail stays unread and the others are still read; the next run tries it again.
    Raises MailboxError when the server does not answer or refuses the login.
    """
    address = _address(url)
    try:
        with _connect(address) as server:
            server.login(address.user, address.password)
            state, _ = server.select(f'"{address.folder}"')
            if state != "OK":
                raise MailboxError(f"Den Ordner „{address.folder}“ gibt es im Postfach nicht.")
            _, found = server.uid("SEARCH", "UNSEEN")
            numbers = (found[0] or b"").split()[:BATCH]
            return sum(_take_one(server, number.decode("ascii"), take) for number in numbers)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(f"Das Postfach auf {address.host} ist nicht lesbar: {error}") from error


def _take_one(server: imaplib.IMAP4, number: str, take: Callable[[bytes], object]) -> int:
    _, parts = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if raw is None:
        return 0  # somebody deleted it meanwhile
    try:
        take(raw)
    except Exception:  # one mail must not keep the others from being read
        log.exception("A received mail could not be taken in; it stays unread")
        return 0
    server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
    return 1


def _connect(address: _Address) -> imaplib.IMAP4:
    if address.is_encrypted:
        return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    return imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)


def _address(url: str) -> _Address:
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise MailboxError("INBOUND_URL hat die Form imaps://name:passwort@server/INBOX.")
    encrypted = parts.scheme == "imaps"
    return _Address(
        host=parts.hostname,
        port=parts.port or (993 if encrypted else 143),
        is_encrypted=encrypted,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")).replace('"', "") or "INBOX",
    )
