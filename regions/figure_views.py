"""The page behind a project's personal link for its participant figures. GET changes nothing; the link is the key.

The POST needs no cookie (web views of mail programs block them) and is therefore exempt from CSRF protection.
The page shows numbers only, and the first name of whom it was sent to.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mobipro import links
from mobipro.headers import private
from regions import figure_requests
from regions.figure_forms import LABELS, NOW, OVER, FigureForm
from regions.figure_requests import FigureRequestError
from regions.forms import ReceiptFormMixin
from regions.models import AlreadyReceived, FigureRequest, ParticipantFigure


def request_of(token: str) -> FigureRequest | None:
    """The request of a genuine, current token; None for anything else."""
    found = links.verify(figure_requests.LINK_PURPOSE, token)
    if found is None:
        return None
    rows = FigureRequest.objects.select_related("project__region", "contact", "figure")
    return rows.filter(pk=found[0], link_version=found[1]).first()


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_figures(request: HttpRequest, token: str) -> HttpResponse:
    asked = request_of(token)
    if asked is None or asked.is_link_expired:
        status = 404 if asked is None else 410
        return private(render(request, "regions/figures_invalid.html", {"asked": asked}, status=status))
    form: FigureForm | None = None
    error = ""
    if request.method == "POST":
        try:
            form = _take(request, asked)
        except AlreadyReceived:
            form = None
        except FigureRequestError as problem:
            error = str(problem)
        if form is None and not error:
            return private(HttpResponseRedirect(reverse("regions:report_figures", args=[token])))
    return private(_page(request, asked, token, form, error))


class UnchangedForm(ReceiptFormMixin):
    """ "Unverändert": one click, one effect."""


def _take(request: HttpRequest, asked: FigureRequest) -> FigureForm | None:
    """None when the report was taken, else the bound form with its errors."""
    if request.POST.get("aktion") == "unveraendert":
        same = UnchangedForm(request.POST)
        if not same.is_valid():
            raise FigureRequestError("Das Formular war unvollständig. Drücken Sie noch einmal auf „Unverändert“.")
        figure_requests.report_unchanged(request=asked, form_id=same.receipt_id)
        return None
    form = FigureForm(request.POST, request=asked, last=_known(asked))
    if not form.is_valid():
        return form
    try:
        figure_requests.report(
            request=asked,
            numbers=form.numbers,
            countries=form.rows("land", form.countries) or {},
            fields=form.rows("feld", form.occupations) or {},
            form_id=form.receipt_id,
        )
    except FigureRequestError as problem:
        form.add_error(None, str(problem))
        return form
    return None


def _known(asked: FigureRequest) -> ParticipantFigure | None:
    """What fills the form: this day's report, else the last one."""
    return asked.figure or figure_requests.last_report(asked)


def _page(request: HttpRequest, asked: FigureRequest, token: str, form: FigureForm | None, error: str) -> HttpResponse:
    last = figure_requests.last_report(asked)
    context: dict[str, Any] = {
        "asked": asked,
        "token": token,
        "form": form or FigureForm(request=asked, last=_known(asked)),
        "same": UnchangedForm(),
        "error": error,
        "is_changing": form is not None or bool(error),
        "last": last,
        "last_rows": _lines(last),
        "reported_rows": _lines(asked.figure),
    }
    return render(request, "regions/report_figures.html", context)


def _lines(figure: ParticipantFigure | None) -> list[tuple[str, int]]:
    """A report as words and numbers, with its optional rows."""
    if figure is None:
        return []
    lines = [(LABELS[name], getattr(figure, name)) for name in (*NOW, *OVER)]
    rows = figure.rows.select_related("source_country", "occupational_field")
    return [*lines, *((str(row.source_country or row.occupational_field), row.number) for row in rows)]
