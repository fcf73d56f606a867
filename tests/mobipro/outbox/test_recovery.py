"""Workers killed with -9 in every state of SMTP, against a real process and a real relay."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from mobipro.outbox import delivery
from mobipro.outbox.models import OutboxMessage, State

WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.DATABASES["default"].setdefault("TEST", {})
django.setup()
settings.EMAIL_HOST, settings.EMAIL_PORT, settings.RELAY_LOG = "127.0.0.1", int(sys.argv[2]), sys.argv[3]
from mobipro.outbox import delivery
print("ready", flush=True)
delivery.recover()
delivery.run()
"""
KILLS = [
    ("ehlo", 1),
    ("mail", 3),
    ("rcpt", 5),
    ("data", 4),
    ("dot", 6),
    ("reply", 2),
    ("mail", 1),
    ("dot", 1),
    ("reply", 9),
]


def worker(settings):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PYTHONPATH": os.pathsep.join([str(django_settings.BASE_DIR), *sys.path]),
    }
    command = [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"])]
    command += [str(settings.EMAIL_PORT), settings.RELAY_LOG]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=django_settings.BASE_DIR)


def kill_in(relay, process, phase, number):
    """Kill the worker when this phase is reached for the number-th time."""
    seen = Counter()

    def on_phase(reached):
        seen[reached] += 1
        if reached == phase and seen[reached] == number:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    relay.on_phase = on_phase


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_log", [True, False], ids=["with the relay's log", "without a log"])
def test_workers_killed_in_every_state_lose_and_double_nothing(relay, put, settings, tmp_path, a_minute_later, has_log):
    if has_log:
        log = tmp_path / "mail.log"
        log.touch()
        settings.RELAY_LOG = relay.log = str(log)
    rows = [put(f"p{number}@example.org") for number in range(70)]
    for phase, number in KILLS:
        process = worker(settings)
        assert process.stdout.readline() == b"ready\n" or process.wait() < 0
        kill_in(relay, process, phase, number)
        process.wait()
        process.stdout.close()
        assert process.returncode == -signal.SIGKILL, phase
        relay.on_phase = lambda reached: None
        a_minute_later()
    delivery.recover()
    delivery.run()
    doubled = [who for who, times in Counter(relay.recipients).items() if times > 1]
    states = Counter(OutboxMessage.objects.values_list("state", flat=True))
    arrived = set(relay.recipients)
    assert doubled == []
    if has_log:
        assert states == {State.SENT: len(rows)}
        assert len(arrived) == len(rows)
    else:
        sent = set(OutboxMessage.objects.filter(state=State.SENT).values_list("recipient", flat=True))
        unclear = set(OutboxMessage.objects.filter(state=State.UNCLEAR).values_list("recipient", flat=True))
        assert sent <= arrived
        assert arrived - sent <= unclear
        assert sent | unclear == {row.recipient for row in rows}
        assert len(unclear) <= len(KILLS)


@pytest.mark.django_db
def test_rows_that_were_only_claimed_are_free_again_after_a_minute(relay, put, state, a_minute_later):
    row = put()
    assert [one.pk for one in delivery.claim("gone")] == [row.pk]
    assert delivery.run() == 0
    a_minute_later()
    assert delivery.run() == 1
    assert state(row) == [State.SENT]


@pytest.mark.django_db
def test_a_row_in_mid_air_becomes_unclear_without_a_log(put, state, a_minute_later, settings):
    settings.RELAY_LOG = ""
    row = put()
    OutboxMessage.objects.update(state=State.HANDING_OVER, claimed_by="gone", claimed_at=timezone.now())
    assert delivery.recover() == 0
    a_minute_later()
    assert delivery.recover() == 1
    assert state(row) == [State.UNCLEAR]


@pytest.mark.django_db
def test_a_log_that_cannot_be_read_counts_as_none(put, state, a_minute_later, settings):
    settings.RELAY_LOG = str(Path("nowhere") / "mail.log")
    row = put()
    OutboxMessage.objects.update(state=State.HANDING_OVER, claimed_by="gone", claimed_at=timezone.now())
    a_minute_later()
    delivery.recover()
    assert state(row) == [State.UNCLEAR]


@pytest.mark.django_db
def test_a_slow_worker_corrects_what_was_taken_for_unclear(put, state):
    row = put()
    courier = delivery._Courier()
    [message] = delivery.claim(courier.worker)
    OutboxMessage.objects.update(state=State.UNCLEAR)
    courier._record(message, state=State.SENT, sent_at=timezone.now(), relay_reply="250 ok")
    assert state(row) == [State.SENT]
