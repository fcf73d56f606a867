"""Erase personal data whose time is over; the timetable does the same once a day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mobipro import retention


class Command(BaseCommand):
    help = "Löscht personenbezogene Angaben, deren Frist vorbei ist (docs/operations.md, „Retention“)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts löschen")

    def handle(self, *args: Any, **options: Any) -> None:
        found = retention.run(is_dry=options["dry_run"])
        verb = "wären zu löschen" if options["dry_run"] else "gelöscht"
        for done in found:
            number = "gescheitert" if done.number is None else f"{done.number} {verb}"
            self.stdout.write(f"{done.rule.what} ({done.rule.period}): {number}")
        if any(done.number is None for done in found):
            raise CommandError("Mindestens eine Regel ist gescheitert; der Grund steht im Protokoll.")
