"""Personal links: derived, not stored. Whoever holds one may answer for its record, nothing more.

A token is "<record id>.<version>.<mac>"; the mac is HMAC-SHA256 with LINK_KEY over purpose, id and version.
A record invalidates its old links by raising its version. Mails are stored with placeholders, and only the
hand-over to the relay turns them into links: neither the database nor a backup holds a usable one.
"""

import base64
import hashlib
import hmac
import re
from typing import Final

from django.conf import settings
from django.urls import reverse

_MAC_BYTES: Final = 16
_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,9})\.([A-Za-z0-9_-]{22})", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_QUERY = re.compile(r"(\?[A-Za-z0-9_=&.~-]*)?", re.ASCII)
# Only letters that survive HTML escaping and the escaping of iCalendar texts. Its own mac keeps a text
# that somebody typed ("{link:…}" in a meeting's title) from becoming another person's link.
_PLACEHOLDER = re.compile(
    r"\{link:([A-Za-z0-9_.:-]+)\|([A-Za-z0-9_.-]+)\|([0-9]{1,18})\|([0-9]{1,9})\|([^|{}\s\"'<>]*)\|([A-Za-z0-9_-]{22})\}",
    re.ASCII,
)
MASK: Final = "[persönlicher Link]"


def mac(*parts: str | int, length: int) -> bytes:
    """The first `length` bytes of HMAC-SHA256 with LINK_KEY over these parts, for whatever is derived from a row."""
    # Length before each part: ("a", "bc") and ("ab", "c") must not be the same message.
    message = "".join(f"{len(str(part))}:{part}" for part in parts)
    return hmac.new(settings.LINK_KEY.encode(), message.encode(), hashlib.sha256).digest()[:length]


def _mac(*parts: str | int) -> str:
    return base64.urlsafe_b64encode(mac(*parts, length=_MAC_BYTES)).decode().rstrip("=")


def token(purpose: str, record_id: int, version: int) -> str:
    """The last part of a personal link, for example "123.1.kJ…": the same in each reminder."""
    return f"{record_id}.{version}.{_mac('token', purpose, record_id, version)}"


def verify(purpose: str, token: str) -> tuple[int, int] | None:
    """(record id, version) of a genuine token, else None. The caller compares the version with the record's."""
    found = _TOKEN.fullmatch(token) if isinstance(token, str) else None
    if found is None:
        return None
    record_id, version = int(found[1]), int(found[2])
    if not hmac.compare_digest(_mac("token", purpose, record_id, version), found[3]) or found[2] != str(version):
        return None
    return record_id, version


def placeholder(url_name: str, purpose: str, record_id: int, version: int, query: str = "") -> str:
    """What a mail's template writes instead of the link; `query` begins with "?" (letters, digits, = and &).

    Safe in plain text, in an HTML attribute (escaped or not) and in a calendar object. Raises ValueError
    for anything else.
    """
    if not (_NAME.fullmatch(purpose) and _NAME.fullmatch(url_name.replace(":", "."))):
        raise ValueError(f"Not a name for a personal link: {url_name!r}, {purpose!r}")
    if not _QUERY.fullmatch(query):
        raise ValueError(f"Not a query for a personal link: {query!r}")
    mac = _mac("placeholder", url_name, purpose, record_id, version, query)
    return f"{{link:{url_name}|{purpose}|{record_id}|{version}|{query}|{mac}}}"


def fill(text: str) -> str:
    """The text with each genuine placeholder replaced by its link; others stay the plain text they are.

    Raises NoReverseMatch when the address of a placeholder no longer exists.
    """
    return _PLACEHOLDER.sub(_link, text) if "{link:" in text else text


def fill_calendar(text: str) -> str:
    """The same for an iCalendar object, whose lines may be folded in the middle of a placeholder (RFC 5545 §3.1)."""
    if "{" not in text:
        return text
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    return "".join(_fold(line) + "\r\n" for line in _lines(fill(unfolded)))


def mask(text: str) -> str:
    """The text as others may read it (Postausgang, preview): no placeholder that could be copied."""
    return _PLACEHOLDER.sub(MASK, text)


def absolute(path: str) -> str:
    """A path of this portal as an address for mails, PDFs and calendars: BASE_URL, never the request's host."""
    return f"{settings.BASE_URL}{path}"


def _link(found: re.Match[str]) -> str:
    url_name, purpose, record_id, version, query, mac = found.groups()
    plain_query = query.replace("&amp;", "&")  # the placeholder may have passed HTML escaping
    genuine = _mac("placeholder", url_name, purpose, int(record_id), int(version), plain_query)
    if not hmac.compare_digest(genuine, mac):
        return found[0]
    path = reverse(url_name, args=[token(purpose, int(record_id), int(version))])
    return absolute(path) + query


def _lines(text: str) -> list[str]:
    """Not splitlines(): it also breaks at U+2028 and others, which may stand inside a calendar's text."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _fold(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a letter."""
    if len(line.encode()) <= 75:
        return line
    pieces: list[str] = []
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > (75 if not pieces else 74):  # a continuation begins with a space
            pieces.append(piece)
            piece, size = "", 0
        piece += letter
        size += octets
    return "\r\n ".join([*pieces, piece])
