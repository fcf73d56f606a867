"""Real child processes: restarted when killed, given up when failing, gone with their starter."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.processes import Process, end_all, listen, listen_near, port_of

ROOT = Path(__file__).resolve().parent.parent.parent
# A main process with a child of its own, like gunicorn and celery; says both ids, then waits to be ended.
FAMILY = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(os.getpid(), child.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def started(tmp_path):
    """Starts a kept process; everything is ended afterwards."""
    made = []

    def start(code, name="one"):
        process = Process(name, [sys.executable, "-c", code], dict(os.environ), tmp_path / f"{name}.log", ROOT)
        process.start()
        made.append(process)
        return process

    yield start
    end_all(made)


def _is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _wait_for(condition):
    """Until the condition holds; half a minute is far more than any of these needs."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := condition():
            return found
        os.sched_yield()
    raise AssertionError("It did not happen.")


def _pids(log):
    return [int(word) for word in log.read_text().split()] if log.exists() else []


@pytest.fixture
def no_pause(monkeypatch):
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.0)


def test_a_killed_process_is_started_again_without_the_rest_of_its_group(started, no_pause):
    process = started(FAMILY)
    _wait_for(lambda: len(_pids(process.log)) == 2)
    main, child = _pids(process.log)
    os.kill(main, signal.SIGKILL)
    _wait_for(process.watch)
    assert process.pid != main
    _wait_for(lambda: not _is_alive(child))
    assert process.is_running


def test_a_process_killed_twenty_times_is_not_given_up(started, no_pause):
    process = started("import signal; signal.pause()")
    for _ in range(20):
        process.kill()
        _wait_for(process.watch)
    assert not process.is_given_up
    assert process.is_running


def test_a_process_that_keeps_failing_is_given_up(started, no_pause):
    process = started("raise SystemExit(1)")
    starts = 1
    while not process.is_given_up:
        starts += process.watch()
    assert starts == 1 + processes.GIVE_UP_AFTER
    assert not process.watch()


def test_the_pause_between_starts_grows_to_thirty_seconds(started):
    process = started("import signal; signal.pause()")
    process.kill()
    pauses = [process._pause_after_end(now=float(second), code=-9) for second in range(7)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert process._pause_after_end(now=1000.0, code=-9) == 1


def test_ending_all_leaves_no_process_even_of_stubborn_ones(started):
    stubborn = started(
        "import signal\nsignal.signal(15, signal.SIG_IGN)\nprint(0, flush=True)\nwhile 1: signal.pause()"
    )
    family = started(FAMILY, "two")
    _wait_for(lambda: stubborn.log.read_text() and len(_pids(family.log)) == 2)
    end_all([stubborn, family], seconds=0.5)
    assert not stubborn.is_running
    _wait_for(lambda: not any(_is_alive(pid) for pid in _pids(family.log)))


def test_the_children_end_when_their_starter_is_killed(tmp_path):
    log = tmp_path / "log"
    starter = f"""
import os, signal, sys
from pathlib import Path
from deploy.local.processes import Process
code = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
Process("one", [sys.executable, "-c", code], dict(os.environ), Path({str(log)!r}), Path(".")).start()
signal.pause()
"""
    parent = subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT)
    (child,) = _wait_for(lambda: _pids(log))
    parent.kill()
    parent.wait()
    _wait_for(lambda: not _is_alive(child))


def test_a_port_in_use_is_passed_over_and_the_found_one_is_held():
    first = listen_near(18500)
    second = listen_near(port_of(first))
    assert port_of(second) > port_of(first)
    with pytest.raises(OSError, match="in use"):
        listen(port_of(second))
    for one in (*first, *second):
        one.close()


def test_a_socket_survives_the_restart_of_the_process_that_serves_it(tmp_path, no_pause):
    (listening,) = listen_near(18500, ipv6=False)
    code = f"""
import socket
listening = socket.socket(fileno={listening.fileno()})
while True:
    listening.accept()[0].send(b"served")
"""
    process = Process("one", [sys.executable, "-c", code], dict(os.environ), tmp_path / "log", ROOT, [listening])
    process.start()
    process.kill()
    with socket.create_connection(("127.0.0.1", port_of([listening])), timeout=30) as caller:  # nobody serves now
        _wait_for(process.watch)
        assert caller.recv(6) == b"served"
    end_all([process])
    listening.close()
