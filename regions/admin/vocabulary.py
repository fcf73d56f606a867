"""The controlled words, edited in place where that is safe."""

from django.contrib import admin

from mobipro.admin import PortalAdmin
from regions.models import Cohort, OccupationalField, Phase, SourceCountry, Topic, TrainingOccupation


@admin.register(Cohort)
class CohortAdmin(PortalAdmin):
    list_display = ["year", "funding"]


@admin.register(OccupationalField)
class OccupationalFieldAdmin(PortalAdmin):
    list_display = ["name", "position", "note"]


@admin.register(TrainingOccupation)
class TrainingOccupationAdmin(PortalAdmin):
    list_display = ["name", "field", "note"]
    list_filter = ["field"]
    list_select_related = ["field"]


@admin.register(SourceCountry)
class SourceCountryAdmin(PortalAdmin):
    list_display = ["name", "iso_code", "is_common"]
    list_filter = ["is_common"]


@admin.register(Phase)
class PhaseAdmin(PortalAdmin):
    list_display = ["name", "key", "position"]


@admin.register(Topic)
class TopicAdmin(PortalAdmin):
    list_display = ["name", "slug", "position"]
    prepopulated_fields = {"slug": ["name"]}
