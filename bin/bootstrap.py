"""Build .venv from the lock and go on. Standard library only: it runs before anything is installed.

Used by bin/demo, bin/test, bin/bench and .ci/run. Nothing is done twice: a stamp in .venv remembers the lock's hash.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "mobipro-lock.sha256"
PIP_WHEEL = ROOT / "bin" / "vendor" / "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
PDF_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
TEST_PACKAGES = [*PDF_PACKAGES, "postgresql", "redis-server", "chromium", "poppler-utils", "dovecot-imapd"]
# Where each command goes on, and whether it needs the development lock.
COMMANDS = {
    "demo": ("deploy.local.supervisor", False),
    "test": ("bin.run_tests", True),
    "bench": ("bin.run_bench", True),
}


def say(text: str) -> None:
    print(text, flush=True)


def lock_file(*, dev: bool) -> Path:
    return ROOT / ("requirements-dev.lock" if dev else "requirements.lock")


def _hash(*, dev: bool) -> str:
    return hashlib.sha256(lock_file(dev=dev).read_bytes()).hexdigest()


def is_ready(*, dev: bool) -> bool:
    """Whether .venv holds what the lock names. The development lock holds everything of the other."""
    if not PYTHON.exists() or not STAMP.exists():
        return False
    wanted = {_hash(dev=True)} if dev else {_hash(dev=False), _hash(dev=True)}
    return STAMP.read_text() in wanted


def ensure_venv(*, dev: bool = False) -> Path:
    """Make .venv if it is missing or stale; the path of its Python. Packages that are not in the lock stay."""
    with Path(__file__).open() as own_file:
        fcntl.flock(own_file, fcntl.LOCK_EX)  # two first starts at once: the second waits and finds it done
        if not is_ready(dev=dev):
            say("Installiere Abhängigkeiten in .venv …")
            STAMP.unlink(missing_ok=True)
            _install(lock_file(dev=dev))
            STAMP.write_text(_hash(dev=dev))
    return PYTHON


def _install(lock: Path) -> None:
    if _has_uv():
        environment = {"UV_SYSTEM_CERTS": "1", **os.environ}  # uv looks into the system's certificates only if told
        if not PYTHON.exists():
            _run(["uv", "venv", "-q", "--clear", "--python", sys.executable, str(VENV)], environment)
        install = ["uv", "pip", "install", "-q", "--require-hashes", "--python", str(PYTHON)]
    else:
        environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
        if not PYTHON.exists():
            # Bare Debian has no ensurepip, and the wheel kept here works without it.
            _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], environment)
        install = [str(PYTHON), f"{_checked_pip()}/pip", "install", "-q", "--no-deps", "--require-hashes"]
    _run([*install, "-r", str(lock)], environment)


def _has_uv() -> bool:
    """Whether uv answers; a version manager's stub on PATH may not."""
    if not shutil.which("uv"):
        return False
    return subprocess.run(["uv", "--version"], capture_output=True, check=False).returncode == 0


def _checked_pip() -> Path:
    if hashlib.sha256(PIP_WHEEL.read_bytes()).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL.name} ist verändert; es wird nicht ausgeführt.")
    return PIP_WHEEL


def _run(command: list[str], environment: dict[str, str]) -> None:
    if subprocess.run(command, env=environment, check=False).returncode:
        sys.exit("Die Installation ist gescheitert (siehe oben). Der nächste Start versucht es erneut.")


def missing_packages(packages: list[str]) -> list[str]:
    """Those Debian packages that are not installed; none where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", *packages]
    found = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
    return [package for package in packages if f"{package} installed" not in found]


def _root_prefix() -> list[str] | None:
    """What must stand before a command that needs root; None where that is not allowed."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def ensure_packages(packages: list[str]) -> list[str]:
    """Install Debian packages where allowed; returns those still missing, after printing the one line that helps."""
    if _is_ubuntu():
        packages = [package for package in packages if package != "chromium"]  # a stub for a snap there
    missing = missing_packages(packages)
    if not missing:
        return []
    prefix = _root_prefix()
    if prefix is not None and shutil.which("apt-get"):
        say(f"Installiere {', '.join(missing)} …")
        _apt_install(prefix, missing)
        missing = missing_packages(packages)
    if missing:
        say(f"Es fehlt noch etwas. Als root einmal ausführen:\n  apt install {' '.join(missing)}")
    return missing


def _is_ubuntu() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "ubuntu"
    except OSError:
        return False


def _apt_install(prefix: list[str], packages: list[str]) -> None:
    if "postgresql" in packages:
        _no_cluster(prefix)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    nothing = subprocess.DEVNULL
    if subprocess.run(install, stdin=nothing, stdout=nothing, stderr=nothing, check=False).returncode:
        subprocess.run([*apt, "update"], stdin=nothing, stdout=nothing, check=False)  # no lists yet, or old ones
        subprocess.run(install, stdin=nothing, stdout=nothing, check=False)


def _no_cluster(prefix: list[str]) -> None:
    """Keep Debian from starting a PostgreSQL of its own; the tests start private ones."""
    file = "/etc/postgresql-common/createcluster.conf"
    script = f"""mkdir -p /etc/postgresql-common
        grep -qs '^create_main_cluster' {file} || echo 'create_main_cluster = false' >> {file}"""
    subprocess.run([*prefix, "sh", "-c", script], check=False)


def main() -> None:
    """bin/demo, bin/test and bin/bench come here with their name first; `venv` only builds the environment."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one file that an older Python may start
        sys.exit(
            f"MobiPro braucht Python 3.11 oder neuer, hier ist {platform.python_version()}. "
            "Debian ab 12 und Ubuntu ab 24.04 bringen es mit."
        )
    name, *arguments = sys.argv[1:]
    if name == "venv":
        ensure_venv(dev=True)
        return
    target, dev = COMMANDS[name]
    if not {"-h", "--help"} & set(arguments):
        ensure_packages(PDF_PACKAGES if name == "demo" else TEST_PACKAGES)
    python = ensure_venv(dev=dev)
    os.environ["PYTHONPATH"] = str(ROOT)
    # -P: a folder that happens to be called deploy or bin where the caller stands is not ours.
    os.execv(python, [str(python), "-P", "-m", target, *arguments])  # noqa: S606 - our own program


if __name__ == "__main__":
    main()
