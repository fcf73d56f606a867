"""Background work of the network. Everything is safe to repeat."""

from typing import Any

from celery import shared_task

from regions import figure_requests


@shared_task
def clock(**_: Any) -> None:
    """Once an hour: reminders to projects that were asked for their figures and are silent."""
    figure_requests.remind_due()
