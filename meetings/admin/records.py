"""Venues, and the rounds with their windows."""

from django.contrib import admin

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
