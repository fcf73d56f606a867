"""Figures: for everybody with small numbers withheld, for the funders exact and opened down to the project."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import slugify
from django.utils import timezone
from django.views.decorators.http import require_safe

from documentation import figures as network_figures
from documentation.figure_scope import Scope
from documentation.forms import FiguresForm
from mobipro import charts, links, spreadsheet
from mobipro.spreadsheet import Sheet
from mobipro.templatetags.portal import stamp

SOURCE = "Vernetzungsprojekt MobiPro-EU: Das Netzwerk in Zahlen"


def form_of(request: HttpRequest) -> FiguresForm:
    return FiguresForm(request.GET, years=network_figures.years(), this_year=timezone.localdate().year)


def _address(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return links.absolute(request.path) + (f"?{query}" if query else "")


def context_of(request: HttpRequest, *, exact: bool) -> dict[str, Any]:
    """What the figures' part of a page shows; `exact` is for those who may see small numbers."""
    form = form_of(request)
    scope, as_of = form.scope(), timezone.now()
    return {
        "form": form,
        "scope": scope,
        "as_of": as_of,
        "groups": network_figures.of_scope(scope, exact=exact),
        "quote_tail": f"({scope.label}). {SOURCE}, Stand {stamp(as_of)}. {_address(request)}",
        "query": request.GET.urlencode(),
    }


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The public's figures of a selection."""
    context = context_of(request, exact=False)
    scope = context["scope"]
    context |= {
        "by_region": network_figures.by_region(scope),
        "by_field": charts.bar_chart(
            network_figures.by_occupational_field(scope), "Projekte nach Berufsfeld", "Projekte"
        ),
        "by_country": charts.bar_chart(
            network_figures.by_source_country(scope), "Projekte nach Herkunftsland", "Projekte"
        ),
        "by_state": charts.bar_chart(network_figures.by_state(scope), "Projekte nach Bundesland", "Projekte"),
        "apprentices": network_figures.apprentices(scope),
    }
    return render(request, "pages/figures.html", context)


@require_safe
def figures_file(request: HttpRequest) -> HttpResponse:
    """The same selection as XLSX, small numbers withheld."""
    return file_response(request, exact=False)


def file_response(request: HttpRequest, *, exact: bool) -> HttpResponse:
    scope, as_of = form_of(request).scope(), timezone.now()
    about = [SOURCE, f"Auswahl: {scope.label}", f"Stand {stamp(as_of)}", _address(request)]
    if not exact:
        about.append("Angaben zu Personen und Teilnahmen unter fünf stehen als „unter 5“.")
    response = HttpResponse(
        spreadsheet.build(about, _sheets(scope, exact=exact)), content_type=spreadsheet.CONTENT_TYPE
    )
    response["Content-Disposition"] = f'attachment; filename="{_file_name(scope, as_of)}"'
    return response


def _file_name(scope: Scope, as_of: datetime) -> str:
    return f"mobipro-zahlen-{slugify(scope.label)[:60]}-{timezone.localtime(as_of):%Y-%m-%d}.xlsx"


def _sheets(scope: Scope, *, exact: bool) -> list[Sheet]:
    groups = network_figures.of_scope(scope, exact=exact)
    rows = [
        (figure.label, figure.written if figure.value is None else figure.value, figure.share, figure.definition)
        for group in groups
        for figure in group.figures
    ]
    regions = [
        (row.region.name, row.held, row.planned, row.traeger, row.projects, row.documentations, row.practices)
        for row in network_figures.by_region(scope)
    ]
    head = ("Region", "durchgeführt", "geplant", "Träger", "Projekte", "Dokumentationen", "Beispiele")
    sheets = [
        Sheet("Zahlen", ("Was", "Zahl", "Anteil", "Wie gezählt wird"), rows),
        Sheet("Regionen", head, regions),
        Sheet("Bundesländer", ("Bundesland", "Projekte"), network_figures.by_state(scope)),
        Sheet("Berufsfelder", ("Berufsfeld", "Projekte"), network_figures.by_occupational_field(scope)),
        Sheet("Herkunftsländer", ("Herkunftsland", "Projekte"), network_figures.by_source_country(scope)),
        _apprentice_sheet(scope, exact=exact),
    ]
    if exact:
        sheets.append(_project_sheet(scope))
    return sheets


def _apprentice_sheet(scope: Scope, *, exact: bool) -> Sheet:
    """Sums of what the projects reported, each with how many reported and how old the oldest report is."""
    found = network_figures.apprentices(scope, exact=exact)
    sums = [("in Ausbildung", found.in_training), ("in Vorbereitung oder Praktikum", found.in_preparation)]
    rows = [(label, value, found.coverage) for label, value in sums if found.reports]
    for by, what in (("source_country", "Herkunftsland"), ("occupational_field", "Berufsfeld")):
        divided, coverage = network_figures.apprentices_divided(scope, by, exact=exact)
        rows.extend((f"{what} {name}", value, coverage) for name, value in divided)
    shown = [(label, "unter 5" if value is None else value, coverage) for label, value, coverage in rows]
    return Sheet("Junge Menschen", ("Was", "Zahl", "Woher"), shown)


def _project_sheet(scope: Scope) -> Sheet:
    head = ("Projekt", "Region", "Träger", "eingeladen", "zugesagt", "teilgenommen", "Beispiele", "in Ausbildung")
    rows = []
    for region, projects in network_figures.by_project(scope):
        for row in projects:
            traeger = ", ".join(part.organisation.name for part in row.project.project_organisations.all())
            counts = (row.invited, row.accepted, row.attended, row.practices, row.in_training)
            rows.append((row.project.title, region.name, traeger, *counts))
    return Sheet("Projekte", head, rows)
