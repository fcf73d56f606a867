"""bin/demo as a whole on a var folder of its own: real processes, spoken to over HTTP, SMTP and signals."""

import json
import os
import signal
import smtplib
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.local.processes import listen_near, port_of

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.worker, pytest.mark.slow]
OWN_NAMES = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BASE_URL", "MOBIPRO_VAR", "DJANGO_SETTINGS_MODULE"}


class Demo:
    """One running bin/demo without the environment of the tests: embedded, whatever they run on."""

    def __init__(self, var):
        self.var = var
        self.environment = {name: value for name, value in os.environ.items() if name not in OWN_NAMES}
        self.environment["PYTHONPATH"] = str(ROOT)

    def command(self, *arguments):
        return [sys.executable, "-m", "deploy.local.supervisor", "--var", str(self.var), *arguments]

    def start(self, *arguments):
        self.output = self.var.parent / "output"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                self.command(*arguments), env=self.environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL
            )
        self.wait_for(lambda: "Strg+C" in self.output.read_text())

    def again(self, *arguments):
        return subprocess.run(self.command(*arguments), env=self.environment, capture_output=True, text=True)

    def state(self):
        return json.loads((self.var / "demo.json").read_text())

    def status(self, path):
        try:
            with urllib.request.urlopen(self.state()["web"] + path, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait_for(self, condition):
        deadline = time.monotonic() + 400
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError(self.output.read_text())


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    found = Demo(tmp_path_factory.mktemp("demo") / "var")
    sockets = listen_near(18000)
    port = port_of(sockets)
    for one in sockets:
        one.close()
    found.start("--port", str(port))
    yield found
    found.process.send_signal(signal.SIGTERM)
    assert found.process.wait(30) == 0


def test_the_first_start_says_address_people_and_where_mails_are(demo):
    told = demo.output.read_text()
    assert demo.state()["web"] in told
    assert demo.state()["mail"] in told
    assert "kaya@example.org" in told
    assert demo.status("/readyz") == 200


def test_the_portal_runs_without_debug_pages(demo):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(demo.state()["web"] + "/gibt-es-nicht/", timeout=30)
    page = caught.value.read().decode()
    assert caught.value.code == 404
    assert "DEBUG" not in page


def test_a_second_start_tells_the_address_of_the_first(demo):
    second = demo.again()
    assert second.returncode == 0
    assert demo.state()["web"] in second.stdout


def test_a_second_start_does_not_empty_the_running_world(demo):
    second = demo.again("--reset")
    assert second.returncode == 1
    assert demo.status("/") == 200


def test_mail_to_the_catcher_is_kept_in_var(demo):
    host, port = demo.state()["smtp"].removeprefix("smtp://").split(":")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Probe im Postfach"
    message.set_content("Hallo")
    with smtplib.SMTP(host, int(port), timeout=10) as client:
        client.send_message(message)
    assert any("Probe im Postfach" in file.read_text() for file in (demo.var / "mail").glob("*.eml"))


@pytest.mark.parametrize("name", ["mail", "web", "worker-mail", "worker-pdf", "beat"])
def test_each_killed_process_is_back_by_itself(demo, name):
    before = demo.state()["pids"]
    os.kill(before[name], signal.SIGKILL)
    demo.wait_for(lambda: demo.state()["pids"][name] != before[name])
    demo.wait_for(lambda: demo.status("/readyz") == 200)
    others = {key: pid for key, pid in demo.state()["pids"].items() if key != name}
    assert others == {key: pid for key, pid in before.items() if key != name}


def test_ending_leaves_nothing_and_the_next_start_keeps_the_world(demo):
    pids = demo.state()["pids"]
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(30) == 0
    assert not any(_is_alive(pid) for pid in pids.values())
    assert not (demo.var / "demo.json").exists()
    demo.start()
    told = demo.output.read_text()
    assert "Bereite" not in told
    assert "kaya@example.org" in told


def test_another_day_for_an_existing_world_is_answered_with_reset(demo):
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(30) == 0
    demo.start("--today", "2028-02-29")
    assert "mit --reset starten" in demo.output.read_text()


def test_ending_during_the_preparation_leaves_nothing(tmp_path):
    other = Demo(tmp_path / "var")
    process = subprocess.Popen(other.command(), env=other.environment, stdout=subprocess.DEVNULL)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (started := children.read_text().split()):
        assert process.poll() is None
    process.terminate()
    process.wait(60)
    deadline = time.monotonic() + 60
    while any(_is_alive(pid) for pid in started):
        assert time.monotonic() < deadline


def test_a_busy_port_is_named(demo, tmp_path):
    port = demo.state()["web"].rpartition(":")[2]
    other = Demo(tmp_path / "var")
    refused = other.again("--port", port)
    assert refused.returncode == 1
    assert f"Port {port} ist belegt." in refused.stderr


def test_a_database_that_is_no_demo_is_left_alone(tmp_path):
    file = tmp_path / "foreign.sqlite3"
    with sqlite3.connect(file) as foreign:
        foreign.execute("CREATE TABLE somebody (name text)")
    other = Demo(tmp_path / "var")
    other.environment["DATABASE_URL"] = f"sqlite:///{file}"
    refused = other.again("--reset")
    assert refused.returncode == 1
    assert "keine Demowelt" in refused.stderr
    with sqlite3.connect(file) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("somebody",)]
