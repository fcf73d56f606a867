"""Where a Träger writes: own list, task list, the five steps, preview, sending."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from practices import drafts, review
from practices.completeness import NEEDED_TO_SUBMIT, STEP_OF, STEPS, Step, label_of, missing_to_submit, steps
from practices.forms import STEP_FORMS, CreateForm, FileForm, ImageForm, SubmitForm
from practices.models import GoodPractice
from practices.views.public import page_context
from practices.views.waiting import forget, login_keeps_text, waiting_for
from regions.models.record import AlreadyReceived
from regions.visibility import access_of

LAST_STEP = 5


def own_practice(request: HttpRequest, pk: int) -> GoodPractice:
    """A practice of the person's own house; anybody else's is 404."""
    rows = GoodPractice.objects.of_house(request.user).select_related(
        "organisation", "project", "region", "source_meeting"
    )
    return get_object_or_404(rows.prefetch_related("phases", "topics", "images"), pk=pk)


def editable_practice(request: HttpRequest, pk: int) -> GoodPractice | None:
    """The same when it can be edited; else None, and the person is told why."""
    practice = own_practice(request, pk)
    if request.user.has_perm("practices.edit_practice", practice):
        return practice
    messages.info(request, f"Dieses Beispiel ist „{practice.get_status_display()}“ und lässt sich jetzt nicht ändern.")
    return None


def step_list(practice: GoodPractice, current: int = 0) -> list[Step]:
    return steps(practice, {n: reverse("practices:edit", args=[practice.pk, n]) for n in STEPS}, current)


def open_remarks(practice: GoodPractice) -> list[dict[str, Any]]:
    """The coordinator's remarks on the last submission, while they are to be answered (or tell why it was declined)."""
    if practice.status not in (GoodPractice.Status.QUESTIONS, GoodPractice.Status.DECLINED):
        return []
    last = practice.submissions.last()
    rows = last.remarks.all() if last else []
    return [
        {
            "field": row.field,
            "label": label_of(row.field) if row.field in STEP_OF else "Zum ganzen Beispiel",
            "step": STEP_OF.get(row.field),
            "text": row.text,
        }
        for row in rows
    ]


@login_required
@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    rows = GoodPractice.objects.of_house(request.user).select_related("organisation").order_by("-updated_at")
    may_write = request.user.has_perm("practices.write_practice")
    if not may_write:
        raise PermissionDenied
    return render(request, "practices/own_list.html", {"rows": rows, "may_write": may_write})


@login_keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("practices.write_practice"):
        raise PermissionDenied
    is_sent = request.method == "POST"
    kept = None if is_sent else waiting_for(request)
    form = CreateForm(request.POST if is_sent else kept, user=request.user)
    if form.is_valid() and is_sent:
        forget(request)
        values = form.cleaned_data
        organisation = values["organisation"]
        try:
            practice = drafts.create_draft(
                by=request.user,  # type: ignore[arg-type]
                title=values["title"],
                organisation=organisation,
                project=drafts.preset_project(organisation=organisation, by=request.user),  # type: ignore[arg-type]
                form_id=form.receipt_id,
            )
        except AlreadyReceived as again:
            return redirect(again.result or "practices:own_list")
        messages.success(request, "Ihr Entwurf ist angelegt. Alles, was Sie speichern, bleibt erhalten.")
        return redirect("practices:edit", practice.pk, 1)
    return render(request, "practices/create.html", {"form": form, "is_kept": kept is not None})


@login_required
@require_safe
def hub(request: HttpRequest, pk: int) -> HttpResponse:
    """The task list: what is done, what is missing, what the coordinator asks; later the state."""
    practice = own_practice(request, pk)
    rows = step_list(practice)
    context = {
        "practice": practice,
        "tasks": rows,
        "done": sum(row.state == "done" for row in rows) + (not practice.is_editable),
        "gaps": missing_to_submit(practice) if practice.is_editable else [],
        "remarks": open_remarks(practice),
        "submissions": list(practice.submissions.all()),
    }
    return render(request, "practices/hub.html", context)


@login_keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """One step: POST keeps every valid field, shows the errors of the others, and loses nothing."""
    practice = editable_practice(request, pk)
    if practice is None:
        return redirect("practices:hub", pk)
    if step == LAST_STEP and request.method != "POST":
        return check_page(request, practice, SubmitForm())
    if step not in STEP_FORMS:
        return redirect("practices:hub", pk)
    kept = None if request.method == "POST" else waiting_for(request)
    form = STEP_FORMS[step](request.POST if request.method == "POST" else kept, practice=practice, user=request.user)
    if request.method != "POST":
        return step_page(request, practice, step, form, is_kept=kept is not None)
    form.is_valid()
    try:
        saved = drafts.save_step(
            practice=practice,
            by=request.user,  # type: ignore[arg-type]
            values=form.savable(),
            loaded=form.loaded_revision,
        )
    except review.ReviewError as problem:
        messages.error(request, str(problem))
        return redirect("practices:hub", pk)
    forget(request)
    if saved.conflicts:
        form.show_other(saved.practice, saved.conflicts)
    if form.errors:
        form.continue_from(saved.practice)
        return step_page(request, saved.practice, step, form)
    if "later" in request.POST:
        messages.success(request, "Gespeichert. Sie können jederzeit weitermachen.")
        return redirect("practices:hub", pk)
    return redirect("practices:edit", pk, step + 1)


def step_page(
    request: HttpRequest,
    practice: GoodPractice,
    step: int,
    form: Any,
    *,
    image_form: ImageForm | None = None,
    file_form: FileForm | None = None,
    is_kept: bool = False,
) -> HttpResponse:
    """One step's page; on the fourth with pictures and files. `is_kept`: the text was sent without a login."""
    form.mark_optional = False
    remarks = [row for row in open_remarks(practice) if row["step"] in (step, None)]
    form.show_remarks(remarks)
    context = {
        "practice": practice,
        "step": step,
        "title": STEPS[step],
        "steps": step_list(practice, current=step),
        "form": form,
        "remarks": remarks,
        "is_kept": is_kept,
        "needed": [label_of(name) for name in NEEDED_TO_SUBMIT if STEP_OF[name] == step],
    }
    if step == 4:
        context |= {
            "image_form": image_form or ImageForm(prefix="bild"),
            "file_form": file_form or FileForm(prefix="datei"),
            "images": list(practice.images.all()),
            "files": list(practice.files.all()),
        }
    return render(request, "practices/step.html", context)


def check_page(request: HttpRequest, practice: GoodPractice, form: SubmitForm) -> HttpResponse:
    """The fifth step: what is missing, the page as it will look, consent and sending."""
    context = {
        **page_context(request, practice),
        "step": LAST_STEP,
        "steps": step_list(practice, current=LAST_STEP),
        "gaps": missing_to_submit(practice),
        "form": form,
        "remarks": open_remarks(practice),
    }
    return render(request, "practices/check.html", context)


@login_required
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The page as everybody will see it; also the coordinator's look at a submitted one."""
    rows = GoodPractice.objects.visible_to(request.user).select_related("organisation", "region", "source_meeting")
    practice = get_object_or_404(rows, pk=pk)
    context = {**page_context(request, practice), "is_preview": True, "is_member": True}
    access = access_of(request.user)
    context["is_author"] = practice.author_id == access.user_id or practice.organisation_id in access.organisation_ids
    return render(request, "practices/practice.html", context)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    practice = own_practice(request, pk)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        if not request.user.has_perm("practices.edit_practice", practice):
            return redirect("practices:hub", pk)
        return check_page(request, practice, form)
    try:
        review.submit(practice=practice, by=request.user, consent=True, form_id=form.receipt_id)  # type: ignore[arg-type]
    except AlreadyReceived:
        return redirect("practices:hub", pk)
    except review.Incomplete as problem:
        form.add_error(None, str(problem))
        return check_page(request, practice, form)
    except review.ReviewError as problem:
        messages.error(request, str(problem))
        return redirect("practices:hub", pk)
    messages.success(request, "Ihr Beispiel ist eingereicht. Sie bekommen eine Mail, sobald es geprüft ist.")
    return redirect("practices:hub", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete a draft that was never submitted."""
    practice = editable_practice(request, pk)
    if practice is None:
        return redirect("practices:hub", pk)
    if request.method != "POST":
        return render(request, "practices/discard.html", {"practice": practice})
    try:
        drafts.discard(practice=practice, by=request.user)  # type: ignore[arg-type]
    except review.ReviewError as problem:
        messages.error(request, str(problem))
        return redirect("practices:hub", pk)
    messages.success(request, f"Der Entwurf „{practice.title}“ ist gelöscht.")
    return redirect("practices:own_list")
