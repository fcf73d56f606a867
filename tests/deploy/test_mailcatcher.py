"""The demo's mail catcher, spoken to over real SMTP and HTTP in a process of its own."""

import json
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


class Catcher:
    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as smtp, socket.create_server(("127.0.0.1", 0)) as web:
            self.smtp_port, self.web_port = smtp.getsockname()[1], web.getsockname()[1]
            numbers = [smtp.fileno(), web.fileno()]
            command = [sys.executable, "-m", "deploy.local.mailcatcher", str(folder), *map(str, numbers)]
            self.process = subprocess.Popen(command, cwd=ROOT, pass_fds=numbers)

    def get(self, path):
        try:
            answer = urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers, answer.read().decode()

    def mails(self):
        return json.loads(self.get("/api/mails")[2])

    def send(self, message):
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            client.send_message(message)


@pytest.fixture(scope="module")
def catcher(tmp_path_factory):
    found = Catcher(tmp_path_factory.mktemp("mail"))
    yield found
    found.process.terminate()
    assert found.process.wait(10) == 0


def _invitation(subject="Einladung: Treffen Nord – Ausbildungsabbrüche"):
    message = EmailMessage()
    message["From"] = "MobiPro-EU Vernetzung <vernetzung@example.org>"
    message["To"] = "Jörg Groß <j.gross@example.org>"
    message["Subject"] = subject
    message["Message-ID"] = "<one@example.org>"
    message["X-MobiPro-Message"] = "8a9e"
    message.set_content("Bitte antworten Sie: http://localhost:8000/antwort/abc?wahl=ja&x=<b>.\n")
    message.add_alternative(
        "<p>Guten Tag</p><script>alert(1)</script><a href='http://localhost:8000/'>Ja</a>", subtype="html"
    )
    message.add_attachment(
        b"BEGIN:VCALENDAR\r\nSUMMARY:Gr\xc3\xb6\xc3\x9fe\r\nEND:VCALENDAR\r\n",
        maintype="text",
        subtype="calendar",
        filename="treffen.ics",
    )
    return message


def test_a_mail_is_kept_as_a_whole_file(catcher):
    before = len(catcher.mails())
    catcher.send(_invitation())
    newest = catcher.mails()[0]
    kept = (catcher.folder / newest["file"]).read_bytes()
    assert len(catcher.mails()) == before + 1
    assert kept.startswith(b"X-Envelope-To: j.gross@example.org\r\n")
    assert kept.count(b"Content-Type: text/calendar") == 1
    assert kept.endswith(b"--\r\n")
    assert not list(catcher.folder.glob(".*.new"))


def test_the_index_names_recipient_subject_and_ids(catcher):
    catcher.send(_invitation("Erinnerung"))
    newest = catcher.mails()[0]
    assert newest["subject"] == "Erinnerung"
    assert newest["message_id"] == "<one@example.org>"
    assert newest["uuid"] == "8a9e"
    assert "Groß" in newest["to"]
    assert newest["has_calendar"] is True


def test_a_mail_is_shown_with_text_calendar_and_links(catcher):
    catcher.send(_invitation())
    _, headers, shown = catcher.get(catcher.mails()[0]["url"])
    assert "<h1>Einladung: Treffen Nord – Ausbildungsabbrüche</h1>" in shown
    assert 'href="http://localhost:8000/antwort/abc?wahl=ja&amp;x="' in shown
    assert "SUMMARY:Größe" in shown
    assert "unsafe-inline" not in headers["Content-Security-Policy"]


def test_the_mails_own_html_stands_in_a_sandbox_and_opens_links_outside(catcher):
    catcher.send(_invitation())
    mail = catcher.mails()[0]
    _, headers, html = catcher.get(f"/html/{mail['id']}")
    assert headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "script-src" not in headers["Content-Security-Policy"]
    assert html.startswith('<base target="_blank">')
    assert "sandbox=" in catcher.get(mail["url"])[2]


def test_a_hostile_subject_is_shown_as_text(catcher):
    catcher.send(_invitation("<script>alert('x')</script>"))
    assert "<script>" not in catcher.get("/")[2]
    assert "<script>" not in catcher.get(catcher.mails()[0]["url"])[2]


def test_the_list_is_searched_by_recipient_and_subject(catcher):
    catcher.send(_invitation("Nur dieses eine Wort: Regenbogen"))
    assert "Regenbogen" in catcher.get("/?q=regenbogen")[2]
    assert "Regenbogen" not in catcher.get("/?q=niemand")[2]


def test_the_raw_file_is_what_came_over_the_wire(catcher):
    catcher.send(_invitation())
    mail = catcher.mails()[0]
    _, headers, raw = catcher.get(f"/raw/{mail['file']}")
    assert headers["Content-Type"] == "message/rfc822"
    assert raw == (catcher.folder / mail["file"]).read_bytes().decode()


def test_a_broken_mail_is_shown_as_well_as_it_can_be(catcher):
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port, timeout=60) as client:
        client.sendmail(
            "a@example.org",
            ["b@example.org"],
            b"Subject: =?utf-8?q?=ff?=\r\nTo: ,,<<\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nHallo",
        )
    newest = catcher.mails()[0]
    status, _, shown = catcher.get(newest["url"])
    assert status == 200
    assert "Hallo" in shown


@pytest.mark.parametrize("path", ["/mail/1", "/mail/../../etc/passwd", "/raw/%2e%2e/lock", "/html/abc", "/unknown"])
def test_what_does_not_exist_is_not_found(catcher, path):
    assert catcher.get(path)[0] == 404
