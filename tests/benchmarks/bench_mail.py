"""A thousand invitations from row to relay, beside the usual way: a connection a mail, MIME by the standard library."""

import multiprocessing
import smtplib
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

HTML = "<table><tr><td>Sehr geehrte Frau Groß, am 4. Juni 2027 treffen sich die Projekte.</td></tr></table>\n" * 90
TEXT = "Sehr geehrte Frau Groß, am 4. Juni 2027 treffen sich die Projekte.\n" * 30
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n"
    + "COMMENT:Übergänge gestalten\r\n" * 40
    + "END:VCALENDAR\r\n"
)


def run(n: int) -> Iterator[dict[str, Any]]:
    """CPU a message (ms) and messages a second; `n` mails, 1000 unless told. Uses a database and a relay of its own."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    count = n or 1000
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    relay = multiprocessing.get_context("fork").Process(target=_relay, args=(listening,), daemon=True)
    relay.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
    settings.EMAIL_HOST_USER = settings.RELAY_LOG = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield from _measured(count, settings.EMAIL_PORT)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        relay.kill()


def _measured(count: int, port: int) -> Iterator[dict[str, Any]]:
    from django.db import transaction

    from mobipro import mail
    from mobipro.outbox import delivery, queue
    from mobipro.outbox.models import OutboxMessage

    wall, cpu = time.perf_counter(), time.process_time()
    with transaction.atomic():
        for number in range(count):
            _put(queue, number)
        transaction.get_connection().run_on_commit.clear()  # no broker here
    put_wall, put_cpu = time.perf_counter() - wall, time.process_time() - cpu
    rows = list(OutboxMessage.objects.order_by("pk"))
    build_cpu = _cpu(lambda: [mail.build(row) for row in rows])
    usual_cpu = _cpu(lambda: [_usual(row) for row in rows])
    wall, cpu = time.perf_counter(), time.process_time()
    sent = delivery.run(limit_seconds=600)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if sent != count:
        raise RuntimeError(f"{sent} of {count} mails were sent.")
    usual_wall = _one_connection_each(rows, port)
    common = {"n": count}
    yield common | _row("mail_build_cpu", build_cpu, count, "email.message", usual_cpu)
    yield common | _row("mail_deliver_cpu", cpu, count, "email.message", usual_cpu)
    yield common | _row("mail_put_and_deliver_cpu", put_cpu + cpu, count, "email.message", usual_cpu)
    yield common | {
        "name": "mail_rate",
        "value": round(count / wall),
        "unit": "mails/s",
        "baseline": "one connection a mail, no rows",
        "baseline_value": round(count / usual_wall),
    }
    yield common | {"name": "mail_put_rate", "value": round(count / put_wall), "unit": "mails/s", "baseline": None}


def _row(name: str, seconds: float, count: int, baseline: str, baseline_seconds: float) -> dict[str, Any]:
    per_mail = 1000 / count
    return {
        "name": name,
        "value": round(seconds * per_mail, 3),
        "unit": "ms",
        "baseline": f"{baseline}: building alone",
        "baseline_value": round(baseline_seconds * per_mail, 3),
    }


def _put(queue: Any, number: int) -> None:
    queue.put(
        key=f"bench:{number}",
        kind="bench",
        recipient=f"person{number}@example.org",
        recipient_name="Jörg Groß",
        subject="Einladung: Übergänge gestalten – Vernetzungstreffen Nord",
        text=TEXT,
        html=HTML,
        calendar=CALENDAR,
        calendar_method="REQUEST",
        group="bench",
        thread=f"bench:{number}",
    )


def _cpu(work: Any) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _usual(row: Any) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = row.sender, row.recipient, row.subject
    mail.set_content(row.text)
    mail.add_alternative(row.html, subtype="html")
    mail.add_alternative(row.calendar, subtype="calendar", params={"method": "REQUEST"}, cte="base64")
    mail.add_attachment(row.calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


def _one_connection_each(rows: list[Any], port: int) -> float:
    before = time.perf_counter()
    for row in rows:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.sendmail("vernetzung@example.org", [row.recipient], _usual(row))
    return time.perf_counter() - before


def _relay(listening: socket.socket) -> None:
    """Accepts everything at once: what is measured is the portal."""
    while True:
        connected, _ = listening.accept()
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connected, connected.makefile("rb") as lines:
            connected.sendall(b"220 bench\r\n")
            for line in lines:
                command = line[:4].upper()
                if command == b"DATA":
                    connected.sendall(b"354 go\r\n")
                    while next(lines) != b".\r\n":
                        pass
                connected.sendall(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
                if command == b"QUIT":
                    break
