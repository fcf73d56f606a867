"""Länder, regions, words, pages, school holidays: created where they are missing."""

from typing import Any

from django.core.management.base import BaseCommand

from mobipro.base_data.create import create
from regions import holiday_import


class Command(BaseCommand):
    help = "Legt die Grunddaten an, die fehlen. Vorhandene werden nicht geändert."

    def handle(self, *args: Any, **options: Any) -> None:
        create()
        holiday_import.load_repository_file()
        if options["verbosity"]:
            self.stdout.write("Die Grunddaten sind vollständig.")
