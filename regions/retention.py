"""How long it is remembered which forms had their effect, and what tables said."""

from datetime import datetime

from django.db.models import QuerySet

from mobipro import retention
from regions.models import FormReceipt, ImportRun


def register() -> None:
    retention.register(
        retention.Rule(
            "receipts", "Kennungen gesendeter Formulare", "90 Tage nach dem Eingang", _receipts, retention.delete
        ),
        retention.Rule(
            "tables", "Namen und Adressen aus geprüften Tabellen", "30 Tage nach dem Hochladen", _untaken, _forget_rows
        ),
        retention.Rule(
            "table_undo", "alte Angaben zum Rückgängigmachen einer Tabelle", "90 Tage danach", _undoable, _forget_undo
        ),
    )


def _receipts(now: datetime) -> QuerySet[FormReceipt]:
    return FormReceipt.objects.filter(created_at__lte=retention.before(now, days=90))


def _untaken(now: datetime) -> QuerySet[ImportRun]:
    """Checked and never taken over; who uploaded what file stays."""
    old = ImportRun.objects.filter(state=ImportRun.State.CHECKED, uploaded_at__lte=retention.before(now, days=30))
    return old.exclude(rows={})


def _forget_rows(runs: QuerySet) -> int:
    return runs.update(rows={})


def _undoable(now: datetime) -> QuerySet[ImportRun]:
    """Taken over so long ago that nobody takes it back any more."""
    return ImportRun.objects.filter(applied_at__lte=retention.before(now, days=90)).exclude(effects=[])


def _forget_undo(runs: QuerySet) -> int:
    return runs.update(effects=[])
