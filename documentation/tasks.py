"""Background work of documentations: tasks take ids, make one call and log."""

import logging
from typing import Any

from celery import shared_task

from documentation import digests, publishing, subscriptions
from documentation.models import DocumentationVersion
from mobipro import pdf

log = logging.getLogger(__name__)


@shared_task(time_limit=600, soft_time_limit=540)
def render_version(*, version_id: int, **_: Any) -> None:
    """Make the PDF of one version."""
    publishing.render(version_id=version_id)


@shared_task
def sweep(**_: Any) -> None:
    """Ring again for PDFs that the broker or a dead worker lost. Does nothing where PDFs cannot be made."""
    if not pdf.is_available():
        return
    for version_id in DocumentationVersion.objects.awaiting_pdf().values_list("pk", flat=True):
        publishing.ring(version_id)


@shared_task
def write_digests(**_: Any) -> None:
    """Every hour: subscriptions that are over, and on Monday from 7 o'clock the weekly mail."""
    subscriptions.tidy()
    number = digests.send_due()
    if number:
        log.info("%s weekly mails written", number)
