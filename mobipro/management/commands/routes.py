"""Every address of the portal with methods, callers, ids and effect; for checks from outside."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mobipro.routes import all_routes


class Command(BaseCommand):
    help = "Listet alle Adressen: Methoden, wer sie aufrufen darf, Art der Kennungen, ob sie etwas ändern."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="als JSON ausgeben")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [route.as_dict() for route in all_routes()]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for row in rows:
            effect = "changes" if row["changes_state"] else "reads"
            self.stdout.write(f"{row['route']}  {','.join(row['methods'])}  {effect}  {row['who']}")
