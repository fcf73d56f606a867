"""Reading a received mail: what kind it is, from whom, and which of our mails it is about.

Pure: nothing is stored or decided here. A mail comes from anybody, so nothing in it may raise: what cannot be read
is left empty, and the caller shows the mail to a person.
"""

import email.message
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum
from typing import Final

MAX_BYTES: Final = 10 * 1024 * 1024  # of one mail; what is longer is cut and can still be assigned by hand
MAX_TEXT: Final = 4000
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESS_HEADERS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(automatische antwort|automatic reply|auto(matische)?[ -]?reply|abwesenheit|abwesend|out of (the )?office)",
    re.IGNORECASE,
)
_PASSED = re.compile(r"\b(?:dkim|spf)\s*=\s*pass\b[^;]*?\b(?:header\.d|header\.i|smtp\.mailfrom)=([^\s;]+)")
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Kind(StrEnum):
    CALENDAR = "calendar"  # an answer or a proposal of a calendar program
    BOUNCE = "bounce"  # a delivery report (RFC 3464)
    AUTOMATIC = "automatic"  # out of office and the like (RFC 3834)
    TNEF = "tnef"  # winmail.dat: only Outlook can read it
    TEXT = "text"  # somebody wrote something


@dataclass(frozen=True)
class Delivery:
    """What a delivery report says about one recipient (RFC 3464 §2.3)."""

    recipient: str
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # "5.1.1" (RFC 3463)
    words: str  # the other mail server's, in one line

    @property
    def is_failed(self) -> bool:
        return self.action == "failed"

    @property
    def is_permanent(self) -> bool:
        """5.x.x; a failed one with 4.x.x gave up after trying for days and may work next time."""
        return self.is_failed and not self.status.startswith("4")


@dataclass(frozen=True)
class Received:
    """One mail as far as it can be read; `digest` is the same whenever the same mail comes again."""

    kind: Kind
    digest: str
    message_id: str
    sender: str  # the address in From; empty when there is none, or more than one
    recipients: tuple[str, ...]  # also those that the mail server noted (Delivered-To …)
    subject: str
    sent_at: datetime | None
    about: tuple[str, ...]  # Message-IDs of mails that this one answers or reports on
    calendar: bytes
    deliveries: tuple[Delivery, ...]
    text: str
    is_authentic: bool | None  # the trusted server's verdict on From (RFC 8601); None when it gave none


def read(raw: bytes, *, authserv_id: str = "") -> Received:
    """Read one mail. `authserv_id` names the mail server whose Authentication-Results are believed."""
    message = email.message_from_bytes(raw[:MAX_BYTES])
    parts = list(message.walk())
    calendar = _calendar(parts)
    deliveries = tuple(_deliveries(parts))
    text = _text(parts)
    senders = _addresses(message, "from")
    about = _about(message, parts)
    return Received(
        kind=_kind(message, parts, calendar, deliveries),
        digest=_digest(message, calendar, text),
        message_id=next(iter(_MESSAGE_ID.findall(_header(message, "message-id"))), ""),
        sender=senders[0] if len(senders) == 1 else "",
        recipients=tuple(address for name in _ADDRESS_HEADERS for address in _addresses(message, name)),
        subject=" ".join(_header(message, "subject").split())[:250],
        sent_at=_sent_at(message),
        about=about,
        calendar=calendar,
        deliveries=deliveries,
        text=text,
        is_authentic=_verdict(message, senders[0] if senders else "", authserv_id) if authserv_id else None,
    )


def _kind(
    message: email.message.Message,
    parts: list[email.message.Message],
    calendar: bytes,
    deliveries: tuple[Delivery, ...],
) -> Kind:
    # The calendar first: some programs mark their answers as sent automatically.
    if calendar:
        return Kind.CALENDAR
    if deliveries:
        return Kind.BOUNCE
    if any(part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef") for part in parts):
        return Kind.TNEF
    return Kind.AUTOMATIC if _is_automatic(message) else Kind.TEXT


def _is_automatic(message: email.message.Message) -> bool:
    submitted = _header(message, "auto-submitted").strip().lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or _header(message, "precedence").strip().lower() in ("auto_reply", "bulk", "junk")
        or bool(_header(message, "x-autoreply") or _header(message, "x-autorespond"))
        or _AUTOMATIC_SUBJECT.match(_header(message, "subject")) is not None
    )


# --- headers -------------------------------------------------------------------------------------
def _header(message: email.message.Message, name: str) -> str:
    return _decoded(message.get(name, ""))


def _decoded(value: object) -> str:
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, UnicodeError, ValueError):
        text = str(value)
    return _NOT_TEXT.sub(" ", text)


def _addresses(message: email.message.Message, name: str) -> list[str]:
    found = getaddresses([str(value) for value in message.get_all(name, [])])
    return [address.strip()[:254] for _, address in found if "@" in address]


def _about(message: email.message.Message, parts: list[email.message.Message]) -> tuple[str, ...]:
    texts = [_header(message, "in-reply-to"), _header(message, "references")]
    for part in parts[1:]:
        # The returned mail, whole or its headers alone.
        if part.get_content_type() == "text/rfc822-headers":
            inner = email.message_from_bytes(_bytes(part))
            texts.append(_header(inner, "message-id"))
        elif part.get("message-id"):
            texts.append(_header(part, "message-id"))
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(" ".join(texts))))[:50]


def _sent_at(message: email.message.Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(message.get("date", "")))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _verdict(message: email.message.Message, sender: str, authserv_id: str) -> bool | None:
    """RFC 8601: only the first header of our own server counts; anybody can write further ones."""
    domain = sender.rpartition("@")[2].lower()
    for value in message.get_all("authentication-results", []):
        text = re.sub(r"\([^()]*\)", " ", " ".join(str(value).split())).lower()
        server, _, results = text.partition(";")
        if server.split()[:1] != [authserv_id.lower()]:
            continue
        if (found := re.search(r"\bdmarc\s*=\s*(\w+)", results)) and found[1] in ("pass", "fail"):
            return found[1] == "pass"
        aligned = re.findall(
            r"\b(?:dkim|spf)\s*=\s*pass\b[^;]*?\b(?:header\.d|header\.i|smtp\.mailfrom)=([^\s;]+)", results
        )
        return any(_is_aligned(one.rpartition("@")[2], domain) for one in aligned)
    return None


def _is_aligned(one: str, domain: str) -> bool:
    return bool(one and domain) and (one == domain or domain.endswith(f".{one}") or one.endswith(f".{domain}"))


# --- parts ---------------------------------------------------------------------------------------
def _bytes(part: email.message.Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _calendar(parts: list[email.message.Message]) -> bytes:
    """The calendar object; the alternative with its method before an attachment without one."""
    found = [part for part in parts if part.get_content_type() == "text/calendar"]
    found += [part for part in parts if part.get_content_type() == "application/ics"]
    found.sort(key=lambda part: part.get_param("method") is None)
    return next((content for part in found if (content := _bytes(part).strip())), b"")


def _deliveries(parts: list[email.message.Message]) -> Iterator[Delivery]:
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, email.message.Message) and block.get("action"):
                yield _delivery(block)


def _delivery(block: email.message.Message) -> Delivery:
    recipient = _header(block, "original-recipient") or _header(block, "final-recipient")
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", _header(block, "status"))
    return Delivery(
        recipient=recipient.partition(";")[2].strip().strip("<>")[:254],
        action=_header(block, "action").strip().lower(),
        status=status[0] if status else "",
        words=" ".join((_header(block, "diagnostic-code") or _header(block, "status")).split())[:500],
    )


def _text(parts: list[email.message.Message]) -> str:
    for part in parts:
        if part.get_content_type() == "text/plain" and not part.get_filename():
            charset = part.get_content_charset() or "utf-8"
            try:
                text = _bytes(part).decode(charset, "replace")
            except LookupError:
                text = _bytes(part).decode("utf-8", "replace")
            return _NOT_TEXT.sub("", text).strip()[:MAX_TEXT]
    return ""


def _digest(message: email.message.Message, calendar: bytes, text: str) -> str:
    # Not over the raw bytes: the same mail read over two ways has other trace headers.
    fields = [str(message.get(name, "")) for name in ("message-id", "from", "date", "subject")]
    return hashlib.sha256(
        b"\0".join([*(field.encode("utf-8", "replace") for field in fields), calendar, text.encode()])
    ).hexdigest()
