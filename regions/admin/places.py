"""Länder, regions with their cut, and days that are blocked."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mobipro.admin import PortalAdmin, PortalTabularInline
from regions.models import BlockedPeriod, FederalState, Region, RegionState, RoleAssignment


class RegionStateInline(PortalTabularInline):
    model = RegionState
    fields = ["federal_state", "valid_from", "valid_to"]


@admin.register(Region)
class RegionAdmin(PortalAdmin):
    list_display = ["number", "name", "code", "state_names", "cut", "is_active"]
    list_display_links = ["name"]
    fields = ["assumption", "is_assumed", "number", "code", "name", "slug", "description", "is_active", "coordinators"]
    readonly_fields = ["assumption", "coordinators"]
    inlines = [RegionStateInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_states()

    @admin.display(description="Länder")
    def state_names(self, row: Region) -> str:
        return ", ".join(row_state.name for row_state in row.states)

    @admin.display(description="Zuschnitt")
    def cut(self, row: Region) -> str:
        return "Annahme" if row.is_assumed else "bestätigt"

    @admin.display(description="Hinweis")
    def assumption(self, row: Region) -> str:
        if row.is_assumed:
            return "Annahme – bitte an die Programmvorgabe anpassen und dann „Annahme“ abwählen."
        return "Der Zuschnitt ist bestätigt."

    @admin.display(description="Koordination")
    def coordinators(self, row: Region) -> str:
        """Names in the order of their duty, deputies last."""
        roles = RoleAssignment.objects.coordinators_of(row).select_related("user")
        names = [
            f"{role.user} ({'Vertretung' if role.is_deputy else 'alle Regionen' if role.all_regions else 'zuständig'})"
            for role in roles
        ]
        return ", ".join(names) or "Niemand – vergeben Sie die Rolle unter Konten."


@admin.register(FederalState)
class FederalStateAdmin(PortalAdmin):
    list_display = ["name", "iso_code", "short_name", "capital"]


@admin.register(BlockedPeriod)
class BlockedPeriodAdmin(PortalAdmin):
    list_display = ["name", "kind", "federal_state", "starts_on", "ends_on", "source", "licence"]
    list_filter = ["kind", "federal_state"]
    list_select_related = ["federal_state"]
    date_hierarchy = "starts_on"
