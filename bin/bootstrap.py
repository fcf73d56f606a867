"""Build .venv from the lock and go on. Standard library only: it runs before anything is installed.

Used by bin/demo, bin/test and bin/bench. Nothing is done twice: a stamp in .venv remembers the lock's hash.
"""

import hashlib
import os
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
TEST_PACKAGES = [*PDF_PACKAGES, "postgresql", "redis-server", "chromium", "poppler-utils"]


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
    """Make .venv if it is missing or stale; the path of its Python."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check
        sys.exit("MobiPro braucht Python 3.11 oder neuer (Debian 12, Ubuntu 24.04).")
    if is_ready(dev=dev):
        return PYTHON
    say("Installiere Abhängigkeiten in .venv …")
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    lock = str(lock_file(dev=dev))
    if shutil.which("uv"):
        if not PYTHON.exists():
            subprocess.run(
                ["uv", "venv", "-q", "--allow-existing", "--python", sys.executable, str(VENV)],
                check=True,
                env=environment,
            )
        command = ["uv", "pip", "sync", "-q", "--require-hashes", "--python", str(PYTHON), lock]
    else:
        _make_venv()
        command = [*_pip(), "install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", lock]
    subprocess.run(command, check=True, env=environment)
    STAMP.write_text(_hash(dev=dev))
    return PYTHON


def _make_venv() -> None:
    if PYTHON.exists():
        return
    try:
        import ensurepip  # noqa: F401 - bare Debian lacks it
    except ImportError:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def _pip() -> list[str]:
    """pip of the environment, or the wheel of this repository run as a program."""
    if subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True, check=False).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    if hashlib.sha256(PIP_WHEEL.read_bytes()).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL.name} ist verändert; es wird nicht ausgeführt.")
    return [str(PYTHON), f"{PIP_WHEEL}/pip"]


def missing_packages(packages: list[str]) -> list[str]:
    """Those Debian packages that are not installed; none where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    missing = []
    for package in packages:
        found = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
        )
        if "install ok installed" not in found.stdout:
            missing.append(package)
    return missing


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
    missing = missing_packages(packages)
    if not missing:
        return []
    prefix = _root_prefix()
    if prefix is not None and shutil.which("apt-get"):
        say(f"Installiere {', '.join(missing)} …")
        if "postgresql" in missing:
            _no_cluster(prefix)
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        install = [*prefix, *environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        if subprocess.run(install, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
            subprocess.run(install, stdout=subprocess.DEVNULL, check=False)
    missing = missing_packages(packages)
    if missing:
        say(f"Es fehlt noch etwas. Als root einmal ausführen:\n  apt install {' '.join(missing)}")
    return missing


def _no_cluster(prefix: list[str]) -> None:
    """Keep Debian from starting a PostgreSQL of its own; the tests start private ones."""
    folder = "/etc/postgresql-common"
    line = "create_main_cluster = false"
    file = f"{folder}/createcluster.conf"
    script = f"mkdir -p {folder}; grep -qs '^{line}' {file} || echo '{line}' >> {file}"
    subprocess.run([*prefix, "sh", "-c", script], check=False)


def main() -> None:
    """bin/demo, bin/test and bin/bench come here with their name first."""
    name, *arguments = sys.argv[1:]
    if name == "venv":
        ensure_venv(dev=True)
        return
    ensure_packages(PDF_PACKAGES if name == "demo" else TEST_PACKAGES)
    python = ensure_venv(dev=name != "demo")
    target = {"demo": "deploy/local/supervisor.py", "test": "bin/run_tests.py", "bench": "bin/run_bench.py"}[name]
    os.chdir(ROOT)
    os.execv(python, [str(python), str(ROOT / target), *arguments])  # noqa: S606 - our own script


if __name__ == "__main__":
    main()
