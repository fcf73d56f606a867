"""Child processes that are kept running, and that end with the process that started them."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

GIVE_UP_AFTER = 5  # failures of one process within WINDOW
WINDOW = 60.0  # seconds
LONGEST_PAUSE = 30.0  # seconds between two starts
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)  # loaded before the fork: the child may not load anything


def has_ipv6() -> bool:
    """Whether this machine talks IPv6 to itself; containers often do not."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def listen(port: int, *, ipv6: bool = True) -> list[socket.socket]:
    """Sockets that listen on this port of this machine; OSError where it is taken.

    The starter keeps them and its children inherit them: nobody else can take a port between looking and starting,
    and while a child is restarted, callers wait instead of being refused.
    """
    hosts = [(socket.AF_INET, "127.0.0.1")]
    if ipv6 and has_ipv6():
        hosts.append((socket.AF_INET6, "::1"))
    opened: list[socket.socket] = []
    try:
        for family, host in hosts:
            opened.append(socket.socket(family))
            opened[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened[-1].bind((host, port))
            opened[-1].listen(1024)
    except OSError:
        for one in opened:
            one.close()
        raise
    return opened


def listen_near(wanted: int, *, ipv6: bool = True) -> list[socket.socket]:
    """Sockets on the wanted port or the next free one above it."""
    for port in range(wanted, wanted + 200):
        try:
            return listen(port, ipv6=ipv6)
        except OSError:
            continue
    raise SystemExit(f"Zwischen {wanted} und {wanted + 199} ist kein Port frei.")


def port_of(sockets: list[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def die_with_parent() -> None:
    """In the child, after the fork: ask Linux for SIGTERM when the starter is gone, however it went."""
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One kept process in a group of its own; restarted after a growing pause.

    Killed from outside it is always started again. Ending by itself more than five times a minute it is given up:
    then something is wrong that a restart does not mend, and its log says what.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        log: Path,
        cwd: Path,
        sockets: Iterable[socket.socket] = (),
    ):
        self.name, self.command, self.environment, self.log, self.cwd = name, command, environment, log, cwd
        self.sockets = list(sockets)  # inherited under the same numbers
        self.popen: subprocess.Popen[bytes] | None = None
        self.is_given_up = False
        self._ends: list[float] = []
        self._failures: list[float] = []
        self._next_start: float | None = None

    @property
    def pid(self) -> int:
        return self.popen.pid if self.popen else 0

    @property
    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as file:
            self.popen = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                pass_fds=[one.fileno() for one in self.sockets],
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def watch(self) -> bool:
        """Look after the process, restart it when its pause is over; whether it was restarted."""
        if self.is_given_up or self.is_running or self.popen is None:
            return False
        now = time.monotonic()
        if self._next_start is None:
            self._next_start = now + self._pause_after_end(now, self.popen.returncode)
        if self.is_given_up or now < self._next_start:
            return False
        self._next_start = None
        self.start()
        return True

    def _pause_after_end(self, now: float, code: int) -> float:
        """Note an end, sweep up what it left, and give the seconds until the next start: 1, 2, 4 … 30."""
        self.kill()
        self._ends = [moment for moment in self._ends if now - moment < WINDOW] + [now]
        if code >= 0:  # negative: killed by a signal
            self._failures = [moment for moment in self._failures if now - moment < WINDOW] + [now]
            self.is_given_up = len(self._failures) > GIVE_UP_AFTER
        return min(LONGEST_PAUSE, 2.0 ** (len(self._ends) - 1))

    def ask_to_end(self) -> None:
        """SIGTERM to the main process only: gunicorn and celery then end their own children in good order."""
        if self.popen and self.is_running:
            self.popen.terminate()

    def kill(self) -> None:
        """SIGKILL to whatever is left of the group."""
        if self.popen:
            try:
                os.killpg(self.popen.pid, signal.SIGKILL)
            except ProcessLookupError:
                return  # nothing was left


def end_all(processes: list[Process], seconds: float = 8.0) -> None:
    """End all in good order, the slow ones by force."""
    for process in processes:
        process.ask_to_end()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(process.is_running for process in processes):
        time.sleep(0.05)
    for process in processes:
        process.kill()
        if process.popen:
            process.popen.wait()
