"""Background work of the network. Everything is safe to repeat."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from regions import figure_requests
from regions.models import ImportRun

FORGET_UNTAKEN_AFTER = timedelta(days=30)
FORGET_UNDO_AFTER = timedelta(days=90)


@shared_task
def clock(**_: Any) -> None:
    """Once an hour: reminders to silent projects; forget what tables said that nobody needs any more."""
    figure_requests.remind_due()
    forget_tables()


def forget_tables() -> None:
    """Tables hold names and addresses: untaken ones go after 30 days, the way back of taken ones after 90."""
    now = timezone.now()
    runs = ImportRun.objects.all()
    runs.filter(state=ImportRun.State.CHECKED, uploaded_at__lt=now - FORGET_UNTAKEN_AFTER).update(rows={})
    runs.filter(applied_at__lt=now - FORGET_UNDO_AFTER).exclude(effects=[]).update(effects=[])
