"""The Gute-Praxis-Beispiel: an aspect of a project, not the whole project."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from meetings.models import Meeting
from regions.models import (
    Dated,
    OccupationalField,
    Organisation,
    Phase,
    Project,
    Region,
    Searchable,
    SourceCountry,
    Topic,
)
from regions.visibility import Visibility, VisibleQuerySet, access_of


class PracticeQuerySet(VisibleQuerySet):
    region_path = "region"

    def published(self) -> Self:
        return self.filter(status=GoodPractice.Status.PUBLISHED)

    def public(self) -> Self:
        return self.published().filter(visibility=Visibility.PUBLIC)

    def visible_to(self, user: Any) -> Self:
        """Published ones by their visibility; others only to their authors' house and the region's coordinators."""
        access = access_of(user)
        published = super().visible_to(user).published()
        return self.filter(Q(pk__in=published.values("pk")) | self._own_scope(access) | self._office_scope(access))

    def editable_by(self, user: Any) -> Self:
        """Drafts and questioned ones of the person's own house."""
        return self.of_house(user).filter(status__in=GoodPractice.EDITABLE_STATUSES)

    def of_house(self, user: Any) -> Self:
        """What this person or a colleague of the same Träger wrote, in any state."""
        return self.filter(self._own_scope(access_of(user)))

    @staticmethod
    def _own_scope(access: Any) -> Q:
        own = Q(author=access.user_id) if access.user_id else Q(pk__in=[])
        return own | Q(organisation__in=access.organisation_ids) if access.organisation_ids else own

    def to_review_by(self, user: Any) -> Self:
        """Submitted ones of the coordinator's regions."""
        return self.filter(self._office_scope(access_of(user)), status=GoodPractice.Status.SUBMITTED)

    @staticmethod
    def _office_scope(access: Any) -> Q:
        """Everything but unsubmitted drafts, of the regions this coordinator acts for."""
        if not access.is_coordinator:
            return Q(pk__in=[])
        scope = ~Q(status=GoodPractice.Status.DRAFT)
        return scope if access.coordinates_all else scope & Q(region__in=access.coordinated_region_ids)

    def for_list(self) -> Self:
        return self.select_related("organisation", "region").prefetch_related("phases", "topics", "images")


class GoodPractice(Dated, Searchable):
    class Kind(models.TextChoices):
        PRODUCT = "product", "Produkt"
        INSTRUMENT = "instrument", "Instrument"
        CONCEPT = "concept", "Konzept"
        MEASURE = "measure", "Maßnahme"
        EVENT_FORMAT = "event_format", "Veranstaltungsform"

    class Status(models.TextChoices):
        DRAFT = "draft", "Entwurf"
        SUBMITTED = "submitted", "eingereicht"
        QUESTIONS = "questions", "Rückfragen"
        APPROVED = "approved", "angenommen"
        PUBLISHED = "published", "veröffentlicht"
        DECLINED = "declined", "nicht aufgenommen"
        ARCHIVED = "archived", "archiviert"

    EDITABLE_STATUSES = (Status.DRAFT, Status.QUESTIONS)

    title = models.CharField("Titel", max_length=100)
    slug = models.SlugField("Adresse", max_length=120, unique=True, editable=False)
    teaser = models.CharField("Kurztext", max_length=300, blank=True)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices, blank=True)
    status = models.CharField(
        "Stand", max_length=12, choices=Status.choices, default=Status.DRAFT, editable=False, db_index=True
    )
    visibility = models.CharField("sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.NETWORK)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="practices", verbose_name="Verfasserin oder Verfasser"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="practices", verbose_name="Träger")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="practices", verbose_name="Projekt"
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="practices", verbose_name="Region"
    )
    place = models.CharField("Ort", max_length=80, blank=True)
    phases = models.ManyToManyField(Phase, blank=True, related_name="practices", verbose_name="Projektphasen")
    topics = models.ManyToManyField(Topic, blank=True, related_name="practices", verbose_name="Themen")
    occupational_fields = models.ManyToManyField(
        OccupationalField, blank=True, related_name="practices", verbose_name="Berufsfelder"
    )
    source_countries = models.ManyToManyField(
        SourceCountry, blank=True, related_name="practices", verbose_name="Herkunftsländer"
    )
    target_group = models.CharField("Zielgruppe", max_length=300, blank=True)
    situation = models.TextField("Ausgangslage", blank=True, max_length=1500)
    aim = models.TextField("Ziel", blank=True, max_length=600)
    approach = models.TextField("Vorgehen", blank=True, max_length=4000)
    partners = models.TextField("Beteiligte Partner", blank=True, max_length=600)
    resources = models.TextField("Aufwand", blank=True, max_length=1000)
    results = models.TextField("Ergebnis", blank=True, max_length=2000)
    key_figure = models.CharField(
        "Eine Zahl, die zählt", max_length=80, blank=True, help_text="Zum Beispiel: 3 von 22 statt 9 von 24 Abbrüchen"
    )
    success_factors = models.TextField("Was geholfen hat", blank=True, max_length=1500)
    pitfalls = models.TextField("Was wir anders machen würden", blank=True, max_length=1500)
    transfer = models.TextField("Übertragbarkeit", blank=True, max_length=1500)
    quote = models.CharField("Zitat", max_length=300, blank=True)
    contact_note = models.CharField(
        "Kontakt", max_length=300, blank=True, help_text="Nur für angemeldete Mitglieder sichtbar."
    )
    consent_given_at = models.DateTimeField("Einverständnis am", null=True, blank=True, editable=False)
    consent_given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    source_meeting = models.ForeignKey(
        Meeting,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="practices",
        verbose_name="vorgestellt beim Treffen",
    )
    submitted_at = models.DateTimeField("eingereicht am", null=True, blank=True, editable=False)
    approved_at = models.DateTimeField("angenommen am", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("veröffentlicht am", null=True, blank=True, editable=False, db_index=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf des Beispiels",
        verbose_name_plural="Verlauf der Beispiele",
    )

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = "Gute-Praxis-Beispiel"
        verbose_name_plural = "Gute-Praxis-Beispiele"
        ordering = ["-published_at", "sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="practice_published_has_time"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "archived", "declined"]) | Q(consent_given_at__isnull=False),
                name="practice_submitted_has_consent",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("practices:practice", args=[self.slug])

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        texts = (
            self.teaser,
            self.target_group,
            self.situation,
            self.aim,
            self.approach,
            self.partners,
            self.results,
            self.success_factors,
            self.pitfalls,
            self.transfer,
            self.resources,
            self.key_figure,
            self.quote,
            self.place,
            self.get_kind_display(),
            self.organisation.name,
            *self._words(),
        )
        return " ".join(text for text in texts if text)

    def _words(self) -> list[str]:
        """Names of the chosen phases, topics, occupations and countries: visitors search for them, too."""
        if self.pk is None:
            return []
        chosen = (self.phases, self.topics, self.occupational_fields, self.source_countries)
        return [name for rows in chosen for name in rows.values_list("name", flat=True)]

    @property
    def is_editable(self) -> bool:
        """By its authors; everything else changes only through practices.review."""
        return self.status in self.EDITABLE_STATUSES


class PracticeImage(models.Model):
    """A picture made safe at upload: rewritten, without EXIF or GPS, in a web and a print size."""

    practice = models.ForeignKey(GoodPractice, models.CASCADE, related_name="images", verbose_name="Beispiel")
    position = models.PositiveSmallIntegerField("Reihenfolge", default=1)
    web = models.ImageField("Bild", upload_to="practices/", width_field="width", height_field="height")
    print = models.ImageField("Bild für den Druck", upload_to="practices/print/", blank=True)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    alt = models.CharField("Bildbeschreibung", max_length=300)
    credit = models.CharField("Bildnachweis", max_length=160)
    consent = models.BooleanField("Alle Abgebildeten sind einverstanden.", default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="hochgeladen von"
    )
    uploaded_at = models.DateTimeField("hochgeladen am", auto_now_add=True)

    class Meta:
        verbose_name = "Bild"
        verbose_name_plural = "Bilder"
        ordering = ["position", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(alt=""), name="practice_image_has_alt")]

    def __str__(self) -> str:
        return self.alt


class PracticeFile(models.Model):
    """A PDF that others may use: a checklist, a form, a plan. Checked for active parts at upload."""

    practice = models.ForeignKey(GoodPractice, models.CASCADE, related_name="files", verbose_name="Beispiel")
    title = models.CharField("Titel der Datei", max_length=120)
    file = models.FileField("Datei", upload_to="practices/files/")
    size = models.PositiveIntegerField("Größe in Byte", default=0, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="hochgeladen von"
    )
    uploaded_at = models.DateTimeField("hochgeladen am", auto_now_add=True)

    class Meta:
        verbose_name = "Datei"
        verbose_name_plural = "Dateien"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
