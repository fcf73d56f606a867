"""bin/demo: prepares the embedded portal, starts its processes, keeps them running, and says where everything is."""

import argparse
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = sys.executable
READY_SECONDS = 60
GIVE_UP_AFTER = 5  # restarts of one process within a minute
PR_SET_PDEATHSIG = 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", description="Startet das Portal mit der Demowelt.")
    parser.add_argument("--reset", action="store_true", help="mit einer frischen Demowelt beginnen")
    parser.add_argument("--port", type=int, default=8000, help="Port der Website (8000)")
    parser.add_argument("--today", type=date.fromisoformat, help="Tag der Demowelt, JJJJ-MM-TT")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="Ordner für Datenbank, Dateien, Mails (var)")
    return parser.parse_args()


def free_port(wanted: int) -> int:
    """The wanted port if nobody listens there, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("Kein freier Port gefunden.")


def die_with_parent() -> None:
    """In the child: own process group; gone when this supervisor is killed."""
    os.setsid()
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One kept process: restarted with a growing pause, given up after five times a minute."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path):
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.starts: list[float] = []
        self.next_start = 0.0
        self.popen: subprocess.Popen | None = None
        self.given_up = False

    def start(self) -> None:
        self.starts = [moment for moment in self.starts if time.monotonic() - moment < 60]
        if len(self.starts) > GIVE_UP_AFTER:
            self.given_up = True
            print(f"{self.name} startet nicht. Siehe {self.log}", flush=True)
            return
        self.starts.append(time.monotonic())
        with self.log.open("ab") as file:
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
            )

    def watch(self) -> bool:
        """Restart when it is time; whether anything changed."""
        if self.given_up or self.popen is None or self.popen.poll() is None:
            return False
        now = time.monotonic()
        if not self.next_start:
            self.next_start = now + min(30, 2 ** max(0, len(self.starts) - 1))
        if now < self.next_start:
            return False
        self.next_start = 0.0
        self.start()
        return True

    def signal(self, number: int) -> None:
        if self.popen and self.popen.poll() is None:
            try:
                os.killpg(self.popen.pid, number)
            except ProcessLookupError:
                return  # it ended meanwhile

    @property
    def pid(self) -> int:
        return self.popen.pid if self.popen else 0


class Demo:
    def __init__(self, given: argparse.Namespace):
        self.given = given
        self.var: Path = given.var.resolve()
        self.port = free_port(given.port)
        self.smtp_port, self.mail_port = free_port(8025), free_port(8026)
        self.own_mail = not os.environ.get("EMAIL_URL")
        self.environment = self._environment()
        self.processes: list[Process] = []
        self.stopping = False

    @property
    def address(self) -> str:
        return self.environment["BASE_URL"]

    @property
    def mail_address(self) -> str:
        return self.environment["MAIL_WEB_URL"]

    def _environment(self) -> dict[str, str]:
        base = os.environ.get("BASE_URL") or f"http://localhost:{self.port}"
        values = {
            "BASE_URL": base,
            "MOBIPRO_VAR": str(self.var),
            "SEND_DELAY_SECONDS": os.environ.get("SEND_DELAY_SECONDS", "5"),
            "SECOND_FACTOR_REQUIRED": os.environ.get("SECOND_FACTOR_REQUIRED", "false"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "mobipro.settings",
            "MAIL_WEB_URL": "",
        }
        if self.own_mail:
            values["EMAIL_URL"] = f"smtp://127.0.0.1:{self.smtp_port}"
            values["MAIL_WEB_URL"] = f"http://localhost:{self.mail_port}"
        return {**os.environ, **values}

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [PYTHON, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True, stdin=subprocess.DEVNULL
        )

    def prepare(self) -> None:
        """Everything that must be there before the processes start; steps whose input is unchanged are left out."""
        marker = self.var / "demo-is-filled"
        if self.given.reset:
            self._empty()
        stamps = self._stamps()
        done = self.var / "prepared.json"
        before = json.loads(done.read_text()) if done.exists() else {}
        if stamps["migrations"] != before.get("migrations"):
            self.manage("migrate", "--verbosity", "0")
            self.manage("createcachetable")
            self.manage("base_data", "--verbosity", "0")
        if stamps["static"] != before.get("static"):
            self.manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
        if not marker.exists() or self.given.reset:
            print("Lege die Demowelt an …", flush=True)
            today = ["--today", self.given.today.isoformat()] if self.given.today else []
            self.manage("demo_data", *today, *(["--reset"] if self.given.reset else []))
            marker.touch()
        done.write_text(json.dumps(stamps))

    def _stamps(self) -> dict[str, str]:
        def digest(paths: list[Path]) -> str:
            found = hashlib.sha256(self.environment.get("DATABASE_URL", "").encode())
            for path in sorted(paths):
                found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
            return found.hexdigest()

        migrations = [path for path in ROOT.glob("*/**/migrations/*.py") if ".venv" not in path.parts]
        static = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
        return {
            "migrations": digest([*migrations, ROOT / "requirements.lock"]),
            "static": digest([*static, ROOT / "requirements.lock"]),
        }

    def _empty(self) -> None:
        """Remove what the embedded demo made; a foreign database is left to demo_data, which asks for its mark."""
        for name in ("files", "mail", "broker", "static", "log"):
            shutil.rmtree(self.var / name, ignore_errors=True)
        for path in [
            *self.var.glob("mobipro.sqlite3*"),
            *self.var.glob("beat*"),
            self.var / "prepared.json",
            self.var / "demo-is-filled",
        ]:
            path.unlink(missing_ok=True)

    def start(self) -> None:
        logs = self.var / "log"
        logs.mkdir(parents=True, exist_ok=True)
        celery = [PYTHON, "-m", "celery", "-A", "mobipro"]
        worker = ["worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        commands = {
            "web": [
                PYTHON,
                "-m",
                "gunicorn",
                "mobipro.wsgi",
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "8",
                "--bind",
                f"127.0.0.1:{self.port}",
                "--bind",
                f"[::1]:{self.port}",
            ],
            "worker-mail": [
                *celery,
                *worker,
                "--queues",
                "mail,default",
                "--concurrency",
                "1",
                "--hostname",
                "mail@demo",
            ],
            "worker-pdf": [*celery, *worker, "--queues", "pdf", "--concurrency", "1", "--hostname", "pdf@demo"],
            "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
        }
        if not socket.has_ipv6:
            commands["web"] = commands["web"][:-2]
        if self.own_mail:
            mail = [
                PYTHON,
                "deploy/local/mailcatcher.py",
                str(self.var / "mail"),
                str(self.smtp_port),
                str(self.mail_port),
            ]
            commands = {"mail": mail, **commands}
        for name, command in commands.items():
            process = Process(name, command, self.environment, logs / f"{name}.log")
            process.start()
            self.processes.append(process)
        self.write_state()

    def write_state(self) -> None:
        """var/demo.json tells tests and second starts where everything is."""
        pids = {process.name: process.pid for process in self.processes}
        state = {"web": self.address, "mail": self.mail_address, "supervisor": os.getpid(), "pids": pids}
        aside = self.var / "demo.json.new"
        aside.write_text(json.dumps(state))
        aside.replace(self.var / "demo.json")

    def wait_until_ready(self) -> bool:
        last = ""
        for _ in range(READY_SECONDS * 5):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return True
            except urllib.error.HTTPError as problem:
                last = problem.read().decode(errors="replace")[:300]
            except OSError as problem:
                last = str(problem)
            if self.stopping:
                return False
            self.watch()
            time.sleep(0.2)
        print(
            f"Das Portal ist nach {READY_SECONDS} Sekunden nicht bereit: {last}\nProtokolle: {self.var / 'log'}",
            flush=True,
        )
        return False

    def watch(self) -> None:
        changed = [process.watch() for process in self.processes]
        if any(changed):
            self.write_state()

    def announce(self) -> None:
        people = subprocess.run(
            [PYTHON, "manage.py", "demo_data", "--print-people"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        mails = f"Mails:    {self.mail_address}" if self.own_mail else f"Mails:    {self.environment['EMAIL_URL']}"
        print(f"\nMobiPro:  {self.address}\n{mails}\n\n{people.stdout.strip()}\n\nStrg+C beendet alles.", flush=True)

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping = True

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        self.start()
        try:
            if not self.wait_until_ready():
                return 0 if self.stopping else 1
            self.announce()
            while not self.stopping:
                self.watch()
                time.sleep(0.5)
            return 0
        finally:
            self.end()

    def end(self) -> None:
        for process in self.processes:
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline and any(row.popen and row.popen.poll() is None for row in self.processes):
            time.sleep(0.1)
        for process in self.processes:
            process.signal(signal.SIGKILL)
        (self.var / "demo.json").unlink(missing_ok=True)


def main() -> int:
    given = options()
    given.var.mkdir(parents=True, exist_ok=True)
    lock = (given.var / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        state = given.var / "demo.json"
        where = json.loads(state.read_text())["web"] if state.exists() else "gleich da"
        print(f"MobiPro läuft schon: {where}")
        return 0
    os.set_inheritable(lock.fileno(), False)
    demo = Demo(given)
    demo.prepare()
    return demo.run()


if __name__ == "__main__":
    sys.exit(main())
