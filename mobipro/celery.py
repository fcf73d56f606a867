"""The Celery application. Its settings are the CELERY_* names in settings.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobipro.settings")

app = Celery("mobipro")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_postrun.connect
def _note_run(sender: Any = None, state: str = "", **_: Any) -> None:
    """For the page "Betrieb": when each entry of the timetable last ran."""
    from mobipro import timetable  # the cache needs Django's settings, which are not ready above

    timetable.note(str(getattr(sender, "name", "")), state)
