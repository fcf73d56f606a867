"""A real SMTP server in a thread that can refuse, stall, drop and write a Postfix log."""

import asyncio
import email
import email.policy
import logging
import re
import socket
import types
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells each line of each mail
SENDER = "MobiPro-EU Vernetzung <vernetzung@example.org>"


class Handler:
    """Behaves per recipient: `on["rcpt", "a@example.org"] = "450 later"`, or a function of the server."""

    def __init__(self):
        self.on = {}
        self.accepted = []  # (recipient, parsed mail), in order
        self.attempts = []  # (phase, recipient)
        self.connections = 0
        self.log = None
        self.on_phase = lambda phase: None

    async def answer(self, phase, recipient, server, default):
        self.attempts.append((phase, recipient))
        self.on_phase(phase)
        told = self.on.get((phase, recipient), self.on.get((phase, "*")))
        if told is None:
            return default
        if told == "drop":
            server.transport.abort()
            return default
        if told == "stall":
            await asyncio.sleep(60)
            return default
        return told

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.connections += 1
        await self.answer("ehlo", "*", server, "")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = await self.answer("mail", address, server, "250 OK")
        envelope.mail_from = address
        return reply

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = await self.answer("rcpt", address, server, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        assert len(envelope.rcpt_tos) == 1  # one person per envelope
        queue_id = f"4F{len(self.attempts):08X}"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.write(f"postfix/cleanup[7]: {queue_id}: message-id={message['message-id']}")
        reply = await self.answer("dot", recipient, server, f"250 2.0.0 Ok: queued as {queue_id}")
        if reply.startswith("250"):
            self.accepted.append((recipient, message))
            self.write(f"postfix/qmgr[9]: {queue_id}: from=<{envelope.mail_from}>, size=9, nrcpt=1 (queue active)")
            await self.answer("reply", recipient, server, "")
        return reply

    def write(self, line):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"Nov 24 12:00:00 relay {line}\n")

    @property
    def recipients(self):
        return [recipient for recipient, _ in self.accepted]


class _Server(SMTP):
    async def smtp_DATA(self, arg):
        handler, recipient = self.event_handler, self.envelope.rcpt_tos[0]
        told = await handler.answer("data", recipient, self, "go")
        if told == "hang up inside":
            await self.push("354 go")
            self.transport.abort()
            return
        if told != "go":
            await self.push(handler.on["data", recipient])
            return
        if self.transport is None or self.transport.is_closing():
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self):
        return _Server(self.handler, enable_SMTPUTF8=False, ident="sink")


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def relay(settings):
    handler = Handler()
    port = _free_port()
    controller = _Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = settings.RELAY_LOG = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop(no_assert=True)


@pytest.fixture
def relay_log(relay, settings, tmp_path) -> Path:
    """The relay keeps a log, and we may read it."""
    log = tmp_path / "mail.log"
    log.touch()
    settings.RELAY_LOG = relay.log = str(log)
    return log


@pytest.fixture
def put():
    """Write mails as an app would; gives the row."""

    def write(recipient="gross@example.org", **fields):
        values = {
            "key": queue.random_key("test"),
            "kind": "test",
            "subject": "Einladung",
            "text": "Guten Tag\n",
            "sender": SENDER,
        }
        with transaction.atomic():
            return queue.put(recipient=recipient, **(values | fields))

    return write


@pytest.fixture
def a_minute_later():
    """As if the worker that claimed these rows had been gone for more than a minute."""

    def age():
        for row in OutboxMessage.objects.exclude(claimed_at=None):
            OutboxMessage.objects.filter(pk=row.pk).update(claimed_at=row.claimed_at - timedelta(seconds=90))

    return age


@pytest.fixture
def state():
    def states(*rows):
        found = {row.pk: row for row in OutboxMessage.objects.filter(pk__in=[row.pk for row in rows])}
        return [found[row.pk].state for row in rows]

    return states


@pytest.fixture
def answer_page(settings):
    """An address for personal links: reverse("answer", args=[token])."""
    urls = types.ModuleType("urls")
    urls.urlpatterns = [path("antwort/<str:token>/", lambda request, token: HttpResponse(), name="answer")]
    settings.ROOT_URLCONF = urls
    settings.BASE_URL = "https://portal.example.org"
    return re.compile(r"https://portal\.example\.org/antwort/[\w.-]+/[\w=?&]*")
