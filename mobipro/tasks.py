"""Background work that belongs to no single app."""

from typing import Any

from celery import shared_task

from mobipro import retention


@shared_task
def erase(**_: Any) -> None:
    """Once a day: personal data whose time is over."""
    retention.run()
