"""Editable pages, the search, and the report of a barrier."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from documentation import search as network_search
from documentation.models import BarrierReport, Page
from mobipro import html, mail
from mobipro.html import no_control_characters
from regions.forms import ReceiptFormMixin
from regions.models import FormReceipt, ResponsibleBody
from regions.models.record import AlreadyReceived

RESULTS_PER_PAGE = 20


def _render_page(request: HttpRequest, found: Page, template: str, **context: object) -> HttpResponse:
    return render(request, template, {"page": found, "body": html.clean(found.body), **context})


@require_safe
def project(request: HttpRequest) -> HttpResponse:
    """The programme and the Vernetzungsprojekt, with its terms and responsible bodies as a dated table."""
    found = get_object_or_404(Page, slug="projekt")
    bodies = ResponsibleBody.objects.in_order()
    return _render_page(request, found, "pages/project.html", bodies=bodies, today=timezone.localdate())


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug == "projekt":
        return redirect("project", permanent=True)
    return _render_page(request, get_object_or_404(Page, slug=slug), "pages/page.html")


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """One search over everything this person may read, with the number of hits of each kind."""
    words = html.plain(request.GET.get("q", ""))[:200].strip()
    only = request.GET.get("art", "")
    labels = {kind.key: kind.label for kind in network_search.KINDS}
    if only not in labels:
        only = ""
    hits = network_search.find(request.user, words, only) if words else []
    counts = network_search.count(request.user, words, found=hits, only=only) if words else {}
    context = {
        "words": words,
        "only": only,
        "total": sum(counts.values()),
        "kinds": [(key, label, counts[key]) for key, label in labels.items() if counts.get(key)],
        "page": Paginator(hits, RESULTS_PER_PAGE).get_page(request.GET.get("seite")),
    }
    return render(request, "pages/search.html", context)


class BarrierForm(ReceiptFormMixin):
    """What was in the way; only the description is mandatory."""

    page = forms.CharField(label="Seite", max_length=500, required=False, validators=[no_control_characters])
    description = forms.CharField(
        label="Was ist passiert?",
        max_length=5000,
        widget=forms.Textarea,
        validators=[no_control_characters],
        error_messages={
            "required": "Beschreiben Sie kurz, was nicht geht.",
            "max_length": "Kürzen Sie den Text auf höchstens 5.000 Zeichen.",
        },
    )
    assistive_technology = forms.CharField(
        label="Hilfsmittel",
        max_length=300,
        required=False,
        help_text="Zum Beispiel: Vorleseprogramm NVDA mit Firefox, Vergrößerung 400 Prozent.",
        validators=[no_control_characters],
    )
    email = forms.CharField(
        label="E-Mail-Adresse",
        max_length=254,
        required=False,
        help_text="Nur wenn Sie eine Antwort möchten.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        address = self.cleaned_data["email"]
        if not address:
            return ""
        try:
            return mail.normalise_address(address)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


def _store_report(form: BarrierForm, request: HttpRequest) -> BarrierReport | None:
    """Row and receipt together; a form posted twice gives the first report again, another form's id none."""
    data = {name: value for name, value in form.cleaned_data.items() if name != "form_id"}
    try:
        with transaction.atomic():
            report = BarrierReport.objects.create(**data)
            FormReceipt.take(form.receipt_id, purpose="barrier", user=request.user, result=str(report.pk))
    except AlreadyReceived as received:
        return BarrierReport.objects.filter(pk=received.result or 0).first()
    return report


@require_http_methods(["GET", "HEAD", "POST"])
def report_barrier(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = BarrierForm(request.POST)
        if form.is_valid():
            report = _store_report(form, request)
            if report is not None:
                text = f"Meldung {report.number} ist eingegangen, Antwort bis {report.due_on:%d.%m.%Y}."
                messages.success(request, text)
                return redirect("report_barrier")
            form.ask_again()
    else:
        preset = html.plain(request.GET.get("seite", ""))[:500].replace("\n", " ")
        form = BarrierForm(initial={"page": preset, "form_id": FormReceipt.new_id()})
    return render(request, "pages/report_barrier.html", {"form": form})
