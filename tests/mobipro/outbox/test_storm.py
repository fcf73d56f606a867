"""A thousand mails, a real Celery worker group killed with -9 again and again, and a broker that forgets."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
import redis
from celery import Celery
from django.conf import settings as django_settings
from django.db import connection

from mobipro.outbox.models import OutboxMessage, State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
]

GROUP = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_HOST, settings.EMAIL_PORT, settings.RELAY_LOG = "127.0.0.1", int(sys.argv[2]), sys.argv[3]
settings.CELERY_BROKER_URL, settings.CELERY_BROKER_TRANSPORT_OPTIONS = sys.argv[4], eval(sys.argv[5])
django.setup()
from mobipro.celery import app
app.worker_main(["worker", "-Q", "mail", "-c", "2", "--loglevel=error", "--without-gossip", "--without-mingle"])
"""
PHASES = ["ehlo", "mail", "rcpt", "data", "dot", "reply"]
ROUNDS = 26  # each state of SMTP once, and twenty times at random
MAILS = 1000
FORGETS = {7, 13, 19}  # rounds after which the broker loses everything
PATIENCE = 90  # seconds for one round on a busy machine


class Broker:
    """The portal's own broker: Redis where the suite runs on it, else the folder."""

    def __init__(self, folder):
        self.url, self.options = "filesystem://localhost", {}
        self.folder = folder / "broker"
        if django_settings.REDIS_URL:
            # Not the portal's 0 and 1, not the caches of the tests, and each test process its own.
            number = 15 - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 6
            self.url = f"{django_settings.REDIS_URL}/{number}"
            return
        names = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
        self.options = {key: str(self.folder / name) for key, name in names.items()}
        self.options |= {"polling_interval": 0.1, "store_processed": False}
        self._make()

    def _make(self):
        for name in ("queue", "control"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def ring(self):
        """What the timetable does: somebody look what is left."""
        with Celery(broker=self.url) as app:
            app.conf.broker_transport_options = self.options
            for _ in range(2):
                app.send_task("mobipro.outbox.tasks.sweep", queue="mail")

    def forget(self):
        if django_settings.REDIS_URL:
            with redis.Redis.from_url(self.url) as server:
                server.flushdb()
            return
        shutil.rmtree(self.folder)
        self._make()


class WorkerGroup:
    """One Celery worker with two processes; `kill` leaves none of them the time to say anything."""

    def __init__(self, settings, broker):
        arguments = [str(connection.settings_dict["NAME"]), str(settings.EMAIL_PORT), settings.RELAY_LOG]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(django_settings.BASE_DIR), *sys.path])}
        environment["DJANGO_SETTINGS_MODULE"] = os.environ["DJANGO_SETTINGS_MODULE"]
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", GROUP, *arguments, broker.url, repr(broker.options)],
            env=environment,
            cwd=django_settings.BASE_DIR,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)

    def wait(self):
        self.process.wait(30)


def in_the_middle(relay, group, phase, number):
    """Kill the group when this phase is reached for the number-th time; the event says that it happened."""
    seen, happened = Counter(), threading.Event()

    def on_phase(reached):
        time.sleep(0.002)  # a relay that takes its time
        seen[reached] += 1
        if reached == phase and seen[reached] == number:
            group.kill()
            happened.set()

    relay.on_phase = on_phase
    return happened


def storm(relay, put, settings, broker, a_minute_later, rounds):
    """Write mails while the group dies once a round; gives all rows."""
    chance, rows = random.Random(25), []  # noqa: S311 - the same storm each time
    for number in range(rounds):
        rows += [put(f"p{len(rows) + index}@example.org", priority=7) for index in range(MAILS // ROUNDS + 1)]
        phase = PHASES[number] if number < len(PHASES) else chance.choice(PHASES[1:])
        group = WorkerGroup(settings, broker)
        happened = in_the_middle(relay, group, phase, 1 if phase == "ehlo" else chance.randint(1, 30))
        broker.ring()
        try:
            assert happened.wait(PATIENCE), f"round {number}: {phase} was not reached"
        finally:
            group.kill()
            group.wait()
        relay.on_phase = lambda reached: None
        if number in FORGETS:
            broker.forget()
        a_minute_later()
    return rows


def calm(settings, broker, a_minute_later):
    """A group that nobody kills, until nothing is open."""
    group = WorkerGroup(settings, broker)
    ends = time.monotonic() + PATIENCE
    try:
        while OutboxMessage.objects.open().exists() and time.monotonic() < ends:
            broker.ring()
            time.sleep(1)
            a_minute_later()
    finally:
        group.kill()
        group.wait()


@pytest.fixture
def broker(tmp_path):
    found = Broker(tmp_path)
    found.forget()
    yield found
    found.forget()


def test_thousand_mails_survive_the_storm_with_the_relays_log(relay, relay_log, put, settings, broker, a_minute_later):
    rows = storm(relay, put, settings, broker, a_minute_later, ROUNDS)
    calm(settings, broker, a_minute_later)
    assert len(rows) >= MAILS
    assert [who for who, times in Counter(relay.recipients).items() if times > 1] == []
    assert set(relay.recipients) == {row.recipient for row in rows}
    assert Counter(OutboxMessage.objects.values_list("state", flat=True)) == {State.SENT: len(rows)}


def test_without_a_log_each_mail_in_mid_air_is_listed(relay, put, settings, broker, a_minute_later):
    rounds = len(PHASES)
    rows = storm(relay, put, settings, broker, a_minute_later, rounds)
    calm(settings, broker, a_minute_later)
    assert [who for who, times in Counter(relay.recipients).items() if times > 1] == []
    states = {row.recipient: row.state for row in OutboxMessage.objects.all()}
    assert set(states.values()) <= {State.SENT, State.UNCLEAR}
    unclear = {who for who, state in states.items() if state == State.UNCLEAR}
    assert set(relay.recipients) | unclear == {row.recipient for row in rows}
    assert len(unclear) <= 2 * rounds  # at most one in the hands of each process
    assert OutboxMessage.objects.to_decide().count() == len(unclear)
