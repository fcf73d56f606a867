"""Receipts of forms after ninety days; what tables said after thirty, the way back after ninety."""

from datetime import UTC, datetime, timedelta

import pytest

from mobipro import retention
from regions.models import FormReceipt, ImportRun

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 3, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=90), 0), (timedelta(days=90) - timedelta(seconds=1), 1)])
def test_a_receipt_goes_on_its_ninetieth_day(age, left):
    receipt = FormReceipt.take(FormReceipt.new_id(), purpose="test")
    FormReceipt.objects.filter(pk=receipt.pk).update(created_at=NOW - age)
    retention.run(now=NOW)
    assert FormReceipt.objects.count() == left


def make_run(days, **fields):
    run = ImportRun(kind="network", file_name="a.xlsx", sha256="0" * 64, **fields)
    run.save()
    ImportRun.objects.filter(pk=run.pk).update(uploaded_at=NOW - timedelta(days=days))
    return run


def test_names_and_addresses_of_old_tables_are_forgotten():
    fresh, old = make_run(29, rows={"rows": [1]}), make_run(30, rows={"rows": [1]})
    applied = {"state": "applied", "effects": [{"pk": 1}]}
    recent = make_run(100, applied_at=NOW - timedelta(days=89), **applied)
    ancient = make_run(100, applied_at=NOW - timedelta(days=90), **applied)
    for _ in range(2):
        retention.run(now=NOW)
    for run in (fresh, old, recent, ancient):
        run.refresh_from_db()
    assert (fresh.is_waiting, old.is_waiting) == (True, False)
    assert (recent.can_be_undone, ancient.can_be_undone) == (True, False)
