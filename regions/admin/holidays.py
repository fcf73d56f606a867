"""Steps: upload a file of school holidays, look at what it would do, take it over."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from mobipro import files
from mobipro.admin import register_page
from mobipro.html import no_control_characters
from regions import holiday_files, holiday_import
from regions.models import BlockedPeriod, FederalState, ImportRun, User

SHOWN_ERRORS = 200


class HolidayUploadForm(forms.Form):
    """The file, where it comes from, and the Land for entries that name none."""

    file = forms.FileField(
        label="Datei",
        widget=forms.FileInput(attrs={"accept": ".ics,.csv,.json"}),
        help_text="Kalender (.ics), Tabelle (.csv) oder JSON der OpenHolidays API, höchstens 2 MB.",
        error_messages={
            "required": "Wählen Sie eine Datei aus.",
            "empty": "Diese Datei ist leer. Wählen Sie die richtige Datei aus.",
            "invalid": "Wählen Sie eine Datei aus.",
        },
    )
    land = forms.ModelChoiceField(
        label="Bundesland",
        queryset=FederalState.objects.all(),
        to_field_name="iso_code",
        required=False,
        empty_label="steht in der Datei",
        help_text="Gilt für Einträge, bei denen kein Land steht.",
        error_messages={"invalid_choice": "Wählen Sie ein Bundesland aus der Liste."},
    )
    source = forms.CharField(
        label="Quelle",
        max_length=300,
        required=False,
        validators=[no_control_characters],
        help_text="Zum Beispiel „Kultusministerium Bayern“. Leer, wenn sie in der Datei steht.",
        error_messages={"max_length": "Kürzen Sie die Quelle auf höchstens 300 Zeichen."},
    )
    licence = forms.CharField(
        label="Lizenz",
        max_length=120,
        required=False,
        validators=[no_control_characters],
        help_text="Zum Beispiel „ODbL 1.0“ oder „amtliche Bekanntmachung“.",
        error_messages={"max_length": "Kürzen Sie die Lizenz auf höchstens 120 Zeichen."},
    )
    replace_others = forms.BooleanField(
        label="Auch ersetzen, was andere Quellen zu diesen Ländern und Jahren sagen", required=False
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        files.check_size(upload, holiday_files.MAX_BYTES)
        return upload


def _check(request: HttpRequest) -> User:
    if not request.user.has_perm("regions.add_blockedperiod"):
        raise PermissionDenied
    return cast(User, request.user)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    common = {**admin.site.each_context(request), "opts": BlockedPeriod._meta, "title": title}
    return render(request, f"admin/regions/{template}.html", {**common, **context})


def upload_page(request: HttpRequest) -> HttpResponse:
    """The form and the last files; POST reads the file and shows what it would do."""
    user = _check(request)
    is_sent = request.method == "POST"
    form = HolidayUploadForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        values = form.cleaned_data
        try:
            run = holiday_import.upload(
                name=values["file"].name,
                content=values["file"].read(),
                land=values["land"].iso_code[3:] if values["land"] else "",
                source=" ".join(values["source"].split()),
                licence=" ".join(values["licence"].split()),
                replace_others=values["replace_others"],
                by=user,
            )
        except holiday_files.HolidayFileError as error:
            form.add_error("file", str(error))
        except holiday_import.HolidayImportError as error:
            form.add_error("source", str(error))
        else:
            return redirect("admin:holiday_run", run.pk)
    runs = ImportRun.objects.visible_to(user).filter(kind=ImportRun.Kind.SCHOOL_HOLIDAYS)
    rows = runs.select_related("uploaded_by", "applied_by").defer("rows", "effects")[:20]
    return _page(request, "holiday_import", "Schulferien einlesen", form=form, runs=rows)


def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do, or did; POST takes it over if that is still what was shown."""
    user = _check(request)
    runs = ImportRun.objects.visible_to(user).filter(kind=ImportRun.Kind.SCHOOL_HOLIDAYS)
    run = get_object_or_404(runs.select_related("uploaded_by", "applied_by"), pk=pk)
    if request.method == "POST":
        try:
            counts = holiday_import.apply(run=run, fingerprint=request.POST.get("fingerprint", ""), by=user)
        except holiday_import.HolidayImportError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"Übernommen: {counts['new']} neu, {counts['removed']} ersetzt.")
        return redirect("admin:holiday_run", run.pk)
    errors = run.rows.get("errors", [])
    return _page(
        request,
        "holiday_run",
        f"Schulferien: {run.file_name}",
        run=run,
        plan=holiday_import.plan(run) if run.is_waiting else None,
        errors=errors[:SHOWN_ERRORS],
        more_errors=max(0, len(errors) - SHOWN_ERRORS),
    )


register_page("schulferien/", upload_page, "holiday_import")
register_page("schulferien/<int:pk>/", run_page, "holiday_run")
