"""Pictures and files of a practice: upload, remove, and handing out after the permission check."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from mobipro import files
from practices import drafts, review
from practices.forms import STEP_FORMS, FileForm, ImageForm
from practices.models import GoodPractice, PracticeFile, PracticeImage
from practices.views.author import editable_practice, step_page
from regions.models.record import AlreadyReceived

CONTENT_TYPES = {suffix: files.CONTENT_TYPES[name] for name, suffix in files.SUFFIXES.items()}


@login_required
@require_POST
def add_image(request: HttpRequest, pk: int) -> HttpResponse:
    practice = editable_practice(request, pk)
    if practice is None:
        return redirect("practices:hub", pk)
    form = ImageForm(request.POST, request.FILES, prefix="bild")
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("file", "alt", "credit", "consent")}
        try:
            drafts.add_image(practice=practice, by=request.user, form_id=form.receipt_id, **values)  # type: ignore[arg-type]
            messages.success(request, "Das Bild ist gespeichert.")
            return _to_step(pk)
        except AlreadyReceived:
            return _to_step(pk)
        except files.UnsafeFile as problem:
            form.add_error("file", problem)
        except review.ReviewError as problem:
            form.add_error(None, str(problem))
    return _again(request, practice, image_form=form)


@login_required
@require_POST
def add_file(request: HttpRequest, pk: int) -> HttpResponse:
    practice = editable_practice(request, pk)
    if practice is None:
        return redirect("practices:hub", pk)
    form = FileForm(request.POST, request.FILES, prefix="datei")
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("file", "title")}
        try:
            drafts.add_file(practice=practice, by=request.user, form_id=form.receipt_id, **values)  # type: ignore[arg-type]
            messages.success(request, "Die Datei ist gespeichert.")
            return _to_step(pk)
        except AlreadyReceived:
            return _to_step(pk)
        except files.UnsafeFile as problem:
            form.add_error("file", problem)
        except review.ReviewError as problem:
            form.add_error(None, str(problem))
    return _again(request, practice, file_form=form)


def _again(request: HttpRequest, practice: GoodPractice, **forms: Any) -> HttpResponse:
    contact = STEP_FORMS[4](None, practice=practice, user=request.user)
    return step_page(request, practice, 4, contact, **forms)


def _to_step(pk: int) -> HttpResponse:
    return redirect("practices:edit", pk, 4)


@login_required
@require_POST
def remove_image(request: HttpRequest, pk: int) -> HttpResponse:
    own = GoodPractice.objects.of_house(request.user)
    row = get_object_or_404(PracticeImage.objects.select_related("practice").filter(practice__in=own), pk=pk)
    return _removed(request, row.practice_id, lambda: drafts.remove_image(image=row, by=request.user))  # type: ignore[arg-type]


@login_required
@require_POST
def remove_file(request: HttpRequest, pk: int) -> HttpResponse:
    own = GoodPractice.objects.of_house(request.user)
    row = get_object_or_404(PracticeFile.objects.select_related("practice").filter(practice__in=own), pk=pk)
    return _removed(request, row.practice_id, lambda: drafts.remove_file(file=row, by=request.user))  # type: ignore[arg-type]


def _removed(request: HttpRequest, pk: int, remove: Any) -> HttpResponse:
    try:
        remove()
    except review.ReviewError as problem:
        messages.error(request, str(problem))
        return redirect("practices:hub", pk)
    messages.success(request, "Entfernt.")
    return _to_step(pk)


@require_safe
def image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The picture for pages, to whoever may read its practice."""
    visible = GoodPractice.objects.visible_to(request.user)
    row = get_object_or_404(PracticeImage.objects.select_related("practice").filter(practice__in=visible), pk=pk)
    suffix = f".{str(row.web.name).rpartition('.')[2].lower()}"
    return files.serve(
        row.web,
        filename=f"{row.practice.slug}{suffix}",
        content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
        inline=True,
        cache_control=_cache(row.practice),
    )


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A PDF, to whoever may read its practice."""
    visible = GoodPractice.objects.visible_to(request.user)
    row = get_object_or_404(PracticeFile.objects.select_related("practice").filter(practice__in=visible), pk=pk)
    return files.serve(
        row.file,
        filename=f"{row.title}.pdf",
        content_type="application/pdf",
        inline=True,
        cache_control=_cache(row.practice),
    )


def _cache(practice: GoodPractice) -> str:
    """A published picture may be kept for an hour; one may still be withdrawn."""
    is_public = practice.status == GoodPractice.Status.PUBLISHED and practice.visibility == "public"
    return "public, max-age=3600" if is_public else "private, no-cache"
