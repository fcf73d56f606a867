"""Organisations and projects."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from mobipro.admin import PortalAdmin, PortalTabularInline
from regions.admin.search import StoredSearchMixin
from regions.models import (
    ContactAssignment,
    ContactPerson,
    Organisation,
    ParticipantFigure,
    Project,
    ProjectLocation,
    ProjectOrganisation,
)


class ContactInline(PortalTabularInline):
    model = ContactPerson
    fields = ["salutation", "title", "first_name", "last_name", "email", "phone", "status"]
    show_change_link = True
    verbose_name_plural = "Ansprechpersonen"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Read here, changed on their own pages: an address has a job of its own."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(StoredSearchMixin, PortalAdmin):
    list_display = ["name", "kind", "city", "federal_state", "project_count", "is_active"]
    list_filter = ["kind", "is_active", "federal_state"]
    list_select_related = ["federal_state"]
    prepopulated_fields = {"slug": ["short_name"]}
    inlines = [ContactInline]
    fieldsets = [
        (None, {"fields": ["name", "short_name", "kind", "legal_form", "is_active"]}),
        ("Sitz", {"fields": ["street", "postcode", "city", "federal_state"]}),
        ("Öffentliche Seite", {"fields": ["about", "website", "general_email", "slug"]}),
        ("Nur für die Koordination", {"fields": ["phone", "note"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(number_of_projects=Count("projects", distinct=True))

    @admin.display(description="Projekte")
    def project_count(self, row: Organisation) -> int:
        return row.number_of_projects  # type: ignore[attr-defined]


class ProjectOrganisationInline(PortalTabularInline):
    model = ProjectOrganisation
    min_num = 1
    fields = ["organisation", "role"]

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "organisation":
            kwargs["queryset"] = Organisation.objects.active().order_by("sort_key")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class LocationInline(PortalTabularInline):
    model = ProjectLocation
    fields = ["city", "federal_state", "is_main"]


class AssignmentInline(PortalTabularInline):
    model = ContactAssignment
    fields = ["contact", "function", "is_primary", "is_deputy", "valid_from", "valid_to"]
    verbose_name_plural = "Ansprechpersonen"

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "contact":
            kwargs["queryset"] = ContactPerson.objects.select_related("organisation")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class FigureInline(PortalTabularInline):
    model = ParticipantFigure
    fields = ["as_of", "in_preparation", "in_internship", "in_training", "completed", "dropped_out", "source"]


@admin.register(Project)
class ProjectAdmin(StoredSearchMixin, PortalAdmin):
    list_display = ["title", "lead_name", "region", "status", "phase", "last_confirmed_on"]
    list_filter = ["region", "status", "cohorts", "occupational_fields"]
    list_select_related = ["region", "phase"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ProjectOrganisationInline, LocationInline, AssignmentInline, FigureInline]
    fieldsets = [
        (None, {"fields": ["title", "region", "status", "phase"]}),
        ("Zeit und Umfang", {"fields": ["starts_on", "ends_on", "planned_places", "cohorts", "last_confirmed_on"]}),
        ("Berufe und Länder", {"fields": ["occupational_fields", "training_occupations", "source_countries"]}),
        ("Öffentliche Seite", {"fields": ["summary", "website", "slug"]}),
        ("Nur für die Koordination", {"fields": ["reference_number"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("project_organisations__organisation")

    @admin.display(description="Träger")
    def lead_name(self, row: Project) -> str:
        return str(row.lead or "–")
