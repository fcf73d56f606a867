"""Building mails: checked addresses and headers, texts from templates, the MIME tree with its calendar part.

Pure: nothing is sent and nothing stored here; mobipro.outbox does both. The tree and the headers follow
RFC 5322, RFC 6047 §2.4 and what Outlook, Gmail and Thunderbird need (multipart/mixed with the calendar
as last alternative and once more as attachment; both copies hold the same bytes).
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

import idna
from django.conf import settings
from django.template.context import make_context
from django.template.loader import get_template

MAX_ADDRESS: Final = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
MAX_NAME: Final = 75  # longer names count as phishing for Microsoft
MAX_SUBJECT: Final = 250
#: What a caller may add: RFC 2369, RFC 2919, RFC 8058. Everything else is the builder's.
ALLOWED_HEADERS: Final = frozenset({"list-id", "list-unsubscribe", "list-unsubscribe-post"})
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# The Unicode categories Cc, Cs, Zl and Zp; bodies keep tab, line feed, carriage return and U+2028, U+2029.
_NOT_IN_HEADERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_BODIES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_EXAMPLE = "Bitte so: name@example.org."

_contexts: list[Callable[[], Mapping[str, Any]]] = []


class Message(Protocol):
    """What `build` needs of a mail; mobipro.outbox.models.OutboxMessage has it."""

    uuid: UUID
    sender: str
    reply_to: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    calendar: str
    calendar_method: str
    headers: dict[str, str]
    created_at: datetime

    @property
    def message_id(self) -> str: ...


# --- addresses and headers -----------------------------------------------------------------------
def normalise_address(text: str) -> str:
    """The address as mail systems understand it: "Büro@Straße.example" is refused, "buero@straße.example"
    becomes "buero@xn--strae-oqa.example" (IDNA 2008). Raises ValueError with a German text that says what to do.
    """
    address = text.strip()
    if not address:
        raise ValueError(f"Geben Sie eine E-Mail-Adresse ein. {_EXAMPLE}")
    if has_control_characters(address) or " " in address:
        raise ValueError(f"Die E-Mail-Adresse enthält Leerzeichen oder unsichtbare Zeichen. {_EXAMPLE}")
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise ValueError(f"„{address[:80]}“ ist keine vollständige E-Mail-Adresse. {_EXAMPLE}")
    if not local.isascii():
        raise ValueError(
            "Vor dem @ sind Umlaute und andere Sonderbuchstaben nicht möglich. Fragen Sie nach der Schreibweise ohne "
            "Umlaute, zum Beispiel mueller@example.org."
        )
    if not _LOCAL_PART.fullmatch(local) or len(local) > 64:
        raise ValueError(f"Der Teil vor dem @ ist keine gültige E-Mail-Adresse: „{local[:80]}“. {_EXAMPLE}")
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        ascii_domain = ""
    if "." not in ascii_domain or ascii_domain.rpartition(".")[2].isdigit():
        raise ValueError(f"Der Teil nach dem @ ist keine gültige Internetadresse: „{domain[:80]}“. {_EXAMPLE}")
    if len(local) + 1 + len(ascii_domain) > MAX_ADDRESS:
        raise ValueError(f"Die E-Mail-Adresse ist zu lang (höchstens {MAX_ADDRESS} Zeichen).")
    return f"{local}@{ascii_domain}"


def normalise_mailbox(text: str) -> str:
    """ "Name <address>" or a bare address, both made safe for a header. Raises ValueError as `normalise_address`."""
    name, address = _split_mailbox(header_text(text))
    name, address = simple_name(name), normalise_address(address)
    return f"{name} <{address}>" if name else address


def display_address(address: str) -> str:
    """The address for people: the domain with its umlauts again."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def has_control_characters(text: str) -> bool:
    """Whether the text holds something that could end a header line: NUL, VT, line breaks, U+2028, U+2029 …"""
    return _NOT_IN_HEADERS.search(text) is not None


def header_text(text: str) -> str:
    """One line for a header: control characters and runs of white space become one space."""
    return " ".join(_NOT_IN_HEADERS.sub(" ", text).split())


def body_text(text: str) -> str:
    """A body without NUL and other control characters; line breaks and tabs stay."""
    return _NOT_IN_BODIES.sub("", text)


def simple_name(name: str) -> str:
    """A display name that mail programs trust: no @ : , ; " < > ( ) and at most 75 characters."""
    plain = re.sub(r"[@:,;\"<>()\[\]\\]+", " ", header_text(name))
    return " ".join(plain.split())[:MAX_NAME].strip()


def check_header(name: str, value: str) -> None:
    """Raises ValueError when a header is not the caller's to set, or could break the mail."""
    if name.lower() not in ALLOWED_HEADERS:
        raise ValueError(f"Not a header for a mail: {name!r}")
    if has_control_characters(value):
        raise ValueError(f"Die Kopfzeile {name} enthält Steuerzeichen.")


# --- texts ---------------------------------------------------------------------------------------
def add_context(function: Callable[[], Mapping[str, Any]]) -> None:
    """Register what every mail's template may use (funding sentence, imprint); an app does it in AppConfig.ready."""
    if function not in _contexts:
        _contexts.append(function)


def common_context() -> dict[str, Any]:
    """What every mail's template may use. A sending of many mails asks once and hands it to each `render`."""
    everything: dict[str, Any] = {"base_url": settings.BASE_URL}
    for function in _contexts:
        everything.update(function())
    return everything


def render(
    template_prefix: str, context: Mapping[str, Any], common: Mapping[str, Any] | None = None
) -> tuple[str, str, str]:
    """(subject, text, html) of templates/emails/<template_prefix>.subject.txt, .txt and .html.

    The two plain ones are rendered without HTML escaping. `common` is that of `common_context`, asked for if None.
    """
    everything = {**(common_context() if common is None else common), **context}
    everything["subject"] = header_text(_plain(f"emails/{template_prefix}.subject.txt", everything))[:MAX_SUBJECT]
    text = body_text(_plain(f"emails/{template_prefix}.txt", everything))
    html = body_text(get_template(f"emails/{template_prefix}.html").render(everything))
    html = re.sub(r"\n\s+", "\n", html)  # the templates' indentation is a third of their size
    return everything["subject"], re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html.strip() + "\n"


def _plain(name: str, context: dict[str, Any]) -> str:
    template = get_template(name).template  # type: ignore[attr-defined]
    return str(template.render(make_context(dict(context), autoescape=False)))


# --- MIME ----------------------------------------------------------------------------------------
def build(message: Message) -> bytes:
    """The mail as the relay gets it: CRLF, 7 bit, lines of at most 76 octets where encoded; links are filled already.

    The same row gives the same bytes each time. Raises ValueError for a header with control characters, one of
    ours set by the caller, or an address that is none.
    """
    body = _alternatives(message)
    if message.calendar:
        attachment = _base64(
            'application/ics; name="invite.ics"',
            _calendar_lines(message),
            'Content-Disposition: attachment; filename="invite.ics"',
        )
        body = _multipart("mixed", message.uuid, [body, attachment])
    return "".join(f"{line}\r\n" for line in [*_headers(message), "MIME-Version: 1.0"]).encode("ascii") + body


def _headers(message: Message) -> list[str]:
    lines = [
        _mailbox("From", message.sender),
        _mailbox("To", message.recipient, message.recipient_name),
        _header("Subject", message.subject),
        _header("Date", format_datetime(message.created_at)),
        _header("Message-ID", message.message_id),
        _header("X-MobiPro-Message", str(message.uuid)),
        _header("Auto-Submitted", "auto-generated"),  # RFC 3834: no holiday answers, no loops
        _header("X-Auto-Response-Suppress", "OOF, AutoReply"),
    ]
    if message.reply_to:
        lines.append(_mailbox("Reply-To", message.reply_to))
    for name, value in message.headers.items():
        check_header(name, value)
        lines.append(_header(name, value))
    return lines


def _header(name: str, value: str) -> str:
    if has_control_characters(value):
        raise ValueError(f"Die Kopfzeile {name} enthält Steuerzeichen.")
    if value.isascii():
        return f"{name}: {value}"
    # Not by email.policy: when it folds encoded words it loses and invents spaces between them.
    return f"{name}: " + Header(value, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n")


@lru_cache(maxsize=64)  # the sender of all, the recipient of its attempts
def _mailbox(header: str, mailbox: str, name: str = "") -> str:
    """A From, To or Reply-To line; `mailbox` is an address, alone or after its name."""
    if has_control_characters(mailbox) or has_control_characters(name):
        raise ValueError(f"Die Kopfzeile {header} enthält Steuerzeichen.")
    own_name, address = _split_mailbox(mailbox)
    name, address = simple_name(name or own_name), normalise_address(address)
    if name.isascii():
        return f"{header}: {formataddr((name, address))}"
    return _header(header, name) + f"\r\n <{address}>"


def _split_mailbox(text: str) -> tuple[str, str]:
    """(name, address). Not parseaddr(): an unquoted comma in a name ("Kaya, Nord <…>") makes it lose the address."""
    found = re.fullmatch(r"\s*(.*?)\s*<([^<>]*)>\s*", text)
    return (found[1], found[2]) if found else ("", text.strip())


def _alternatives(message: Message) -> bytes:
    parts = [_quoted("text/plain", message.text)]
    if message.html:
        parts.append(_quoted("text/html", message.html))
    if message.calendar:
        # Last, with its method, and without Content-Disposition: with one Thunderbird hides it.
        kind = f"text/calendar; charset=UTF-8; method={message.calendar_method}"
        parts.append(_base64(kind, _calendar_lines(message)))
    return parts[0] if len(parts) == 1 else _multipart("alternative", message.uuid, parts)


def _multipart(kind: str, uuid: UUID, parts: list[bytes]) -> bytes:
    # "=_" occurs in neither quoted-printable nor base64: the boundary cannot be in a part.
    border = f"=_{kind}_{uuid.hex}"
    head = f'Content-Type: multipart/{kind};\r\n boundary="{border}"\r\n'  # in one line, longer than 78
    inner = b"".join(f"\r\n--{border}\r\n".encode() + part for part in parts)
    return head.encode() + inner + f"\r\n--{border}--\r\n".encode()


def _quoted(kind: str, text: str) -> bytes:
    lines = "\r\n".join(text.split("\n")).replace("\r\r\n", "\r\n")
    head = f"Content-Type: {kind}; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + binascii.b2a_qp(lines.encode(), istext=True)


def _base64(kind: str, content: bytes, *more: str) -> bytes:
    head = "\r\n".join([f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more])
    return head.encode() + b"\r\n\r\n" + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _calendar_lines(message: Message) -> bytes:
    """The same bytes for both copies; mail and object must name the same method (RFC 6047 §2.4)."""
    lines = message.calendar.replace("\r\n", "\n").rstrip("\n").split("\n")
    if f"METHOD:{message.calendar_method}" not in lines:
        raise ValueError("The calendar's METHOD differs from the mail's.")
    return ("\r\n".join(lines) + "\r\n").encode()
