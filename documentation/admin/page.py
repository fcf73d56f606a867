"""Editable pages and reported barriers."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from documentation.models import BarrierReport, Page
from mobipro import html
from mobipro.admin import Box, FilledFilter, PortalAdmin, Row, register_box


class AnsweredFilter(FilledFilter):
    title = "beantwortet"
    parameter_name = "beantwortet"
    field = "answered_at"


class PageForm(forms.ModelForm):
    """Cleans the HTML on its way in; the page cleans it once more on its way out."""

    class Meta:
        model = Page
        fields = ["title", "lead", "body", "is_placeholder", "checked_on"]

    def clean_body(self) -> str:
        return str(html.clean(self.cleaned_data["body"]))


@admin.register(Page)
class PageAdmin(PortalAdmin):
    form = PageForm
    list_display = ["title", "is_placeholder", "checked_on", "updated_at"]
    list_filter = ["is_placeholder"]

    def has_add_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """Pages have fixed addresses; base_data makes them."""
        return False


def open_barriers(request: HttpRequest, scope: str) -> Box | None:
    """Reported barriers that wait for an answer; no box when there are none."""
    rows: list[Row] = [
        {
            "title": f"{row.number}: {row.description[:80]}",
            "url": reverse("admin:documentation_barrierreport_change", args=[row.pk]),
            "meta": f"Antwort bis {row.due_on:%d.%m.%Y}",
        }
        for row in BarrierReport.objects.filter(answered_at=None).order_by("due_on")[:8]
    ]
    url = reverse("admin:documentation_barrierreport_changelist")
    return {"title": "Gemeldete Barrieren", "url": url, "rows": rows} if rows else None


register_box(80, open_barriers)


@admin.register(BarrierReport)
class BarrierReportAdmin(PortalAdmin):
    list_display = ["number", "created_at", "due_on", "answered_at"]
    list_filter = [AnsweredFilter]
    readonly_fields = ["page", "description", "assistive_technology", "email", "created_at", "due_on"]
