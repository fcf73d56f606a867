"""Fill a database with the demo world, or empty it; only where the demo is allowed."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from mobipro.demo import people, world
from regions.models import FormReceipt, User

MARK = UUID("00000000-0000-4000-8000-00000000de70")  # the row that says: this database is a demo


class Command(BaseCommand):
    help = "Legt die Demowelt an: erfundene Träger, 25 Treffen rund um heute, Beispiele, Dokumentationen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, help="Tag, um den die Demowelt liegt (JJJJ-MM-TT)")
        parser.add_argument("--scale", type=int, default=1, help="1 = die Demowelt, 20 = zwanzigmal so viel")
        parser.add_argument("--reset", action="store_true", help="eine Demo-Datenbank zuerst leeren")
        parser.add_argument("--print-people", action="store_true", help="nur die Konten ausgeben")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_people"]:
            self.stdout.write("\n".join(people.lines()))
            return
        if not settings.EMBEDDED:
            raise CommandError(f"Die Demowelt gibt es nur unter localhost, nicht unter {settings.BASE_URL}.")
        is_marked = FormReceipt.objects.filter(form_id=MARK).exists()
        if User.objects.exists() and not is_marked:
            raise CommandError("Diese Datenbank ist keine Demo: Sie enthält Konten. Es wurde nichts geändert.")
        if is_marked and not options["reset"]:
            self.stdout.write("Die Demowelt ist schon da.")
            return
        if options["scale"] < 1:
            raise CommandError("--scale muss mindestens 1 sein.")
        if is_marked:
            call_command("flush", interactive=False, verbosity=0)
        call_command("base_data", verbosity=0)
        with transaction.atomic():
            FormReceipt.objects.create(form_id=MARK, purpose="demo_data")
            world.build(today=options["today"] or timezone.localdate(), scale=options["scale"])
        self.stdout.write(self.style.SUCCESS("Die Demowelt ist angelegt."))
