"""Job: write a practice – begin a draft, keep what was typed, pictures and files.

Two people may write at once: what the other changed in the meantime is kept where it does not touch
one's own words, and shown beside them where it does.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify

from mobipro import files, search
from practices.completeness import RELATIONS
from practices.models import GoodPractice, PracticeFile, PracticeImage
from practices.review import ReviewError
from regions.models import ContactAssignment, FormReceipt, Organisation, Project, User

FormId = str | UUID
MAX_IMAGES = 6
MAX_FILES = 5
_RESERVED_SLUGS = {"meine", "neu", "feed-atom"}


@dataclass(frozen=True)
class Saved:
    """What came of saving: the record, and the fields that somebody else had changed meanwhile (not overwritten)."""

    practice: GoodPractice
    conflicts: tuple[str, ...] = ()


@transaction.atomic
def create_draft(
    *, by: User, title: str, organisation: Organisation, form_id: FormId, project: Project | None = None
) -> GoodPractice:
    """Begin a draft with its title. Raises AlreadyReceived when the same form came before."""
    receipt = FormReceipt.take(form_id, purpose="practice-create", user=by)
    practice = GoodPractice(title=title, author=by, organisation=organisation, slug=free_slug(title))
    _set_project(practice, project)
    practice._history_user = by  # type: ignore[attr-defined]
    practice.save()
    receipt.result = reverse("practices:edit", args=[practice.pk, 1])
    receipt.save()
    return practice


@transaction.atomic
def save_step(*, practice: GoodPractice, by: User, values: dict[str, Any], loaded: int) -> Saved:
    """Keep the given fields (relations as lists of records); `loaded` is the revision that the form was made from.

    Raises ReviewError when the practice can no longer be edited.
    """
    locked = _editable(practice)
    conflicts: list[str] = []
    if locked.revision != loaded:
        values, conflicts = _merged(locked, values, loaded)
    changed = [name for name, value in values.items() if _current(locked, name) != value]
    for name in changed:
        if name in RELATIONS:
            getattr(locked, name).set(values[name])
        elif name == "project":
            _set_project(locked, values[name])
        else:
            setattr(locked, name, values[name])
    if changed:
        if "title" in changed:
            locked.slug = free_slug(locked.title, besides=locked)
        locked._history_user = by  # type: ignore[attr-defined]
        locked.save()
    return Saved(locked, tuple(conflicts))


def _merged(locked: GoodPractice, values: dict[str, Any], loaded: int) -> tuple[dict[str, Any], list[str]]:
    """Own values that can be kept, and the fields where somebody else wrote something different.

    The base is the revision that the form was made from; of relations no base is kept, so any difference counts.
    """
    base = locked.history.filter(revision=loaded).first()
    kept, conflicts = {}, []
    for name, value in values.items():
        current = _current(locked, name)
        original = None if base is None or name in RELATIONS else getattr(base, name)
        if value == current or (original is not None and value == original):
            continue  # nothing of one's own to keep: the other's stays
        if original is not None and current == original:
            kept[name] = value
        else:
            conflicts.append(name)
    return kept, conflicts


def _current(practice: GoodPractice, name: str) -> Any:
    if name in RELATIONS:
        return sorted(getattr(practice, name).all(), key=lambda row: row.pk)
    return getattr(practice, name)


@transaction.atomic
def _store_image(
    practice: GoodPractice, by: User, image: files.PreparedImage, texts: dict[str, str], form_id: FormId
) -> PracticeImage:
    FormReceipt.take(
        form_id, purpose="practice-image", user=by, result=reverse("practices:edit", args=[practice.pk, 4])
    )
    locked = _editable(practice)
    number = locked.images.count()
    if number >= MAX_IMAGES:
        raise ReviewError(f"Mehr als {MAX_IMAGES} Bilder sind nicht möglich. Entfernen Sie zuerst eines.")
    row = PracticeImage(practice=locked, position=number + 1, consent=True, uploaded_by=by, **texts)
    stem = locked.slug[:60]
    for column, rendition in ((row.web, image.web), (row.print, image)):
        content = rendition.as_file(stem)
        column.save(str(content.name), content, save=False)
    row.save()
    return row


def add_image(
    *, practice: GoodPractice, by: User, file: Any, alt: str, credit: str, consent: bool, form_id: FormId
) -> PracticeImage:
    """Draw an uploaded picture anew and keep it. The drawing happens before the transaction begins.

    Raises mobipro.files.UnsafeFile for what is no safe picture, ReviewError without consent or when full,
    AlreadyReceived for the same form.
    """
    if not consent:
        raise ReviewError("Bestätigen Sie, dass alle Abgebildeten einverstanden sind.")
    prepared = files.prepare_image(file)
    return _store_image(practice, by, prepared, {"alt": alt, "credit": credit}, form_id)


@transaction.atomic
def remove_image(*, image: PracticeImage, by: User) -> None:
    """Take a picture out of an editable practice; its files go after the commit."""
    _editable(image.practice)
    stored = [field for field in (image.web, image.print) if field]
    image.delete()
    transaction.on_commit(lambda: _delete(stored))


@transaction.atomic
def add_file(*, practice: GoodPractice, by: User, file: Any, title: str, form_id: FormId) -> PracticeFile:
    """Keep a PDF that others may use. Raises UnsafeFile for one that is damaged, locked or active."""
    FormReceipt.take(form_id, purpose="practice-file", user=by, result=_fourth_step(practice))
    files.check_pdf(file)
    locked = _editable(practice)
    if locked.files.count() >= MAX_FILES:
        raise ReviewError(f"Mehr als {MAX_FILES} Dateien sind nicht möglich. Entfernen Sie zuerst eine.")
    row = PracticeFile(practice=locked, title=title, size=file.size, uploaded_by=by)
    row.file.save(f"{files.safe_name(title).split('.')[0]}.pdf", file, save=False)
    row.save()
    return row


@transaction.atomic
def remove_file(*, file: PracticeFile, by: User) -> None:
    _editable(file.practice)
    stored = [file.file]
    file.delete()
    transaction.on_commit(lambda: _delete(stored))


@transaction.atomic
def discard(*, practice: GoodPractice, by: User) -> None:
    """Delete a draft that was never submitted. Raises ReviewError for any other."""
    locked = _editable(practice)
    if locked.status != GoodPractice.Status.DRAFT or locked.submissions.exists():
        raise ReviewError("Ein eingereichtes Beispiel lässt sich nicht löschen. Bitten Sie die Koordination darum.")
    stored: list[Any] = [row.file for row in locked.files.all()]
    stored += [column for image in locked.images.all() for column in (image.web, image.print)]
    locked._history_user = by  # type: ignore[attr-defined]
    locked.delete()
    transaction.on_commit(lambda: _delete(stored))


def _delete(stored: list[Any]) -> None:
    for field in stored:
        if field:
            field.storage.delete(field.name)


def _fourth_step(practice: GoodPractice) -> str:
    return reverse("practices:edit", args=[practice.pk, 4])


def _editable(practice: GoodPractice) -> GoodPractice:
    locked = GoodPractice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    if not locked.is_editable:
        raise ReviewError(
            f"Das Beispiel ist „{locked.get_status_display()}“ und lässt sich nicht mehr ändern. "
            "Für Änderungen schreiben Sie der Koordination Ihrer Region."
        )
    return locked


def preset_project(*, organisation: Organisation, by: User) -> Project | None:
    """The only project there is to choose: the house's one, or else the one in which this person works."""
    choices = list(organisation.projects.all()[:2])
    if len(choices) > 1:
        own = ContactAssignment.objects.valid().filter(contact__user=by, project__isnull=False)
        choices = list(organisation.projects.filter(pk__in=own.values("project"))[:2])
    return choices[0] if len(choices) == 1 else None


def _set_project(practice: GoodPractice, project: Project | None) -> None:
    """The region is that of the project; an empty place becomes its main location."""
    practice.project = project
    practice.region = project.region if project else None
    if project and not practice.place:
        main = project.locations.first()
        practice.place = main.city if main else ""


def free_slug(title: str, besides: GoodPractice | None = None) -> str:
    """An address part that nobody else has and that is no page of its own: "beispiel-2026", "montagsbus-2"."""
    stem = slugify(search.normalise(title))[:100].strip("-")
    if not stem or stem.isdigit() or stem in _RESERVED_SLUGS:
        stem = f"beispiel-{stem}".strip("-")
    others = GoodPractice.objects.filter(slug__startswith=stem)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    taken = set(others.values_list("slug", flat=True))
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug
