"""Venues, and the rounds with their windows."""

from django.contrib import admin
from django.http import HttpRequest

from meetings.models import MeetingRound, MeetingSeries, Venue
from mobipro.admin import PortalAdmin, PortalTabularInline


@admin.register(Venue)
class VenueAdmin(PortalAdmin):
    list_display = ["name", "city", "federal_state", "capacity", "step_free"]
    list_filter = ["federal_state", "step_free"]
    search_fields = ["name", "city"]


class RoundInline(PortalTabularInline):
    model = MeetingRound
    extra = 0
    fields = ["number", "window_start", "window_end"]
    verbose_name_plural = "Runden (ohne Nummer: bundesweites Treffen)"


@admin.register(MeetingSeries)
class MeetingSeriesAdmin(PortalAdmin):
    list_display = ["year", "status", "agreed_with_funders_on"]
    inlines = [RoundInline]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The sidebar's "Jahresplan" is the board; the windows of the rounds are for whoever may set them."""
        return self.has_change_permission(request)
