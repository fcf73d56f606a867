"""The hourly task: what tables said is forgotten in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from regions import tasks
from regions.models import ImportRun

pytestmark = pytest.mark.django_db


def make_run(days, **fields):
    run = ImportRun(kind="network", file_name="a.xlsx", sha256="0" * 64, **fields)
    run.save()
    ImportRun.objects.filter(pk=run.pk).update(uploaded_at=timezone.now() - timedelta(days=days))
    return run


def test_names_and_addresses_of_old_tables_are_forgotten():
    now = timezone.now()
    fresh, old = make_run(29, rows={"rows": [1]}), make_run(31, rows={"rows": [1]})
    applied = {"state": "applied", "effects": [{"pk": 1}]}
    recent = make_run(100, applied_at=now - timedelta(days=89), **applied)
    ancient = make_run(100, applied_at=now - timedelta(days=91), **applied)
    tasks.clock()
    for run in (fresh, old, recent, ancient):
        run.refresh_from_db()
    assert (fresh.is_waiting, old.is_waiting) == (True, False)
    assert (recent.can_be_undone, ancient.can_be_undone) == (True, False)
