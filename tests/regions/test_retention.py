"""Receipts of forms after ninety days."""

from datetime import UTC, datetime, timedelta

import pytest

from mobipro import retention
from regions.models import FormReceipt

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 3, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=90), 0), (timedelta(days=90) - timedelta(seconds=1), 1)])
def test_a_receipt_goes_on_its_ninetieth_day(age, left):
    receipt = FormReceipt.take(FormReceipt.new_id(), purpose="test")
    FormReceipt.objects.filter(pk=receipt.pk).update(created_at=NOW - age)
    retention.run(now=NOW)
    assert FormReceipt.objects.count() == left
