"""Länder, the eight regions, and what blocks a day."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords


class FederalState(models.Model):
    """One of the sixteen Länder (ISO 3166-2:DE)."""

    iso_code = models.CharField("ISO 3166-2", max_length=5, unique=True)
    name = models.CharField("Name", max_length=60, unique=True)
    short_name = models.CharField("Kürzel", max_length=2)
    capital = models.CharField("Hauptstadt", max_length=60)
    sort_key = models.CharField(max_length=60, editable=False, default="")

    class Meta:
        verbose_name = "Bundesland"
        verbose_name_plural = "Bundesländer"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name


class RegionQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_states(self) -> Self:
        """Loads the Länder of each region in one further query."""
        return self.prefetch_related(
            models.Prefetch("region_states", queryset=RegionState.objects.current().select_related("federal_state"))
        )


class Region(models.Model):
    """Vernetzungsregion. Which Länder form it is data (RegionState), not code."""

    number = models.PositiveSmallIntegerField("Nummer", unique=True, help_text="1 bis 8, auf Karte und Liste gleich.")
    code = models.CharField(
        "Kürzel", max_length=8, unique=True, help_text="Teil der Treffen-Kennung, zum Beispiel NORD in 2027-NORD-1."
    )
    name = models.CharField("Name", max_length=80, unique=True)
    slug = models.SlugField("Adresse", max_length=60, unique=True)
    description = models.TextField("Beschreibung", blank=True)
    is_assumed = models.BooleanField(
        "Annahme",
        default=True,
        help_text="Der Zuschnitt ist eine Annahme – bitte an die Programmvorgabe anpassen und dann abwählen.",
    )
    is_active = models.BooleanField("aktiv", default=True)
    history = HistoricalRecords(verbose_name="Verlauf der Region", verbose_name_plural="Verlauf der Regionen")

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = "Region"
        verbose_name_plural = "Regionen"
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("regions:region", args=[self.slug])

    @property
    def states(self) -> list[FederalState]:
        """The Länder of today's cut; call on `with_states()` to save queries."""
        if "region_states" in getattr(self, "_prefetched_objects_cache", {}):
            return [row.federal_state for row in self.region_states.all()]
        return [row.federal_state for row in self.region_states.current().select_related("federal_state")]

    @property
    def iso_codes(self) -> list[str]:
        return [state.iso_code for state in self.states]


class RegionStateQuerySet(models.QuerySet):
    def on(self, day: date) -> Self:
        """The cut that was valid on this day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def current(self) -> Self:
        return self.filter(valid_to=None)


class RegionState(models.Model):
    """A Land belongs to a region from one day until (excluding) another."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="region_states", verbose_name="Region")
    federal_state = models.ForeignKey(
        FederalState, models.PROTECT, related_name="region_states", verbose_name="Bundesland"
    )
    valid_from = models.DateField("gültig ab", default=date(2016, 2, 1))
    valid_to = models.DateField("gültig bis", null=True, blank=True)

    objects = RegionStateQuerySet.as_manager()

    class Meta:
        verbose_name = "Land der Region"
        verbose_name_plural = "Länder der Region"
        ordering = ["federal_state__sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["federal_state"],
                condition=Q(valid_to=None),
                name="region_state_one_current",
                violation_error_message="Dieses Land gehört schon zu einer Region.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="region_state_ends_after_start",
                violation_error_message="Das Ende liegt vor dem Beginn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.federal_state} in {self.region}"


class BlockedPeriod(models.Model):
    """Days on which a meeting is unwise: school holidays, examinations, a block by the funder."""

    class Kind(models.TextChoices):
        SCHOOL_HOLIDAY = "school_holiday", "Schulferien"
        EXAM = "exam", "Prüfungszeit"
        TRAINING_START = "training_start", "Ausbildungsbeginn"
        FUNDER_BLOCK = "funder_block", "gesperrt durch BMAS/ZAV"
        OTHER = "other", "sonstige Sperrzeit"

    federal_state = models.ForeignKey(
        FederalState,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="blocked_periods",
        verbose_name="Bundesland",
        help_text="Leer: alle Länder.",
    )
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    name = models.CharField("Name", max_length=120)
    starts_on = models.DateField("erster Tag")
    ends_on = models.DateField("letzter Tag")
    source = models.CharField("Quelle", max_length=300, blank=True)
    licence = models.CharField("Lizenz", max_length=120, blank=True)

    class Meta:
        verbose_name = "Sperrzeit"
        verbose_name_plural = "Sperrzeiten"
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="blocked_period_ends_after_start",
                violation_error_message="Der letzte Tag liegt vor dem ersten.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.starts_on:%d.%m.%Y}–{self.ends_on:%d.%m.%Y})"
