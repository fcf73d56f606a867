"""bin/test: the whole suite on PostgreSQL and Redis, again on SQLite, then the trips once on each.

What could not run is named at the end; nothing is left out silently. `--quick` runs SQLite without trips;
other arguments go to pytest: `bin/test tests/meetings -k moved`.
"""

import ctypes.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import verapdf  # noqa: E402  (needs the path; standard library only)

COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")
NOTHING_COLLECTED = 5  # pytest's exit code
# The caller's portal is not the one that is tested.
FOREIGN = {"BASE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "LINK_KEY", "SEND_DELAY_SECONDS"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def postgres_programs() -> Path | None:
    """The folder of the newest installed PostgreSQL server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def call(command: list[str], folder: Path) -> None:
    subprocess.run(command, check=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def postgres(programs: Path, folder: Path) -> Iterator[str]:
    """The address of a private PostgreSQL on a free port. It refuses to run as root."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", free_port()
    initdb = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "mobipro", "-A", "trust"]
    call([*initdb, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], folder)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    call([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
    try:
        address = ["-h", "127.0.0.1", "-p", str(port), "-U", "mobipro"]
        call([*prefix, str(programs / "createdb"), *address, "mobipro"], folder)
        yield f"postgres://mobipro@127.0.0.1:{port}/mobipro"
    finally:
        call([*control, "-m", "immediate", "stop"], folder)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a private Redis on a free port."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*command, "--maxmemory-policy", "noeviction"], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def servers(programs: Path) -> Iterator[dict[str, str]]:
    """Private PostgreSQL and Redis in a temporary folder; gone afterwards."""
    place = "/tmp" if os.geteuid() == 0 else None  # noqa: S108 - TMPDIR may be closed to the user postgres
    with tempfile.TemporaryDirectory(prefix="mobipro-servers-", dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "postgres").mkdir()
        with postgres(programs, folder / "postgres") as database, redis(folder) as broker:
            yield {"DATABASE_URL": database, "REDIS_URL": broker}


class Runs:
    """Runs pytest several times and adds up what it says."""

    def __init__(self, arguments: list[str]):
        self.arguments = arguments
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self.left_out: list[str] = []

    def run(self, title: str, options: list[str], environment: dict[str, str]) -> None:
        print(f"\n=== {title}", flush=True)
        before = sum(self.counts.values())
        with tempfile.TemporaryDirectory(prefix="mobipro-var-", ignore_cleanup_errors=True) as var:
            own = {name: value for name, value in os.environ.items() if name not in FOREIGN}
            code, last = self._pytest(options, {**own, **environment, "MOBIPRO_VAR": var})
        for number, word in COUNT.findall(last):
            self.counts["failed" if word.startswith("error") else word] += int(number)
        chosen_elsewhere = code == NOTHING_COLLECTED and bool(self.arguments)
        if code and not chosen_elsewhere:
            self.broken.append(f"{title} (exit {code})")
        if sum(self.counts.values()) == before:
            self.left_out.append(f"{title}: no test was collected")

    def _pytest(self, options: list[str], environment: dict[str, str]) -> tuple[int, str]:
        """The exit code and the line with the counts; everything is shown as it comes."""
        command = [sys.executable, "-m", "pytest", "-q", *options, *self.arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        last = ""
        try:
            for line in process.stdout or []:
                print(line, end="", flush=True)
                if COUNT.search(line):
                    last = line
            return process.wait(), last
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)

    def verdict(self) -> int:
        """Print what was left out and the sum; the exit code."""
        print("\n=== Left out: " + ("" if self.left_out else "nothing"))
        for reason in self.left_out:
            print(f"  - {reason}")
        for title in self.broken:
            print(f"Not green: {title}")
        if self.broken and not self.counts["failed"]:
            self.counts["failed"] = len(self.broken)  # a run that broke off without a count
        print(", ".join(f"{self.counts[word]} {word}" for word in ("passed", "failed", "skipped")))
        return 1 if self.broken or not self.counts["passed"] else 0


def missing_programs(runs: Runs) -> dict[str, str]:
    """What the tests must know of programs that are not there; the reasons go to what was left out."""
    environment: dict[str, str] = {}
    if not ctypes.util.find_library("pango-1.0"):
        environment["MOBIPRO_NO_PDF"] = "1"
        runs.left_out.append("PDF tests: Pango is missing (apt line above)")
    elif reason := verapdf.missing():  # asked once and before the runs: it may fetch the checker
        runs.left_out.append(f"PDF/UA-1 and PDF/A-3a checks: {reason} (apt install default-jre-headless maven)")
    if not Path("/usr/sbin/dovecot").exists():
        environment["MOBIPRO_NO_IMAP"] = "1"
        runs.left_out.append("Mailbox tests: no IMAP server (apt install dovecot-imapd)")
    return environment


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    runs = Runs([argument for argument in sys.argv[1:] if argument != "--quick"])
    units = ["-n", "auto", "-m", "not trip"]
    environment = missing_programs(runs)
    if "--quick" in sys.argv[1:]:
        runs.run("SQLite and the filesystem broker", units, environment)
        runs.left_out.append("PostgreSQL, Redis and the trips: --quick")
        return runs.verdict()
    trips = ["-n", "0", "-m", "trip"]
    if not Path("/usr/bin/chromium").exists():
        runs.left_out.append("Trips: no Chromium from the distribution (apt install chromium; Ubuntu's is a snap stub)")
        trips = []
    if not any((ROOT / "tests" / "trips").glob("test_*.py")):
        runs.left_out.append("Trips: tests/trips holds none")
        trips = []
    programs = postgres_programs()
    if programs and shutil.which("redis-server"):
        with servers(programs) as addresses:
            runs.run("PostgreSQL and Redis", units, {**environment, **addresses})
            if trips:
                runs.run("Trips on PostgreSQL and Redis", trips, {**environment, **addresses})
    else:
        runs.left_out.append("PostgreSQL and Redis: not installed (apt install postgresql redis-server)")
    runs.run("SQLite and the filesystem broker", units, environment)
    if trips:
        runs.run("Trips on SQLite and the filesystem broker", trips, environment)
    return runs.verdict()


if __name__ == "__main__":
    sys.exit(main())
