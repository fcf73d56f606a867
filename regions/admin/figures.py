"""Step: ask the projects of the own regions for their participant figures, and see who has answered."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from mobipro import files, spreadsheet
from mobipro.admin import register_link, register_page
from regions import figure_requests
from regions.figure_forms import LABELS
from regions.figure_requests import Standing
from regions.models import AlreadyReceived, FormReceipt, ParticipantFigure, User
from regions.visibility import access_of

_DAY = "Geben Sie einen Tag ein, zum Beispiel 30.06.2027."


class AskForm(forms.Form):
    """The day the figures are for, and until when to answer."""

    as_of = forms.DateField(
        label="Stichtag",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Auf diesen Tag beziehen sich die Zahlen.",
        error_messages={"required": _DAY, "invalid": _DAY},
    )
    due_on = forms.DateField(
        label="Antwort bis",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Wer nach 14 Tagen noch nicht geantwortet hat, wird einmal erinnert.",
        error_messages={"required": _DAY, "invalid": _DAY},
    )


def _user(request: HttpRequest) -> User:
    access = access_of(request.user)
    if not (access.is_coordinator or access.is_administrator):
        raise PermissionDenied
    return cast(User, request.user)


def _period(query: QueryDict) -> tuple[int, int]:
    """The half-year in the address, else the one of today."""
    year, half = query.get("jahr", ""), query.get("halbjahr", "")
    is_number = year.isascii() and year.isdigit() and len(year) == 4
    last = timezone.localdate().year + 1
    if is_number and half in ("1", "2") and figure_requests.FIRST_YEAR <= int(year) <= last:
        return int(year), int(half)
    return figure_requests.half_of(timezone.localdate())


def ask_page(request: HttpRequest) -> HttpResponse:
    """All projects of the person's regions with their state; POST asks the chosen ones."""
    user = _user(request)
    year, half = _period(request.GET)
    rows = figure_requests.standings(user, year, half)
    form = AskForm(request.POST if request.method == "POST" else None, initial=_initial(year, half))
    chosen = {row.project.pk for row in rows if row.can_be_asked}
    if request.method == "POST":
        texts = request.POST.getlist("projekt")
        chosen = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
        if form.is_valid() and (done := _ask(request, form, chosen, year, half)):
            return done
    today = timezone.localdate()
    context = {
        **admin.site.each_context(request),
        "opts": ParticipantFigure._meta,
        "title": f"Zahlen abfragen: {half}. Halbjahr {year}",
        "rows": rows,
        "open_rows": [row for row in rows if row.can_be_asked],
        "chosen": chosen,
        "form": form,
        "form_id": request.POST.get("form_id") or FormReceipt.new_id(),
        "counts": _counts(rows),
        "query": f"jahr={year}&halbjahr={half}",
        "periods": _periods(year, half, today.year),
        "may_ask": access_of(user).is_coordinator,
    }
    return render(request, "admin/regions/figure_requests.html", context)


def _initial(year: int, half: int) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "as_of": min(figure_requests.last_day_of(year, half), today),
        "due_on": today + timedelta(days=figure_requests.ANSWER_DAYS),
    }


def _periods(year: int, half: int, this_year: int) -> list[tuple[str, str, bool]]:
    """(address, words, is shown now) of this and the last year's halves."""
    found = []
    for one in (this_year - 1, this_year):
        for number in (1, 2):
            words = f"{number}. Halbjahr {one}"
            found.append((f"?jahr={one}&halbjahr={number}", words, (one, number) == (year, half)))
    return found


def _counts(rows: list[Standing]) -> dict[str, int]:
    return {
        "projects": len(rows),
        "asked": sum(row.request is not None for row in rows),
        "answered": sum(bool(row.request and row.request.answered_at) for row in rows),
        "unreachable": sum(row.request is None and row.speaker is None for row in rows),
    }


def _ask(request: HttpRequest, form: AskForm, chosen: set[int], year: int, half: int) -> HttpResponse | None:
    address = f"{reverse('admin:figure_requests')}?jahr={year}&halbjahr={half}"
    try:
        asked = figure_requests.ask(
            project_ids=chosen,
            year=year,
            half=half,
            as_of=form.cleaned_data["as_of"],
            due_on=form.cleaned_data["due_on"],
            by=request.user,
            form_id=request.POST.get("form_id", ""),
        )
    except figure_requests.FigureRequestError as error:
        form.add_error(None, str(error))
        return None
    except (AlreadyReceived, ValueError):
        messages.info(request, "Diese Abfrage ist schon unterwegs.")
        return redirect(address)
    number = "1 Projekt" if len(asked) == 1 else f"{len(asked)} Projekte"
    messages.success(request, f"Die Abfrage an {number} ist unterwegs. Sie sehen hier, wer geantwortet hat.")
    return redirect(address)


def standings_file(request: HttpRequest) -> HttpResponse:
    """The same table as XLSX, with the figures."""
    user = _user(request)
    year, half = _period(request.GET)
    head = ("Region", "Projekt", "Ansprechperson", "Stand", "gefragt", "erinnert", "gemeldet", "Stichtag")
    labels = [LABELS[name] for name in figure_requests.NUMBERS]
    rows = [_cells(row) for row in figure_requests.standings(user, year, half)]
    about = [f"Teilnehmendenzahlen {half}. Halbjahr {year}, Stand {timezone.localtime():%d.%m.%Y, %H:%M} Uhr"]
    content = spreadsheet.build(about, [spreadsheet.Sheet("Zahlen", [*head, *labels], rows)])
    response = HttpResponse(content, content_type=spreadsheet.CONTENT_TYPE)
    response["Content-Disposition"] = files.content_disposition(f"teilnehmendenzahlen-{year}-{half}.xlsx")
    response["Cache-Control"] = "private, no-store"
    return response


def _cells(row: Standing) -> list[Any]:
    asked, figure = row.request, row.request.figure if row.request else None
    person = asked.contact if asked else row.speaker.contact if row.speaker else None
    numbers = [getattr(figure, name) if figure else None for name in figure_requests.NUMBERS]
    return [
        row.project.region.name,
        row.project.title,
        person.full_name if person else "",
        row.state,
        *((getattr(asked, name) if asked else None) for name in ("asked_at", "reminded_at", "answered_at")),
        f"{asked.as_of:%d.%m.%Y}" if asked else "",
        *numbers,
    ]


register_page("zahlen-abfragen/", ask_page, "figure_requests")
register_page("zahlen-abfragen/tabelle.xlsx", standings_file, "figure_requests_file")
register_link("Personen und Träger", "Zahlen abfragen", "admin:figure_requests")
