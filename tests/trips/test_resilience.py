"""A worker is killed between queueing and sending, and the broker forgets: no invitation is lost or doubled."""

import os
import re
import shutil
import signal
from collections import Counter
from datetime import UTC, date, datetime

import pytest
import redis

from tests.trips.conftest import wait_until
from tests.trips.mails import german, tuesday_from

pytestmark = pytest.mark.trip

TITLE = "Werkstatt nach dem Ausfall"
YEAR = datetime.now(tz=UTC).date().year + 1


def test_every_invitation_arrives_once_after_the_worker_and_the_broker_are_gone(person, portal):
    kaya = person("kaya")
    dossier = prepare(kaya)
    kaya.follow("Einladen …")
    button = kaya.page.get_by_role("button", name=re.compile(r"^Einladung an \d+ Personen"))
    count = int(re.search(r"an (\d+) Person", button.inner_text())[1])
    assert count > 2
    killed = portal.state["pids"]["worker-mail"]
    os.killpg(killed, signal.SIGSTOP)  # however slow this machine is: nothing is sent before the kill
    button.click()
    kaya.sees("wartet im Postausgang und geht gleich hinaus")
    os.killpg(killed, signal.SIGKILL)
    forget_everything(portal)
    assert not portal.mails("Einladung", TITLE)  # it was really in between

    def are_there():
        return len(portal.mails("Einladung", TITLE)) >= count

    wait_until(are_there, f"{count} invitations", 240)
    wait_until(lambda: portal.state["pids"]["worker-mail"] != killed, "a new worker")

    def is_settled():
        kaya.goes_to(dossier)
        return kaya.page.get_by_text(f"{count} von {count} zugestellt").count()

    wait_until(is_settled, "the dossier's word that all are delivered")
    # The bell rings once more: nothing that is sent goes out again.
    kaya.follow("Verschieben …")
    kaya.field("Tag").fill(german(tuesday_from(date(YEAR, 6, 15))))
    kaya.page.get_by_label(re.compile("^Grund")).fill("Der Saal ist belegt.")
    kaya.press(re.compile("^Verschieben und"))
    wait_until(lambda: len(portal.mails("Verschoben", TITLE)) >= count, "the mails about the move", 240)
    for subject in ("Einladung", "Verschoben"):
        received = Counter(row["to"] for row in portal.mails(subject, TITLE))
        assert len(received) == count
        assert set(received.values()) == {1}
    ids = [row["message_id"] for row in portal.mails(TITLE)]
    assert len(ids) == len(set(ids))


def prepare(kaya):
    """A dated meeting with an agenda; gives the dossier's address."""
    page = kaya.page
    kaya.goes_to(f"/admin/meetings/meeting/add/?jahr={YEAR}&region=NIHB")
    page.get_by_label("Titel").fill(TITLE)
    kaya.press("Treffen anlegen")
    dossier = page.url
    kaya.follow("Termin und Ort festlegen")
    kaya.field("Tag").fill(german(tuesday_from(date(YEAR, 6, 1))))
    kaya.press("Termin festlegen")
    kaya.follow("Tagesordnung anlegen")
    page.get_by_label("Punkt, neuer Punkt", exact=True).first.fill("Was wir aus dem Ausfall lernen")
    kaya.press("Tagesordnung speichern")
    return dossier


def forget_everything(portal):
    """What a lost broker leaves: no queue, no message."""
    address = os.environ.get("REDIS_URL")
    if address:
        redis.Redis.from_url(f"{address}/0").flushdb()
    else:
        shutil.rmtree(portal.var / "broker")
