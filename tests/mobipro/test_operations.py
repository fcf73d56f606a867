"""The page "Betrieb": administrators only; what runs, what is missing, a test mail."""

import os
import time
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from documentation.models import Page
from meetings.models import MeetingSeries
from mobipro import timetable
from mobipro.outbox.models import OutboxMessage, State
from mobipro.views import operations

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/betrieb/"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def states(findings):
    return {row.what: (row.state, row.is_open) for row in findings}


@pytest.mark.parametrize("person", ["kaya", "overall"])
def test_for_coordinators_the_page_does_not_exist(client, person, request):
    client.force_login(request.getfixturevalue(person))
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS).status_code == 404
    assert ADDRESS not in client.get("/admin/").content.decode()
    assert not OutboxMessage.objects.exists()


def test_an_administrator_finds_it_in_the_sidebar_and_sends_a_test_mail(client, administrator):
    client.force_login(administrator)
    assert ADDRESS in client.get("/admin/").content.decode()
    assert client.get(ADDRESS).status_code == 200
    assert not OutboxMessage.objects.exists()
    page = client.post(ADDRESS, follow=True)
    assert "wartet im Postausgang" in page.content.decode()
    mail = OutboxMessage.objects.get()
    assert mail.recipient == administrator.email
    assert "Betrieb" in mail.text


def test_failed_and_late_mails_are_open(base_data):
    assert not any(row.is_open for row in operations.mails())
    common = {"kind": "test", "recipient": "a@example.org", "sender": "b@example.org", "subject": "S"}
    OutboxMessage.objects.create(key="1", not_before=timezone.now() - timedelta(hours=1), **common)
    OutboxMessage.objects.create(key="2", state=State.FAILED, **common)
    found = states(operations.mails())
    assert found["fehlgeschlagen"] == ("1", True)
    assert found["Älteste wartende Mail"][1]


def test_the_timetable_tells_what_never_ran_and_what_failed(base_data):
    assert all(run.is_late for run in timetable.runs())
    timetable.note("meetings.tasks.clock", "SUCCESS")
    timetable.note("mobipro.outbox.tasks.sweep", "FAILURE")
    timetable.note("some.other.task", "SUCCESS")
    runs = {run.name: run for run in timetable.runs()}
    assert not runs["meetings-clock"].is_late
    assert runs["outbox-sweep"].failed
    found = states(operations.timetable_runs())
    assert "fehlgeschlagen" in found[operations.TASKS["outbox-sweep"]][0]
    assert not found[operations.TASKS["meetings-clock"]][1]


def test_every_entry_of_the_timetable_has_german_words(settings):
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(operations.TASKS)


def test_backups_show_the_newest_complete_copy_and_the_last_drill(settings, tmp_path):
    assert operations.backups()[0].is_open
    settings.BACKUP_DIR = str(tmp_path)
    assert states(operations.backups())["Letzte Sicherung"] == ("keine", True)
    copy = tmp_path / "2031-03-12T020000Z"
    copy.mkdir()
    (copy / "SHA256SUMS").write_text("x")
    (tmp_path / operations.DRILL_MARK).touch()
    assert not any(row.is_open for row in operations.backups())
    old = time.time() - 5 * 86400
    os.utime(copy, (old, old))
    assert states(operations.backups())["Letzte Sicherung"][1]


def test_missing_holidays_year_texts_and_coordinators_are_named(kaya, overall):
    found = states(operations.gaps(date(2030, 10, 1)))
    assert found["Jahresplan 2031"] == ("noch nicht geöffnet", True)
    assert found["Schulferien 2031"][0].startswith("fehlen für Baden-Württemberg")
    placeholder = Page.objects.filter(is_placeholder=True).first()
    assert found[f"Seite „{placeholder.title}“"] == ("Platzhalter", True)
    assert "Koordination Nord" not in found
    assert found["Koordination Nordrhein-Westfalen"] == ("niemand zuständig", True)
    MeetingSeries.objects.create(year=2031)
    assert states(operations.gaps(date(2030, 10, 1)))["Jahresplan 2031"] == ("geöffnet", False)


def test_next_year_is_not_asked_for_before_september(base_data):
    assert not states(operations.gaps(date(2030, 3, 1)))["Jahresplan 2031"][1]


def test_the_page_takes_few_queries(client, administrator, django_assert_max_num_queries):
    client.force_login(administrator)
    client.get(ADDRESS)
    with django_assert_max_num_queries(25):
        client.get(reverse("admin:operations"))
