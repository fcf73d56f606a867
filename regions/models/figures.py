"""Participant figures in detail, and the question for them that goes to each project twice a year."""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from regions.models.network import ParticipantFigure, Project
from regions.models.people import ContactPerson
from regions.models.vocabulary import OccupationalField, SourceCountry
from regions.visibility import access_of

LINK_DAYS = 90  # after the last day to answer


class FigureRow(models.Model):
    """How many of a project's young people come from one country, or learn in one field. Optional."""

    figure = models.ForeignKey(ParticipantFigure, models.CASCADE, related_name="rows", verbose_name="Meldung")
    source_country = models.ForeignKey(
        SourceCountry, models.PROTECT, null=True, blank=True, related_name="figure_rows", verbose_name="Herkunftsland"
    )
    occupational_field = models.ForeignKey(
        OccupationalField, models.PROTECT, null=True, blank=True, related_name="figure_rows", verbose_name="Berufsfeld"
    )
    number = models.PositiveSmallIntegerField("Anzahl")

    class Meta:
        verbose_name = "Aufteilung einer Meldung"
        verbose_name_plural = "Aufteilung der Meldungen"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source_country__isnull=False, occupational_field=None)
                | Q(source_country=None, occupational_field__isnull=False),
                name="figure_row_country_or_field",
                violation_error_message="Wählen Sie ein Herkunftsland oder ein Berufsfeld aus.",
            ),
            models.UniqueConstraint(
                fields=["figure", "source_country"],
                name="figure_row_country_once",
                violation_error_message="Dieses Herkunftsland steht schon da.",
            ),
            models.UniqueConstraint(
                fields=["figure", "occupational_field"],
                name="figure_row_field_once",
                violation_error_message="Dieses Berufsfeld steht schon da.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_country or self.occupational_field}: {self.number}"


class FigureRequestQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The requests of the regions that this person coordinates."""
        access = access_of(user)
        if access.coordinates_all or access.is_administrator:
            return self.all()
        return self.filter(project__region__in=access.coordinated_region_ids)

    def of_half(self, year: int, half: int) -> Self:
        return self.filter(year=year, half=half)

    def silent(self) -> Self:
        return self.filter(answered_at=None)


class FigureRequest(models.Model):
    """One project is asked for its figures of one half-year, by a personal link to one person."""

    class Half(models.IntegerChoices):
        FIRST = 1, "1. Halbjahr"
        SECOND = 2, "2. Halbjahr"

    project = models.ForeignKey(Project, models.CASCADE, related_name="figure_requests", verbose_name="Projekt")
    year = models.PositiveSmallIntegerField("Jahr")
    half = models.PositiveSmallIntegerField("Halbjahr", choices=Half.choices)
    as_of = models.DateField("Stichtag")
    due_on = models.DateField("Antwort bis")
    contact = models.ForeignKey(
        ContactPerson, models.SET_NULL, null=True, related_name="figure_requests", verbose_name="Ansprechperson"
    )
    email = models.EmailField("E-Mail-Adresse")
    reason = models.CharField("warum diese Person", max_length=300, blank=True)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    asked_at = models.DateTimeField("gefragt am", default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="gefragt von"
    )
    reminded_at = models.DateTimeField("erinnert am", null=True, blank=True)
    answered_at = models.DateTimeField("gemeldet am", null=True, blank=True)
    is_unchanged = models.BooleanField("unverändert", default=False)
    figure = models.OneToOneField(
        ParticipantFigure, models.SET_NULL, null=True, blank=True, related_name="request", verbose_name="Meldung"
    )

    objects = FigureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "Abfrage der Teilnehmendenzahlen"
        verbose_name_plural = "Abfragen der Teilnehmendenzahlen"
        ordering = ["-year", "-half", "project__sort_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "year", "half"],
                name="figure_request_once_a_half",
                violation_error_message="Dieses Projekt ist für dieses Halbjahr schon gefragt.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.period}"

    @property
    def period(self) -> str:
        return f"{self.get_half_display()} {self.year}"

    @property
    def is_overdue(self) -> bool:
        return self.answered_at is None and timezone.localdate() > self.due_on

    @property
    def link_ends_on(self) -> date:
        return self.due_on + timedelta(days=LINK_DAYS)

    @property
    def is_link_expired(self) -> bool:
        return timezone.localdate() > self.link_ends_on
