"""Job: a practice from draft to published, and back with questions.

Each step locks the row, checks the state, and writes its mail in the same transaction.
Who may take a step is answered by practices.rules before.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from practices import emails
from practices.completeness import RELATIONS, TEXTS, missing_to_publish, missing_to_submit
from practices.models import GoodPractice, PracticeRemark, PracticeSubmission
from regions.models import FormReceipt, User
from regions.visibility import Visibility

Status = GoodPractice.Status
FormId = str | UUID


class ReviewError(Exception):
    """The step is not possible; the text says why and what to do, in German."""


class Incomplete(ReviewError):
    """Something is missing; `gaps` names each field and what to do."""

    def __init__(self, text: str, gaps: list[Any]) -> None:
        super().__init__(text)
        self.gaps = gaps


@transaction.atomic
def submit(*, practice: GoodPractice, by: User, consent: bool, form_id: FormId) -> PracticeSubmission:
    """Hand the practice to the coordinators of its region, with the texts as they are now.

    Raises ReviewError in another state or without consent, Incomplete when something needed is missing,
    AlreadyReceived for the same form.
    """
    _take(form_id, "practice-submit", by, reverse("practices:hub", args=[practice.pk]))
    locked = _locked(practice, "absenden", Status.DRAFT, Status.QUESTIONS)
    gaps = missing_to_submit(locked)
    if gaps:
        raise Incomplete("Zum Absenden fehlen noch Angaben.", gaps)
    if not consent:
        raise ReviewError("Bestätigen Sie Ihr Einverständnis, dann können Sie das Beispiel absenden.")
    number = locked.submissions.count() + 1
    now = timezone.now()
    locked.status, locked.submitted_at = Status.SUBMITTED, now
    locked.consent_given_at, locked.consent_given_by = now, by
    _save(locked, by, f"Einreichung {number}")
    submission = PracticeSubmission(practice=locked, number=number, content=snapshot(locked), submitted_by=by)
    submission.save()
    emails.submitted(locked, number)
    return submission


@transaction.atomic
def ask_back(*, practice: GoodPractice, by: User, remarks: dict[str, str], form_id: FormId) -> list[PracticeRemark]:
    """Send it back with remarks: field name → text, an empty name for the whole. The author may edit again."""
    _take(form_id, "practice-ask-back", by, practice_admin_url(practice))
    locked = _locked(practice, "mit Rückfragen zurücksenden", Status.SUBMITTED, Status.APPROVED)
    texts = {field: text.strip() for field, text in remarks.items() if text.strip()}
    if not texts:
        raise ReviewError("Schreiben Sie mindestens eine Rückfrage, zum ganzen Beispiel oder zu einem Feld.")
    submission = locked.submissions.latest("number")
    rows = [_remark(locked, submission, field, text, by) for field, text in texts.items()]
    locked.status, locked.approved_at = Status.QUESTIONS, None
    _save(locked, by, "Rückfragen gesendet")
    emails.questions(locked, rows, submission.number)
    return rows


@transaction.atomic
def approve(*, practice: GoodPractice, by: User, form_id: FormId) -> GoodPractice:
    """Take the practice into the collection; its author can no longer edit it."""
    _take(form_id, "practice-approve", by, practice_admin_url(practice))
    locked = _locked(practice, "annehmen", Status.SUBMITTED)
    locked.status, locked.approved_at = Status.APPROVED, timezone.now()
    _save(locked, by, "Angenommen")
    emails.approved(locked)
    return locked


@transaction.atomic
def publish(*, practice: GoodPractice, by: User, form_id: FormId) -> GoodPractice:
    """Show it to everybody. Raises Incomplete when a text is missing that others need to do it, too."""
    _take(form_id, "practice-publish", by, practice_admin_url(practice))
    locked = _locked(practice, "veröffentlichen", Status.APPROVED)
    gaps = missing_to_publish(locked)
    if gaps:
        names = ", ".join(gap.label for gap in gaps)
        raise Incomplete(f"Vor der Veröffentlichung fehlt noch: {names}. Senden Sie dazu eine Rückfrage.", gaps)
    locked.status, locked.visibility = Status.PUBLISHED, Visibility.PUBLIC
    locked.published_at, locked.published_by = timezone.now(), by
    _save(locked, by, "Veröffentlicht")
    emails.published(locked)
    return locked


@transaction.atomic
def decline(*, practice: GoodPractice, by: User, reason: str, form_id: FormId) -> GoodPractice:
    """Do not take it; the reason goes to the author and stays with the practice."""
    _take(form_id, "practice-decline", by, practice_admin_url(practice))
    locked = _locked(practice, "ablehnen", Status.SUBMITTED, Status.APPROVED)
    if not reason.strip():
        raise ReviewError("Schreiben Sie, warum das Beispiel nicht aufgenommen wird.")
    submission = locked.submissions.latest("number")
    _remark(locked, submission, "", reason.strip(), by)
    locked.status = Status.DECLINED
    _save(locked, by, "Nicht aufgenommen")
    emails.declined(locked, reason.strip(), submission.number)
    return locked


@transaction.atomic
def archive(*, practice: GoodPractice, by: User, form_id: FormId) -> GoodPractice:
    """Take it off the pages; it stays readable for its house and the coordination."""
    _take(form_id, "practice-archive", by, practice_admin_url(practice))
    locked = _locked(practice, "archivieren", Status.PUBLISHED, Status.APPROVED, Status.DECLINED)
    locked.status = Status.ARCHIVED
    _save(locked, by, "Archiviert")
    return locked


def snapshot(practice: GoodPractice) -> dict[str, Any]:
    """The texts and choices as plain data, kept with each submission and compared with the next one."""
    content: dict[str, Any] = {name: getattr(practice, name) for name in TEXTS}
    content["kind"] = practice.get_kind_display()
    content["project"] = str(practice.project or "")
    content |= {name: sorted(str(row) for row in getattr(practice, name).all()) for name in RELATIONS}
    return content


def practice_admin_url(practice: GoodPractice) -> str:
    """Where a coordinator reviews it."""
    return reverse("admin:practices_goodpractice_change", args=[practice.pk])


def _take(form_id: FormId, purpose: str, by: User, result: str) -> None:
    FormReceipt.take(form_id, purpose=purpose, user=by, result=result)


def _locked(practice: GoodPractice, what: str, *allowed: GoodPractice.Status) -> GoodPractice:
    locked = GoodPractice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    if locked.status not in allowed:
        raise ReviewError(
            f"Sie können dieses Beispiel jetzt nicht {what}: Sein Stand ist „{locked.get_status_display()}“. "
            "Laden Sie die Seite neu."
        )
    return locked


def _save(practice: GoodPractice, by: User, reason: str) -> None:
    practice._history_user = by  # type: ignore[attr-defined]
    practice._change_reason = reason  # type: ignore[attr-defined]
    practice.save()


def _remark(practice: GoodPractice, submission: PracticeSubmission, field: str, text: str, by: User) -> PracticeRemark:
    remark = PracticeRemark(practice=practice, submission=submission, field=field, text=text, made_by=by)
    remark.save()
    return remark
