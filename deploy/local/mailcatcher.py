"""The demo's mail server: takes every mail over SMTP, keeps it as .eml, and shows it in a small reader.

Usage: mailcatcher.py FOLDER SMTP_PORT WEB_PORT. Nothing leaves this machine.
"""

import email
import email.policy
import json
import os
import signal
import sys
import threading
import time
import urllib.parse
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'self'"
STYLE = """
:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #0F142D; background: #F3F4F7 }
header { background: #12215A; color: #fff; padding: 1rem } header a { color: #fff } main { max-width: 60rem; margin: auto; padding: 1rem }
h1 { font-size: 1.4rem; margin: 0 } a { color: #2145AA } li { margin: .4rem 0; padding: .6rem; background: #fff; border: 1px solid #C9D6F3 }
ul { list-style: none; padding: 0 } pre { white-space: pre-wrap; background: #fff; border: 1px solid #C9D6F3; padding: 1rem; overflow-wrap: anywhere }
iframe { width: 100%; height: 60rem; border: 1px solid #C9D6F3; background: #fff } dt { font-weight: 600 } dd { margin: 0 0 .5rem }
@media (prefers-color-scheme: dark) { body { background: #0B1020; color: #F2F4FB } li, pre { background: #151B33; border-color: #5A6489 } a { color: #A9BDEA } }
"""


class Keeper:
    """aiosmtpd's handler: one file a mail, written aside and renamed, so that a reader never sees half of one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self.lock:
            name = f"{time.time_ns()}.eml"
            aside = self.folder / f".{name}"
            recipients = ", ".join(envelope.rcpt_tos)
            aside.write_bytes(f"X-Envelope-To: {recipients}\r\n".encode() + envelope.content)
            aside.rename(self.folder / name)
        return "250 2.0.0 Ok: angenommen"


def mails(folder: Path) -> list[tuple[str, EmailMessage]]:
    """(name, mail) of every kept mail, newest first."""
    names = sorted((path for path in folder.glob("[0-9]*.eml")), reverse=True)
    return [(path.stem, email.message_from_bytes(path.read_bytes(), policy=email.policy.default)) for path in names]


def part(message: EmailMessage, kind: str) -> str:
    """The first part of this content type, as text."""
    for found in message.walk():
        if found.get_content_type() == kind:
            return str(found.get_content())
    return ""


def page(title: str, body: str) -> bytes:
    head = f"<!doctype html><html lang=de><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(title)}</title>"
    top = (
        f"<style>{STYLE}</style><header><h1>{escape(title)}</h1><a href='/'>Alle Mails</a></header><main>{body}</main>"
    )
    return (head + top + "</html>").encode()


class Reader(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        words = urllib.parse.parse_qs(query)
        if path == "/":
            return self._answer(self._list(words.get("an", [""])[0]))
        if path == "/api/mails":
            rows = [self._summary(name, message) for name, message in mails(self.folder)]
            return self._answer(json.dumps(rows).encode(), "application/json")
        kind, _, name = path.strip("/").partition("/")
        file = self.folder / f"{name}.eml"
        if not name.isdigit() or not file.is_file():
            return self._answer(page("Nicht gefunden", "<p>Diese Mail gibt es nicht.</p>"), status=404)
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if kind == "mail":
            return self._answer(self._mail(name, message))
        if kind == "html":
            return self._answer(part(message, "text/html").encode())
        return self._answer(file.read_bytes(), "message/rfc822")

    def _list(self, to: str) -> bytes:
        rows = []
        for name, message in mails(self.folder):
            if to.lower() in str(message["To"]).lower():
                when = time.strftime("%d.%m.%Y, %H:%M:%S Uhr", time.localtime(int(name) / 1e9))
                rows.append(
                    f"<li><a href='/mail/{name}'>{escape(str(message['Subject']))}</a><br>an {escape(str(message['To']))} · {when}</li>"
                )
        search = f"<form><label for=an>Mails an</label> <input id=an name=an value='{escape(to)}'> <button>Zeigen</button></form>"
        return page(
            f"{len(rows)} Mails der Vorführung",
            search + (f"<ul>{''.join(rows)}</ul>" if rows else "<p>Noch keine Mail.</p>"),
        )

    def _mail(self, name: str, message: EmailMessage) -> bytes:
        heads = "".join(
            f"<dt>{label}</dt><dd>{escape(str(message[key]))}</dd>"
            for label, key in (("Von", "From"), ("An", "To"), ("Datum", "Date"), ("Message-ID", "Message-ID"))
        )
        calendar = part(message, "text/calendar")
        parts = [
            f"<dl>{heads}</dl>",
            f"<p><a href='/eml/{name}'>Rohfassung (.eml)</a></p>",
            f"<h2>Gestaltete Fassung</h2><iframe sandbox='allow-popups allow-popups-to-escape-sandbox' title='Gestaltete Fassung' src='/html/{name}'></iframe>"
            if part(message, "text/html")
            else "",
            f"<h2>Textfassung</h2><pre>{links(part(message, 'text/plain'))}</pre>",
            f"<h2>Kalenderteil</h2><pre>{escape(calendar)}</pre>" if calendar else "",
        ]
        return page(str(message["Subject"]), "".join(parts))

    @staticmethod
    def _summary(name: str, message: EmailMessage) -> dict[str, str]:
        return {
            "id": name,
            "to": str(message["To"]),
            "subject": str(message["Subject"]),
            "uuid": str(message["X-MobiPro-Message"]),
            "message_id": str(message["Message-ID"]),
        }

    def _answer(self, content: bytes, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """The reader keeps no log."""


def links(text: str) -> str:
    """The plain text with its addresses as links."""
    words = []
    for line in escape(text).split("\n"):
        pieces = [
            f"<a href='{word}' rel=noopener>{word}</a>" if word.startswith(("http://", "https://")) else word
            for word in line.split(" ")
        ]
        words.append(" ".join(pieces))
    return "\n".join(words)


def main() -> None:
    folder, smtp_port, web_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    Reader.folder = folder
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=smtp_port)
    controller.start()
    server = ThreadingHTTPServer(("127.0.0.1", web_port), Reader)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
