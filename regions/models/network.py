"""Organisations and projects. A region belongs to the project (place of work), not to the Träger (seat)."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from regions.models.place import FederalState, Region
from regions.models.record import Dated, Searchable
from regions.models.vocabulary import Cohort, OccupationalField, Phase, SourceCountry, TrainingOccupation
from regions.visibility import access_of


class OrganisationQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def traeger(self) -> Self:
        return self.filter(kind=Organisation.Kind.TRAEGER)

    def published(self) -> Self:
        """What the public directory shows: active Träger."""
        return self.active().traeger()

    def visible_to(self, user: Any) -> Self:
        if access_of(user).is_office:
            return self.all()
        return self.published()

    def in_region(self, region: Region) -> Self:
        return self.filter(projects__region=region).distinct()


class Organisation(Dated, Searchable):
    class Kind(models.TextChoices):
        TRAEGER = "traeger", "Träger"
        COMPANY = "company", "Betrieb"
        VOCATIONAL_SCHOOL = "vocational_school", "Berufsschule"
        CHAMBER = "chamber", "Kammer"
        EMPLOYMENT_AGENCY = "employment_agency", "Agentur für Arbeit"
        MINISTRY = "ministry", "Ministerium"
        FEDERAL_AGENCY = "federal_agency", "Bundesbehörde"
        EXPERT_BODY = "expert_body", "Fachstelle"
        EVALUATOR = "evaluator", "Evaluation"
        EMBASSY = "embassy", "Botschaft oder Konsulat"
        COORDINATION = "coordination", "Koordination"
        OTHER = "other", "Sonstige"

    name = models.CharField("Name", max_length=200, unique=True)
    short_name = models.CharField("Kurzname", max_length=60, blank=True)
    slug = models.SlugField("Adresse", max_length=120, unique=True)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices, default=Kind.TRAEGER)
    legal_form = models.CharField("Rechtsform", max_length=40, blank=True)
    street = models.CharField("Straße", max_length=120, blank=True)
    postcode = models.CharField("Postleitzahl", max_length=10, blank=True)
    city = models.CharField("Ort", max_length=80, blank=True)
    federal_state = models.ForeignKey(
        FederalState, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name="Bundesland"
    )
    website = models.URLField("Webseite", blank=True)
    general_email = models.EmailField(
        "Allgemeine E-Mail-Adresse", blank=True, help_text="Ein Funktionspostfach; wird veröffentlicht."
    )
    phone = models.CharField("Telefon", max_length=40, blank=True)
    about = models.TextField("Über den Träger", blank=True, max_length=1500)
    is_active = models.BooleanField("aktiv", default=True)
    note = models.TextField("Notiz der Koordination", blank=True)
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf der Organisation",
        verbose_name_plural="Verlauf der Organisationen",
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "Organisation"
        verbose_name_plural = "Organisationen"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("regions:organisation", args=[self.slug])

    def title_for_search(self) -> str:
        return f"{self.name} {self.short_name}".strip()

    def text_for_search(self) -> str:
        return f"{self.city} {self.about}"


class ProjectQuerySet(models.QuerySet):
    def running(self) -> Self:
        return self.filter(status=Project.Status.RUNNING)

    def active(self) -> Self:
        """Projects whose people are invited: planned or running."""
        return self.filter(status__in=[Project.Status.PLANNED, Project.Status.RUNNING])

    def of_organisations(self, organisation_ids: Any) -> Self:
        return self.filter(organisations__in=organisation_ids).distinct()


class Project(Dated, Searchable):
    class Status(models.TextChoices):
        PLANNED = "planned", "geplant"
        RUNNING = "running", "läuft"
        COMPLETED = "completed", "abgeschlossen"
        DISCONTINUED = "discontinued", "beendet"

    title = models.CharField("Titel", max_length=200)
    slug = models.SlugField("Adresse", max_length=120, unique=True)
    reference_number = models.CharField("Förderkennzeichen", max_length=60, blank=True)
    organisations = models.ManyToManyField(
        Organisation, through="ProjectOrganisation", related_name="projects", verbose_name="Träger"
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="projects", verbose_name="Region")
    cohorts = models.ManyToManyField(Cohort, related_name="projects", blank=True, verbose_name="Jahrgänge")
    occupational_fields = models.ManyToManyField(
        OccupationalField, related_name="projects", blank=True, verbose_name="Berufsfelder"
    )
    training_occupations = models.ManyToManyField(
        TrainingOccupation, related_name="projects", blank=True, verbose_name="Ausbildungsberufe"
    )
    source_countries = models.ManyToManyField(
        SourceCountry, related_name="projects", blank=True, verbose_name="Herkunftsländer"
    )
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="Phase"
    )
    status = models.CharField("Stand", max_length=20, choices=Status.choices, default=Status.RUNNING)
    starts_on = models.DateField("Beginn", null=True, blank=True)
    ends_on = models.DateField("Ende", null=True, blank=True)
    planned_places = models.PositiveSmallIntegerField("Plätze", null=True, blank=True)
    summary = models.TextField("Kurzbeschreibung", blank=True, max_length=1500, help_text="Öffentlich.")
    website = models.URLField("Webseite", blank=True)
    last_confirmed_on = models.DateField("zuletzt bestätigt am", null=True, blank=True)
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf des Projekts",
        verbose_name_plural="Verlauf der Projekte",
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "Projekt"
        verbose_name_plural = "Projekte"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.title

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        return self.summary

    @property
    def lead(self) -> Organisation | None:
        """The leading Träger; reads prefetched `project_organisations` where there are any."""
        rows = [row for row in self.project_organisations.all() if row.role == ProjectOrganisation.Role.LEAD]
        return rows[0].organisation if rows else None


class ProjectOrganisation(models.Model):
    class Role(models.TextChoices):
        LEAD = "lead", "federführend"
        PARTNER = "partner", "beteiligt"

    project = models.ForeignKey(Project, models.CASCADE, related_name="project_organisations", verbose_name="Projekt")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="project_organisations", verbose_name="Träger"
    )
    role = models.CharField("Rolle", max_length=10, choices=Role.choices, default=Role.LEAD)

    class Meta:
        verbose_name = "Träger des Projekts"
        verbose_name_plural = "Träger des Projekts"
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organisation"],
                name="project_organisation_once",
                violation_error_message="Dieser Träger ist schon eingetragen.",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role="lead"),
                name="project_one_lead",
                violation_error_message="Ein Projekt hat genau einen federführenden Träger.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"


class ProjectLocation(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="locations", verbose_name="Projekt")
    city = models.CharField("Ort", max_length=80)
    federal_state = models.ForeignKey(
        FederalState, models.PROTECT, related_name="project_locations", verbose_name="Bundesland"
    )
    is_main = models.BooleanField("Hauptort", default=False)

    class Meta:
        verbose_name = "Standort"
        verbose_name_plural = "Standorte"
        ordering = ["-is_main", "city"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(is_main=True),
                name="project_one_main_location",
                violation_error_message="Ein Projekt hat genau einen Hauptort.",
            ),
        ]

    def __str__(self) -> str:
        return self.city


class ParticipantFigure(models.Model):
    """Numbers of young people in a project on one day. Numbers only: no apprentice is ever named."""

    class Source(models.TextChoices):
        PROJECT = "project", "Meldung des Projekts"
        COORDINATION = "coordination", "eingetragen von der Koordination"

    project = models.ForeignKey(Project, models.CASCADE, related_name="figures", verbose_name="Projekt")
    as_of = models.DateField("Stichtag")
    in_preparation = models.PositiveSmallIntegerField("in Vorbereitung", default=0)
    in_internship = models.PositiveSmallIntegerField("im Praktikum", default=0)
    in_training = models.PositiveSmallIntegerField("in Ausbildung", default=0)
    completed = models.PositiveSmallIntegerField("abgeschlossen", default=0)
    dropped_out = models.PositiveSmallIntegerField("ausgeschieden", default=0)
    source = models.CharField("Herkunft", max_length=12, choices=Source.choices, default=Source.COORDINATION)

    class Meta:
        verbose_name = "Teilnehmendenzahl"
        verbose_name_plural = "Teilnehmendenzahlen"
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "as_of"],
                name="figure_once_a_day",
                violation_error_message="Für diesen Stichtag liegt schon eine Meldung vor.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} am {self.as_of:%d.%m.%Y}"

    @property
    def total(self) -> int:
        """Young people who are in the project on this day."""
        return self.in_preparation + self.in_internship + self.in_training
