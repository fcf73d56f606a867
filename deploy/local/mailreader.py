"""The pages of the demo's mail catcher: a list, one mail with all its parts, the raw file, and JSON for tests."""

import email
import email.policy
import json
import re
import time
import urllib.parse
from email.message import EmailMessage
from functools import lru_cache
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

SHOWN = 200  # mails on one page of the list
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
PAGE_CSP = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'"
# A mail's own HTML: no scripts, no outside pictures, its links open in a new window.
MAIL_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)
STYLE = """
:root { color-scheme: light dark; --ink: #0F142D; --ground: #F3F4F7; --card: #fff; --line: #8FA9E2; --action: #2145AA }
@media (prefers-color-scheme: dark) {
  :root { --ink: #F2F4FB; --ground: #0B1020; --card: #151B33; --line: #5A6489; --action: #A9BDEA }
}
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; color: var(--ink); background: var(--ground) }
header { background: #12215A; padding: .75rem 1rem } header a { color: #fff; font-weight: 600 }
main { max-width: 60rem; margin: auto; padding: 1rem } a { color: var(--action) }
h1 { font-size: 1.5rem } h2 { font-size: 1.125rem; margin-top: 2rem }
ul { list-style: none; padding: 0 } h1, dd, li { overflow-wrap: anywhere }
li, pre, dl { background: var(--card); border: 1px solid var(--line); padding: .75rem 1rem; margin: 0 0 .5rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere } dt { font-weight: 600 } dd { margin: 0 0 .5rem }
iframe { width: 100%; height: 60rem; border: 1px solid var(--line); background: #fff }
input, button { font: inherit; padding: .35rem .75rem; border: 1px solid var(--line) }
:focus-visible { outline: 3px solid #F4B400; outline-offset: 2px }
"""


def parse(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def header(message: EmailMessage, name: str) -> str:
    """A header as text; what no mail program could read is shown as it came."""
    try:
        return str(message[name] or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")


def text_of(message: EmailMessage, kind: str) -> str:
    """The first part of this content type, as text; empty if there is none."""
    for part in message.walk():
        if part.get_content_type() == kind:
            content = part.get_payload(decode=True) or b""
            charset = part.get_content_charset("utf-8")
            try:
                return bytes(content).decode(charset, errors="replace")
            except LookupError:
                return bytes(content).decode("utf-8", errors="replace")
    return ""


@lru_cache(maxsize=20_000)
def summary(file: Path) -> dict[str, Any]:
    """What the list and /api/mails say about one mail. A kept mail never changes."""
    message = parse(file)
    return {
        "id": file.stem,
        "url": f"/mail/{file.stem}",
        "file": file.name,
        "received_at": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(int(file.stem) / 1e9)),
        "envelope_to": header(message, "X-Envelope-To"),
        "from": header(message, "From"),
        "to": header(message, "To"),
        "subject": header(message, "Subject"),
        "message_id": header(message, "Message-ID"),
        "uuid": header(message, "X-MobiPro-Message"),
        "has_calendar": bool(text_of(message, "text/calendar")),
    }


def with_links(text: str) -> str:
    """Plain text as HTML, its addresses as links that open in a new window."""
    pieces, end = [], 0
    for found in ADDRESS.finditer(text):
        address = found.group().rstrip(".,;:)")
        pieces.append(escape(text[end : found.start()]))
        pieces.append(f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(address)}</a>')
        end = found.start() + len(address)
    return "".join([*pieces, escape(text[end:])])


def page(title: str, body: str) -> bytes:
    return f"""<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{escape(title)} – Demo-Postfach</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css"></head>
<body><header><a href="/">Demo-Postfach: alle Mails</a></header>
<main><h1>{escape(title)}</h1>{body}</main></body></html>""".encode()


def list_page(files: list[Path], words: str) -> bytes:
    rows = []
    for file in files[:SHOWN]:
        mail = summary(file)
        when = time.strftime("%d.%m.%Y, %H:%M:%S Uhr", time.localtime(int(file.stem) / 1e9))
        calendar = " · mit Kalenderteil" if mail["has_calendar"] else ""
        subject = escape(mail["subject"]) or "(ohne Betreff)"
        rows.append(f'<li><a href="{mail["url"]}">{subject}</a><br>an {escape(mail["to"])} · {when}{calendar}</li>')
    more = f"<p>Gezeigt sind die neuesten {SHOWN}.</p>" if len(files) > SHOWN else ""
    form = (
        '<form role="search"><label for="q">Empfänger oder Betreff</label> '
        f'<input id="q" name="q" value="{escape(words)}"> <button>Suchen</button></form>'
    )
    nothing = "<p>Noch keine Mail. Serienmails gehen nach einer kurzen Pause hinaus.</p>"
    title = "1 Mail" if len(files) == 1 else f"{len(files)} Mails"
    return page(title, form + more + (f"<ul>{''.join(rows)}</ul>" if rows else nothing))


def mail_page(file: Path) -> bytes:
    message = parse(file)
    labels = {"From": "Von", "To": "An", "Date": "Datum", "Message-ID": "Message-ID", "X-MobiPro-Message": "Kennung"}
    heads = "".join(f"<dt>{label}</dt><dd>{escape(header(message, name))}</dd>" for name, label in labels.items())
    body = f'<dl>{heads}</dl><p><a href="/raw/{file.name}" download>Rohfassung herunterladen (.eml)</a></p>'
    if text_of(message, "text/html"):
        body += (
            '<h2>Gestaltete Fassung</h2><iframe title="Gestaltete Fassung" '
            f'sandbox="allow-popups allow-popups-to-escape-sandbox" src="/html/{file.stem}"></iframe>'
        )
    body += f"<h2>Textfassung</h2><pre>{with_links(text_of(message, 'text/plain'))}</pre>"
    calendar = text_of(message, "text/calendar")
    if calendar:
        body += f"<h2>Kalenderteil</h2><pre>{escape(calendar)}</pre>"
    names = [escape(part.get_filename() or "") for part in message.iter_attachments() if part.get_filename()]
    if names:
        body += f"<h2>Anhänge</h2><ul>{''.join(f'<li>{name}</li>' for name in names)}</ul>"
    return page(header(message, "Subject") or "(ohne Betreff)", body)


class Reader(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        words = urllib.parse.parse_qs(query).get("q", [""])[0]
        if path == "/":
            return self._send(list_page(self._files(words), words))
        if path == "/style.css":
            return self._send(STYLE.encode(), "text/css; charset=utf-8")
        if path == "/api/mails":
            rows = [summary(file) for file in self._files(words)]
            return self._send(json.dumps(rows, ensure_ascii=False).encode(), "application/json")
        found = re.fullmatch(r"/(mail|html|raw)/(\d{1,24})(?:\.eml)?", path)
        file = self.folder / f"{found[2]}.eml" if found else None
        if not found or not file or not file.is_file():
            return self._send(page("Nicht gefunden", "<p>Diese Mail gibt es nicht.</p>"), status=404)
        if found[1] == "mail":
            return self._send(mail_page(file))
        if found[1] == "html":
            html = '<base target="_blank">' + text_of(parse(file), "text/html")
            return self._send(html.encode(), csp=MAIL_CSP)
        return self._send(file.read_bytes(), "message/rfc822")

    do_HEAD = do_GET

    def _files(self, words: str) -> list[Path]:
        """Newest first; those whose recipient or subject holds the words."""
        files = sorted(self.folder.glob("[0-9]*.eml"), key=lambda file: int(file.stem), reverse=True)
        wanted = words.strip().casefold()
        if not wanted:
            return files
        return [
            file
            for file in files
            if any(wanted in summary(file)[key].casefold() for key in ("to", "subject", "envelope_to"))
        ]

    def _send(
        self, content: bytes, kind: str = "text/html; charset=utf-8", *, status: int = 200, csp: str = PAGE_CSP
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", csp)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """The reader keeps no log."""


def reader(folder: Path) -> type[Reader]:
    """The request handler that shows this folder."""
    return type("FolderReader", (Reader,), {"folder": folder})
