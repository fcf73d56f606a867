"""How long it is remembered which forms had their effect."""

from datetime import datetime

from django.db.models import QuerySet

from mobipro import retention
from regions.models import FormReceipt


def register() -> None:
    retention.register(
        retention.Rule(
            "receipts", "Kennungen gesendeter Formulare", "90 Tage nach dem Eingang", _receipts, retention.delete
        )
    )


def _receipts(now: datetime) -> QuerySet[FormReceipt]:
    return FormReceipt.objects.filter(created_at__lte=retention.before(now, days=90))
