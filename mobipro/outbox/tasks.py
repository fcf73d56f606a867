"""Background work of the outbox. Neither takes a mail along: the rows say what is to be done."""

from typing import Any

from celery import shared_task

from mobipro.outbox import delivery


@shared_task
def deliver(**_: Any) -> None:
    """The bell: somebody wrote a mail."""
    delivery.run()


@shared_task
def sweep(**_: Any) -> None:
    """The timetable's round: what a dead worker left in mid-air, and what the broker lost."""
    delivery.recover()
    delivery.run()
