"""Steps: tables of the network in and out – template, upload, dry run, take over, take back, export."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from mobipro import files, spreadsheet
from mobipro.admin import register_page
from regions import contact_import
from regions.contact_import import archives, reading, tables
from regions.contact_import.columns import BY_KEY, SHEETS
from regions.models import ImportRun, Organisation, User

SHOWN = 300  # rows of each kind on the page; the table has all


class UploadForm(forms.Form):
    """One workbook."""

    file = forms.FileField(
        label="Excel-Datei",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=f"Eine .xlsx, höchstens 5 MB und {reading.MAX_ROWS} Zeilen je Blatt.",
        error_messages={
            "required": "Wählen Sie eine Datei aus.",
            "empty": "Diese Datei ist leer. Wählen Sie die richtige Datei aus.",
            "invalid": "Wählen Sie eine Datei aus.",
        },
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        files.check_size(upload, archives.MAX_BYTES)
        return upload


def _user(request: HttpRequest) -> User:
    """Who may change organisations, projects and contacts may read in tables of them."""
    for model in ("organisation", "project", "contactperson"):
        if not request.user.has_perm(f"regions.add_{model}"):
            raise PermissionDenied
    return cast(User, request.user)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    common = {**admin.site.each_context(request), "opts": Organisation._meta, "title": title}
    return render(request, f"admin/regions/{template}.html", {**common, **context})


def _runs(user: User) -> Any:
    return ImportRun.objects.visible_to(user).filter(kind=ImportRun.Kind.NETWORK)


def upload_page(request: HttpRequest) -> HttpResponse:
    """Template, form and the last tables; POST reads the file and shows what it would do."""
    user = _user(request)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = contact_import.upload(name=upload.name, content=upload.read(), by=user)
        except contact_import.WorkbookError as error:
            form.add_error("file", str(error))
        else:
            return redirect("admin:import_run", run.pk)
    rows = _runs(user).select_related("uploaded_by", "applied_by").defer("rows", "effects")[:20]
    return _page(request, "imports", "Tabellen einlesen", form=form, runs=rows, sheets=SHEETS)


def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the table would do, or did; POST takes it over with the decisions on duplicates."""
    user = _user(request)
    run = get_object_or_404(_runs(user).select_related("uploaded_by", "applied_by", "undone_by"), pk=pk)
    if request.method == "POST":
        decisions = {key.removeprefix("d-"): value for key, value in request.POST.items() if key.startswith("d-")}
        fingerprint = request.POST.get("fingerprint", "")
        try:
            counts = contact_import.apply(run=run, fingerprint=fingerprint, decisions=decisions, by=user)
        except contact_import.ImportRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"Übernommen: {counts['new']} neu, {counts['changed']} geändert.")
        return redirect("admin:import_run", run.pk)
    plan = contact_import.plan(run) if run.is_waiting else None
    return _page(request, "import_run", f"Tabelle: {run.file_name}", run=run, plan=plan, **_shown(plan))


def _shown(plan: Any) -> dict[str, Any]:
    """The rows of the page by what happens to them; "und … weitere" where there are too many."""
    if plan is None:
        return {}
    groups = {name: plan.of(name) for name in ("new", "changed", "duplicate")}
    groups |= {"problems": plan.problems, "notes": plan.notes}
    shown = {name: rows[:SHOWN] for name, rows in groups.items()}
    more = {f"more_{name}": max(0, len(rows) - SHOWN) for name, rows in groups.items()}
    return {**shown, **more, "counts": plan.counts}


def undo_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a table back; the page afterwards says what was left."""
    user = _user(request)
    run = get_object_or_404(_runs(user), pk=pk)
    if request.method == "POST":
        try:
            left = contact_import.undo(run=run, by=user)
        except contact_import.ImportRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Die Tabelle ist rückgängig gemacht.")
            if left:
                words = "; ".join(str(row) for row in left[:20])
                more = f" und {len(left) - 20} weitere" if len(left) > 20 else ""
                messages.warning(request, f"{len(left)} Einträge bleiben, wie sie sind: {words}{more}.")
    return redirect("admin:import_run", run.pk)


def result_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole dry run as XLSX."""
    run = get_object_or_404(_runs(_user(request)), pk=pk)
    if not run.is_waiting:
        raise Http404
    return _file(tables.result(contact_import.plan(run)), f"pruefung-{run.pk}.xlsx")


def template_file(request: HttpRequest) -> HttpResponse:
    _user(request)
    return _file(tables.template(), "mobipro-vorlage.xlsx")


def export_file(request: HttpRequest, key: str) -> HttpResponse:
    """One sheet, or "alles": the same columns as the import."""
    _user(request)
    if key != "alles" and key not in BY_KEY:
        raise Http404
    sheets = SHEETS if key == "alles" else (BY_KEY[key],)
    return _file(tables.export(sheets), f"mobipro-{key}-{timezone.localdate():%Y-%m-%d}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=spreadsheet.CONTENT_TYPE)
    response["Content-Disposition"] = files.content_disposition(name)
    response["Cache-Control"] = "private, no-store"
    return response


register_page("tabellen/", upload_page, "imports")
register_page("tabellen/vorlage.xlsx", template_file, "import_template")
register_page("tabellen/ausgabe/<slug:key>.xlsx", export_file, "export")
register_page("tabellen/<int:pk>/", run_page, "import_run")
register_page("tabellen/<int:pk>/pruefung.xlsx", result_file, "import_result")
register_page("tabellen/<int:pk>/rueckgaengig/", undo_step, "import_undo")
