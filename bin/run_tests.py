"""bin/test: the whole suite on PostgreSQL and Redis, again on SQLite, then the trips once on each.

What could not run is named at the end; nothing is left out silently. `--quick` runs SQLite without trips;
other arguments go to pytest.
"""

import os
import re
import shutil
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
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def postgres_bin() -> Path | None:
    """The newest installed PostgreSQL server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def servers(programs: Path, folder: Path) -> Iterator[dict[str, str]]:
    """A private PostgreSQL and Redis on free ports; gone afterwards. PostgreSQL refuses to run as root."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    data, port, redis_port = folder / "pg", free_port(), free_port()
    quiet = {"stdout": subprocess.DEVNULL, "cwd": str(folder)}
    subprocess.run(
        [
            *prefix,
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "mobipro",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        **quiet,
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-l", str(folder / "pg.log"), "-o", options, "start"], check=True, **quiet)
    redis = subprocess.Popen(
        [
            "redis-server",
            "--port",
            str(redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
            "--maxmemory-policy",
            "noeviction",
        ],
        **quiet,
    )
    try:
        subprocess.run(
            [*prefix, str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "mobipro", "mobipro"],
            check=True,
            **quiet,
        )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", redis_port)) == 0:
                    break
            time.sleep(0.05)
        yield {
            "DATABASE_URL": f"postgres://mobipro@127.0.0.1:{port}/mobipro",
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}",
        }
    finally:
        redis.terminate()
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
        redis.wait(10)


class Runs:
    """Runs pytest several times and adds up what it says."""

    def __init__(self, arguments: list[str]):
        self.arguments = arguments
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []

    def run(self, title: str, options: list[str], environment: dict[str, str]) -> None:
        print(f"\n=== {title}", flush=True)
        with tempfile.TemporaryDirectory(prefix="mobipro-var-", ignore_cleanup_errors=True) as var:
            command = [sys.executable, "-m", "pytest", "-q", *options, *self.arguments]
            env = {**os.environ, **environment, "MOBIPRO_VAR": var}
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            last = ""
            for line in process.stdout or []:
                print(line, end="", flush=True)
                if COUNT.search(line):
                    last = line
            code = process.wait()
        for number, word in COUNT.findall(last):
            self.counts["failed" if word.startswith("error") else word] += int(number)
        if code not in (0, 5) or (code == 5 and not self.arguments):
            self.broken.append(f"{title} (exit {code})")


def main() -> int:
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    runs = Runs([argument for argument in arguments if argument != "--quick"])
    left_out: list[str] = []
    programs = postgres_bin()
    has_servers = programs is not None and shutil.which("redis-server") is not None
    has_browser = Path("/usr/bin/chromium").exists()
    sqlite = {"DATABASE_URL": "", "REDIS_URL": "", "EMAIL_URL": ""}
    workers = ["-n", "auto", "-m", "not trip"]
    trips = ["-n", "0", "-m", "trip"]
    if not quick and has_servers and programs:
        with tempfile.TemporaryDirectory(prefix="mobipro-servers-", ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            with servers(programs, Path(folder)) as addresses:
                runs.run("PostgreSQL and Redis", workers, {**sqlite, **addresses})
                if has_browser:
                    runs.run("Trips on PostgreSQL and Redis", trips, {**sqlite, **addresses})
    elif not quick:
        left_out.append(
            "PostgreSQL and Redis: not installed and not allowed to install (apt install postgresql redis-server)"
        )
    runs.run("SQLite and the filesystem broker", workers, sqlite)
    if has_browser and not quick:
        runs.run("Trips on SQLite", trips, sqlite)
    if quick:
        left_out.append("PostgreSQL, Redis and the trips: --quick")
    elif not has_browser:
        left_out.append(
            "Browser trips: no Chromium from the distribution (apt install chromium; Ubuntu's is a snap stub)"
        )
    print("\n=== Left out: " + ("nothing" if not left_out else ""))
    for reason in left_out:
        print(f"  - {reason}")
    for title in runs.broken:
        print(f"Not green: {title}")
    counts = runs.counts
    if runs.broken and not counts["failed"]:
        counts["failed"] = 1
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if runs.broken else 0


if __name__ == "__main__":
    sys.exit(main())
