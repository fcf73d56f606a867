"""bin/demo: prepares the embedded portal, starts its processes, keeps them running, and says where everything is."""

import argparse
import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from types import FrameType

from deploy.local.preparation import ROOT, Preparation
from deploy.local.processes import Process, end_all, listen, listen_near, port_of

PYTHON = sys.executable
READY_SECONDS = 300  # a machine under full load; usually two


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", description="Startet das Portal mit der Demowelt.")
    parser.add_argument("--reset", action="store_true", help="mit einer frischen Demowelt beginnen")
    parser.add_argument("--port", type=_port, metavar="N", help="Port der Website (8000 oder der nächste freie)")
    parser.add_argument("--today", type=date.fromisoformat, metavar="DATUM", help="Tag der Demowelt, JJJJ-MM-TT")
    parser.add_argument(
        "--var", type=Path, default=ROOT / "var", metavar="ORDNER", help="für Datenbank, Dateien, Mails (var)"
    )
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("bitte eine Zahl von 1 bis 65535")
    return int(text)


def _listen_on(port: int) -> list[socket.socket]:
    try:
        return listen(port)
    except PermissionError:
        raise SystemExit(f"Port {port} ist nur für root. Nehmen Sie einen über 1023.") from None
    except OSError:
        raise SystemExit(f"Port {port} ist belegt. Nehmen Sie einen anderen: bin/demo --port {port + 1}") from None


class Demo:
    """The processes of one var folder and what the world must know about them."""

    def __init__(self, var: Path, port: int | None):
        self.var = var
        self.web = _listen_on(port) if port else listen_near(8000)
        self.port = port_of(self.web)
        self.has_own_mail = not os.environ.get("EMAIL_URL")
        self.smtp: list[socket.socket] = []
        self.mail: list[socket.socket] = []
        if self.has_own_mail:
            self.smtp = listen_near(8025, ipv6=False)
            self.mail = listen_near(port_of(self.smtp) + 1, ipv6=False)
        self.environment = self._environment()
        self.processes: list[Process] = []
        self.is_ready = False
        self.is_stopping = False

    def _environment(self) -> dict[str, str]:
        values = {
            "BASE_URL": os.environ.get("BASE_URL") or f"http://localhost:{self.port}",
            "MOBIPRO_VAR": str(self.var),
            "SEND_DELAY_SECONDS": os.environ.get("SEND_DELAY_SECONDS") or "5",
            "SECOND_FACTOR_REQUIRED": os.environ.get("SECOND_FACTOR_REQUIRED") or "false",
            "DEBUG": "false",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "mobipro.settings",
            "MAIL_WEB_URL": "",
        }
        if self.has_own_mail:
            values["EMAIL_URL"] = f"smtp://127.0.0.1:{port_of(self.smtp)}"
            values["MAIL_WEB_URL"] = f"http://localhost:{port_of(self.mail)}"
        return {**os.environ, **values}

    def commands(self) -> dict[str, list[str]]:
        """Every process by its name; docs/operations.md explains them."""
        gunicorn = [PYTHON, "-m", "gunicorn", "mobipro.wsgi", "--worker-class", "gthread", "--no-control-socket"]
        gunicorn += ["--workers", "2", "--threads", "8", "--graceful-timeout", "5", "--access-logfile", "-"]
        for one in self.web:
            gunicorn += ["--bind", f"fd://{one.fileno()}"]
        celery = [PYTHON, "-m", "celery", "-A", "mobipro"]
        worker = [*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        mail = [PYTHON, "-m", "deploy.local.mailcatcher", str(self.var / "mail")]
        mail += [str(one.fileno()) for one in (*self.smtp, *self.mail)]
        commands = {
            "mail": mail,
            "web": gunicorn,
            "worker-mail": [*worker, "--queues", "mail,default", "--concurrency", "2", "--hostname", "mail@demo"],
            "worker-pdf": [*worker, "--queues", "pdf", "--concurrency", "1", "--hostname", "pdf@demo"],
            "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
        }
        if not self.has_own_mail:
            del commands["mail"]
        return commands

    def start(self) -> None:
        logs = self.var / "log"
        logs.mkdir(parents=True, exist_ok=True)
        sockets = {"web": self.web, "mail": [*self.smtp, *self.mail]}
        for name, command in self.commands().items():
            log = logs / f"{name}.log"
            process = Process(name, command, self.environment, log, ROOT, sockets.get(name, ()))
            process.start()
            self.processes.append(process)
        self.write_state()

    def write_state(self) -> None:
        """var/demo.json tells tests and second starts where everything is."""
        state = {
            "web": self.environment["BASE_URL"],
            "mail": self.environment["MAIL_WEB_URL"],
            "smtp": self.environment["EMAIL_URL"],
            "is_ready": self.is_ready,
            "supervisor": os.getpid(),
            "pids": {process.name: process.pid for process in self.processes},
        }
        aside = self.var / "demo.json.new"
        aside.write_text(json.dumps(state))
        aside.replace(self.var / "demo.json")

    def watch(self) -> None:
        """Restart what ended; stop everything when one process cannot be kept running."""
        restarted = [process.name for process in self.processes if process.watch()]
        if restarted:
            self.write_state()
        for process in self.processes:
            if process.is_given_up:
                raise SystemExit(f"{process.name} bleibt nicht am Laufen. Siehe {process.log}")

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        problem = ""
        while not self.is_stopping and time.monotonic() < deadline:
            problem = self._not_ready_because()
            if not problem:
                self.is_ready = True
                self.write_state()
                return
            self.watch()
            time.sleep(0.1)
        if not self.is_stopping:
            logs = self.var / "log"
            raise SystemExit(f"Nach {READY_SECONDS} Sekunden nicht bereit: {problem}\nProtokolle: {logs}")

    def _not_ready_because(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return "" if answer.status == 200 else f"/readyz: {answer.status}"
        except urllib.error.HTTPError as problem:
            return f"{problem.code} {problem.read().decode(errors='replace')[:300]}"
        except OSError as problem:
            return str(problem)

    def announce(self, people: str) -> None:
        mails = self.environment["MAIL_WEB_URL"] or f"über {self.environment['EMAIL_URL'].rpartition('@')[2]}"
        print(f"\nMobiPro läuft:  {self.environment['BASE_URL']}\nMails lesen:    {mails}\n")
        print(f"{people}\n\nStrg+C beendet alles.", flush=True)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def run(self, people: str) -> None:
        """Start, announce, watch until somebody ends it; leaves nothing running."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        try:
            self.start()
            self.wait_until_ready()
            if not self.is_stopping:
                self.announce(people)
            while not self.is_stopping:
                self.watch()
                time.sleep(0.2)
        finally:
            print("Beende alle Prozesse …", flush=True)  # workers finish what they are at: some seconds
            end_all(self.processes)
            (self.var / "demo.json").unlink(missing_ok=True)


def _tell_second_start(var: Path, *, reset: bool) -> int:
    try:
        where = json.loads((var / "demo.json").read_text())["web"]
    except FileNotFoundError:
        where = "ist gleich bereit"
    print(f"MobiPro läuft schon: {where}")
    if reset:
        print("Für eine frische Demowelt beenden Sie den laufenden Start zuerst.", file=sys.stderr)
    return 1 if reset else 0


def main() -> int:
    given = options()
    var: Path = given.var.resolve()
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _tell_second_start(var, reset=given.reset)
        (var / "demo.json").unlink(missing_ok=True)  # of a start that was killed
        demo = Demo(var, given.port)
        try:
            people = Preparation(var, demo.environment).run(reset=given.reset, today=given.today)
        except KeyboardInterrupt:
            return 130
        demo.run(people)
    return 0


if __name__ == "__main__":
    sys.exit(main())
