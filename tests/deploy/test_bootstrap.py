"""bin/bootstrap.py without a network: when it installs, what it refuses, what it asks for."""

import hashlib
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bin import bootstrap, check_locks, run_tests

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder with both locks and an environment that has nothing installed."""
    (tmp_path / "requirements.lock").write_text("a==1\n")
    (tmp_path / "requirements-dev.lock").write_text("a==1\nb==2\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    names = {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "PYTHON": python, "STAMP": tmp_path / ".venv" / "stamp"}
    for name, value in names.items():
        monkeypatch.setattr(bootstrap, name, value)
    return tmp_path


def _stamp(lock):
    bootstrap.STAMP.write_text(hashlib.sha256(lock.read_bytes()).hexdigest())


def test_an_environment_without_a_stamp_is_not_ready(project):
    assert not bootstrap.is_ready(dev=False)


def test_the_runtime_lock_is_enough_for_the_demo_only(project):
    _stamp(project / "requirements.lock")
    assert bootstrap.is_ready(dev=False)
    assert not bootstrap.is_ready(dev=True)


def test_the_development_lock_is_enough_for_both(project):
    _stamp(project / "requirements-dev.lock")
    assert bootstrap.is_ready(dev=False)
    assert bootstrap.is_ready(dev=True)


def test_a_changed_lock_is_installed_again(project):
    _stamp(project / "requirements.lock")
    (project / "requirements.lock").write_text("a==2\n")
    assert not bootstrap.is_ready(dev=False)


def test_an_environment_whose_python_is_gone_is_not_ready(project):
    _stamp(project / "requirements.lock")
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to("/nonexistent/python")
    assert not bootstrap.is_ready(dev=False)


def test_an_installation_that_fails_is_tried_again_at_the_next_start(project, monkeypatch):
    (project / "requirements.lock").write_text("does-not-exist==1 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PATH", "/nonexistent")  # no uv: pip from the kept wheel
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SystemExit, match="Der nächste Start versucht es erneut"):
        bootstrap.ensure_venv()
    assert not bootstrap.is_ready(dev=False)


def test_the_kept_pip_is_the_one_whose_hash_is_written_down():
    assert bootstrap._checked_pip() == bootstrap.PIP_WHEEL


def test_a_changed_pip_is_refused(project, monkeypatch):
    wheel = project / "pip.whl"
    wheel.write_bytes(b"something else")
    monkeypatch.setattr(bootstrap, "PIP_WHEEL", wheel)
    with pytest.raises(SystemExit, match="verändert"):
        bootstrap._checked_pip()


def test_what_cannot_be_installed_is_named_in_one_apt_line(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "_root_prefix", lambda: None)
    monkeypatch.setattr(bootstrap, "missing_packages", lambda packages: ["libpango-1.0-0"])
    assert bootstrap.ensure_packages(bootstrap.PDF_PACKAGES) == ["libpango-1.0-0"]
    assert "apt install libpango-1.0-0" in capsys.readouterr().out


def test_an_unknown_package_counts_as_missing():
    assert bootstrap.missing_packages(["no-such-package-at-all"]) in ([], ["no-such-package-at-all"])


def test_an_old_python_is_told_which_system_has_a_new_one():
    code = "import sys; sys.version_info = (3, 9, 2); sys.argv = ['x', 'demo']; import bin.bootstrap as b; b.main()"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 1
    assert "Debian ab 12" in told.stderr


def test_the_locks_hold_what_pyproject_asks_for(capsys):
    check_locks.main()
    assert "hold" in capsys.readouterr().out


def test_every_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    for line in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        assert re.search(rf'^\s*"{re.escape(line)}",\s+# \w', text, re.MULTILINE), line


def test_every_setting_stands_in_the_operations_table():
    settings = (ROOT / "mobipro" / "settings.py").read_text()
    names = set(re.findall(r'(?:env(?:\.\w+)?|_required|_key)\(\s*"([A-Z_]+)"', settings))
    table = (ROOT / "docs" / "operations.md").read_text()
    assert names
    assert [name for name in sorted(names) if f"| `{name}` |" not in table] == []


def test_the_sum_of_all_runs_is_the_last_line(capsys):
    runs = run_tests.Runs([])
    runs.counts.update(passed=7, skipped=1)
    assert runs.verdict() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed, 1 skipped"


def test_a_run_that_broke_off_is_never_green(capsys):
    runs = run_tests.Runs([])
    runs.counts.update(passed=7)
    runs.broken.append("SQLite (exit 2)")
    assert runs.verdict() == 1
    assert "7 passed, 1 failed" in capsys.readouterr().out


def test_what_was_left_out_is_named(capsys):
    runs = run_tests.Runs([])
    runs.counts.update(passed=1)
    runs.left_out.append("Trips: no Chromium")
    runs.verdict()
    assert "  - Trips: no Chromium" in capsys.readouterr().out.splitlines()


def test_private_servers_are_gone_afterwards():
    programs = run_tests.postgres_programs()
    if programs is None or not shutil.which("redis-server"):
        return  # bin/test itself says that both are left out
    with run_tests.servers(programs) as addresses:
        port = int(addresses["REDIS_URL"].rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
