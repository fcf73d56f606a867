"""What must be there before bin/demo starts its processes: tables, base data, the demo world, static files.

A step whose input did not change since the last start is left out: var/prepared.json remembers the hashes.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from deploy.local.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("mobipro", "regions", "meetings", "practices", "documentation")

# Ends with 3 where the database holds something that is no demo world.
IS_OURS = """
import sys
from django.db import connection
from mobipro.management.commands.demo_data import MARK
from regions.models import FormReceipt, User
tables = connection.introspection.table_names()
if tables and User._meta.db_table not in tables:
    sys.exit(3)
if tables and User.objects.exists() and not FormReceipt.objects.filter(form_id=MARK).exists():
    sys.exit(3)
"""


class Preparation:
    """Prepares one var folder and its database."""

    def __init__(self, var: Path, environment: dict[str, str]):
        self.var, self.environment = var, environment
        self.memory = var / "prepared.json"

    def run(self, *, reset: bool, today: date | None) -> str:
        """Do what is missing; returns the lines that name the demo people."""
        if reset:
            self._empty()
        before = json.loads(self.memory.read_text()) if self.memory.exists() else {}
        now = {"database": self._database_key(), "static": self._static_key(), "people": before.get("people", "")}
        has_static = before.get("static") == now["static"]
        has_world = before.get("database") == now["database"] and self._has_database()
        if today and before and self._has_database():
            print("Die Demowelt ist schon da und bleibt, wie sie ist. Für einen anderen Tag: mit --reset starten.")
        if has_static and has_world:
            return str(now["people"])
        print("Bereite Datenbank und Dateien vor …", flush=True)
        collecting = None if has_static else self._popen("collectstatic", "--noinput", "--clear", "--verbosity", "0")
        try:
            if not has_world:
                now["people"] = self._fill(reset=reset, today=today)
        finally:
            code = collecting.wait() if collecting else 0
        if code:
            raise SystemExit("collectstatic ist gescheitert (siehe oben).")
        self.memory.write_text(json.dumps(now))
        return str(now["people"])

    def _fill(self, *, reset: bool, today: date | None) -> str:
        if self._is_foreign and self._popen("shell", "-v", "0", "-c", IS_OURS).wait() == 3:
            raise SystemExit("DATABASE_URL führt zu einer Datenbank, die keine Demowelt ist. Es wurde nichts geändert.")
        self._manage("migrate", "--verbosity", "0")
        self._manage("createcachetable", "--verbosity", "0")
        self._manage("base_data", "--verbosity", "0")
        arguments = ["--today", today.isoformat()] if today else []
        self._manage("demo_data", *arguments, *(["--reset"] if reset else []))
        return self._people()

    def _people(self) -> str:
        command = [sys.executable, "manage.py", "demo_data", "--print-people"]
        shown = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        return shown.stdout.strip() if shown.returncode == 0 else ""

    def _popen(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
        )

    def _manage(self, *arguments: str) -> None:
        if self._popen(*arguments).wait():
            raise SystemExit(f"manage.py {arguments[0]} ist gescheitert (siehe oben).")

    @property
    def _is_foreign(self) -> bool:
        return bool(self.environment.get("DATABASE_URL"))

    def _has_database(self) -> bool:
        return self._is_foreign or (self.var / "mobipro.sqlite3").exists()

    def _database_key(self) -> str:
        """Changes with the database and with any code that may write its tables or its base data."""
        sources = (path for app in APPS for path in (ROOT / app).rglob("*") if path.suffix in {".py", ".json"})
        return _digest([*sources, ROOT / "requirements.lock"], self.environment.get("DATABASE_URL", ""))

    def _static_key(self) -> str:
        """Changes with a static file of ours or a version of a package that brings some."""
        sources = (path for path in (ROOT / "static").rglob("*") if path.is_file())
        return _digest([*sources, ROOT / "requirements.lock"], "")

    def _empty(self) -> None:
        """Remove what the embedded demo made; a foreign database is left to demo_data, which asks for its mark."""
        for name in ("files", "mail", "broker", "static", "log"):
            shutil.rmtree(self.var / name, ignore_errors=True)
        for path in (*self.var.glob("mobipro.sqlite3*"), *self.var.glob("beat*"), self.memory):
            path.unlink(missing_ok=True)


def _digest(paths: Iterable[Path], salt: str) -> str:
    found = hashlib.sha256(salt.encode())
    for path in sorted(paths):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
