"""Take in received mails: answers of calendar programs and delivery reports."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from meetings import incoming
from mobipro import mailbox
from mobipro.inbox import MAX_BYTES

TEMPORARY = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again


class Command(BaseCommand):
    help = "Liest das Postfach aus INBOUND_URL, oder mit --stdin eine einzelne Mail (für Postfix' pipe)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stdin", action="store_true", help="eine Mail von der Standardeingabe")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["stdin"]:
            self._one(sys.stdin.buffer.read(MAX_BYTES + 1))
            return
        if not settings.INBOUND_URL:
            raise CommandError("INBOUND_URL ist nicht gesetzt (imaps://name:passwort@server/INBOX).")
        try:
            number = mailbox.each_unread(settings.INBOUND_URL, incoming.receive)
        except mailbox.MailboxError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{number} Mails gelesen.")

    def _one(self, raw: bytes) -> None:
        try:
            row = incoming.receive(raw)
        except Error as error:
            raise CommandError(f"Die Datenbank antwortet nicht: {error}", returncode=TEMPORARY) from error
        self.stdout.write(f"{row.get_kind_display()}: {row.get_state_display()}. {row.reason}".strip())
