"""From draft to published version: fix the content, make the PDF, publish, withdraw.

A version's content is fixed in `request_version`; the worker makes its bytes in `render`;
`publish` changes dates and states only.
"""

import hashlib
import logging
import uuid
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from documentation import compose, pdf, snapshot
from documentation.models import DocumentationVersion, MeetingDocumentation
from meetings import history
from meetings.models import Meeting
from mobipro import pdf as pdf_tool
from regions.models import FormReceipt, User

log = logging.getLogger(__name__)

State, PdfState = DocumentationVersion.State, DocumentationVersion.PdfState
CLAIM_EXPIRES = timedelta(minutes=12)  # longer than the worker's hard time limit: then the worker is dead


class PublishingError(Exception):
    """The step is not possible; the text says why and what to do, in German."""


@transaction.atomic
def request_version(
    *,
    documentation: MeetingDocumentation,
    by: User | None,
    correction_reason: str = "",
    form_id: uuid.UUID | None = None,
) -> DocumentationVersion:
    """Fix the content of the next version and queue its PDF.

    Raises PublishingError while something blocking is missing, or when a correction of something published
    lacks its reason; AlreadyReceived for a form that had its effect.
    """
    locked = MeetingDocumentation.objects.select_for_update().get(pk=documentation.pk)
    if form_id:
        FormReceipt.take(form_id, purpose="documentation.version", user=by)
    blocking = [gap.text for gap in compose.gaps(locked) if gap.blocks]
    if blocking:
        raise PublishingError(" ".join(blocking))
    if locked.versions.filter(published_at__isnull=False).exists() and not correction_reason.strip():
        raise PublishingError("Nennen Sie den Grund der Korrektur: Er steht bei der neuen Fassung.")
    number = (locked.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = DocumentationVersion(
        documentation=locked,
        number=number,
        content=snapshot.take(locked, number=number, correction_reason=correction_reason.strip()),
        correction_reason=correction_reason.strip(),
        created_by=by,
    )
    version.save()
    transaction.on_commit(lambda: ring(version.pk))
    return version


def ring(version_id: int) -> None:
    """Tell the worker. A dead broker is logged and swallowed: the sweeper finds the row."""
    from documentation.tasks import render_version

    try:
        render_version.delay(version_id=version_id)
    except Exception:
        log.warning("Broker out of reach; version %s waits for the sweeper.", version_id, exc_info=True)


def pdf_problem() -> str:
    """Why PDFs cannot be made on this machine, with the command that helps; empty where they can."""
    return "" if pdf_tool.is_available() else pdf_tool.missing_message()


def _claim(version_id: int) -> DocumentationVersion | None:
    """Take the version for this worker; None when another has it or nothing is left to do."""
    now = timezone.now()
    with transaction.atomic():
        version = DocumentationVersion.objects.select_for_update().filter(pk=version_id).first()
        if version is None or version.pdf_state in (PdfState.READY, PdfState.FAILED):
            return None
        if (
            version.pdf_state == PdfState.RENDERING
            and version.pdf_claimed_at
            and now - version.pdf_claimed_at < CLAIM_EXPIRES
        ):
            return None
        version.pdf_state, version.pdf_claimed_at = PdfState.RENDERING, now
        version.save()
        return version


def render(*, version_id: int) -> None:
    """Make the PDF of one version; called by the worker. Twice in a row it does nothing the second time.

    A failure is stored on the row with one clear message; nothing half-made is ever referenced.
    """
    version = _claim(version_id)
    if version is None:
        return
    try:
        made = pdf.build(version)
    except pdf.PdfUnavailable as problem:
        _set_pdf_state(version, PdfState.QUEUED, str(problem))
        return
    except Exception as problem:
        log.exception("The PDF of version %s failed.", version_id)
        _set_pdf_state(version, PdfState.FAILED, f"Das PDF konnte nicht erzeugt werden. {_reason(problem)}"[:500])
        return
    digest = hashlib.sha256(made.data).hexdigest()
    name = version.file.field.generate_filename(
        version, f"{version.documentation.slug}-fassung-{version.number}-{digest[:8]}.pdf"
    )
    stored = version.file.storage.save(name, ContentFile(made.data))
    with transaction.atomic():
        locked = DocumentationVersion.objects.select_for_update().get(pk=version.pk)
        if locked.pdf_state == PdfState.READY:
            return
        locked.file.name, locked.sha256, locked.size = stored, digest, len(made.data)
        locked.page_count, locked.pdf_state, locked.pdf_error = made.page_count, PdfState.READY, ""
        locked.save()


def _reason(problem: Exception) -> str:
    """Why, and what to do, in German; what only developers understand stays in the log."""
    if isinstance(problem, pdf_tool.PdfError):
        return str(problem)
    if isinstance(problem, SoftTimeLimitExceeded | MemoryError):
        return "Das Dokument ist zu umfangreich. Kürzen Sie lange Tabellen, oder teilen Sie Abschnitte auf."
    return "Versuchen Sie es noch einmal. Bleibt der Fehler, nennen Sie der Administration Uhrzeit und Fassung."


def _set_pdf_state(version: DocumentationVersion, state: str, error: str) -> None:
    with transaction.atomic():
        locked = DocumentationVersion.objects.select_for_update().get(pk=version.pk)
        locked.pdf_state, locked.pdf_error, locked.pdf_claimed_at = state, error, None
        locked.save()


@transaction.atomic
def retry_pdf(*, version: DocumentationVersion, by: User) -> None:
    """Queue a failed PDF again."""
    locked = DocumentationVersion.objects.select_for_update().get(pk=version.pk)
    if locked.pdf_state != PdfState.FAILED:
        raise PublishingError("Nur ein fehlgeschlagenes PDF kann erneut erzeugt werden.")
    locked.pdf_state, locked.pdf_error = PdfState.QUEUED, ""
    locked.save()
    transaction.on_commit(lambda: ring(locked.pk))


@transaction.atomic
def publish(
    *, version: DocumentationVersion, by: User | None, without_pdf: bool = False, published_at: Any = None
) -> DocumentationVersion:
    """Make this version the public one; the version before is replaced and stays reachable.

    Its PDF must be ready, unless `without_pdf` accepts that it follows (a machine without pango).
    Raises PublishingError otherwise, or when the version was published or withdrawn before.
    """
    documentation = MeetingDocumentation.objects.select_for_update().get(pk=version.documentation_id)
    locked = DocumentationVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != State.FIXED:
        raise PublishingError(f"Fassung {locked.number} ist schon {locked.get_state_display()}.")
    if documentation.current_version and documentation.current_version.number > locked.number:
        raise PublishingError("Es gibt schon eine neuere veröffentlichte Fassung.")
    if not locked.has_pdf and not without_pdf:
        raise PublishingError(
            "Das PDF ist noch nicht fertig. Bitte warten Sie einen Augenblick und versuchen Sie es erneut."
        )
    now = published_at or timezone.now()
    previous = documentation.current_version
    if previous is not None:
        previous.state = State.SUPERSEDED
        previous.save()
    locked.state, locked.published_at, locked.published_by = State.PUBLISHED, now, by
    locked.save()
    documentation.current_version, documentation.status = locked, MeetingDocumentation.Status.PUBLISHED
    documentation.published_at = documentation.published_at or now
    documentation.save()
    meeting = Meeting.objects.select_for_update().get(pk=documentation.meeting_id)
    if meeting.status == Meeting.Status.HELD:
        meeting.status, meeting.documented_at = Meeting.Status.DOCUMENTED, now
        history.save(meeting, by=by, reason="Dokumentation veröffentlicht")
    return locked


@transaction.atomic
def withdraw(*, version: DocumentationVersion, reason: str, by: User) -> None:
    """Take a published version back: its address answers 410 with number, date and hash.

    Raises PublishingError without a reason or when the version is not public.
    """
    documentation = MeetingDocumentation.objects.select_for_update().get(pk=version.documentation_id)
    locked = DocumentationVersion.objects.select_for_update().get(pk=version.pk)
    if not reason.strip():
        raise PublishingError("Nennen Sie den Grund: Er steht auf der Seite der zurückgezogenen Fassung.")
    if locked.state not in (State.PUBLISHED, State.SUPERSEDED):
        raise PublishingError("Nur eine veröffentlichte Fassung kann zurückgezogen werden.")
    was_current = documentation.current_version_id == locked.pk
    locked.state, locked.withdrawn_at, locked.withdrawal_reason = State.WITHDRAWN, timezone.now(), reason.strip()[:300]
    locked.save()
    if was_current:
        earlier = documentation.versions.filter(state=State.SUPERSEDED).order_by("-number").first()
        if earlier is not None:
            earlier.state = State.PUBLISHED
            earlier.save()
        documentation.current_version = earlier
        documentation.status = MeetingDocumentation.Status.PUBLISHED if earlier else MeetingDocumentation.Status.DRAFT
        documentation.save()
        meeting = Meeting.objects.select_for_update().get(pk=documentation.meeting_id)
        if earlier is None and meeting.status == Meeting.Status.DOCUMENTED:
            meeting.status = Meeting.Status.HELD
            history.save(meeting, by=by, reason="Dokumentation zurückgezogen")
