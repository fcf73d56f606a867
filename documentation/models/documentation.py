"""The Tagungsdokumentation: ordered, typed sections, and the versions made of them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from meetings.models import AgendaItem, Meeting
from meetings.models.meeting import places_of
from practices.models import GoodPractice
from regions.models import Dated, Searchable, Topic
from regions.visibility import Visibility, access_of


class DocumentationQuerySet(models.QuerySet):
    def published(self) -> Self:
        """Has a published version that was not withdrawn."""
        return self.filter(current_version__isnull=False)

    def visible_to(self, user: Any) -> Self:
        """Drafts are the office's; what is published is public."""
        return self.all() if access_of(user).is_office else self.published()

    def for_list(self) -> Self:
        return self.select_related("meeting", "meeting__venue", "current_version").prefetch_related(
            places_of("meeting")
        )


class MeetingDocumentation(Dated, Searchable):
    class Status(models.TextChoices):
        DRAFT = "draft", "Entwurf"
        PUBLISHED = "published", "veröffentlicht"

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="documentation", verbose_name="Treffen")
    slug = models.SlugField("Adresse", max_length=60, unique=True, editable=False)
    title = models.CharField("Titel", max_length=200)
    subtitle = models.CharField("Untertitel", max_length=200, blank=True)
    summary = models.TextField(
        "Kurzfassung", blank=True, max_length=1500, help_text="Für Liste, Suche und Seitenanfang."
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="documentations", verbose_name="Themen")
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Redaktion"
    )
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    current_version = models.OneToOneField(
        "DocumentationVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name="gültige Fassung",
    )
    published_at = models.DateTimeField(
        "zuerst veröffentlicht am", null=True, blank=True, editable=False, db_index=True
    )
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf der Dokumentation",
        verbose_name_plural="Verlauf der Dokumentationen",
    )

    objects = DocumentationQuerySet.as_manager()

    class Meta:
        verbose_name = "Tagungsdokumentation"
        verbose_name_plural = "Tagungsdokumentationen"
        ordering = ["-meeting__starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", current_version=None)
                | Q(status="published", current_version__isnull=False),
                name="documentation_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documentation:documentation", args=[self.slug])

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        """The words of the published version only: what is not published cannot be found."""
        return f"{self.subtitle} {self.summary} {self.current_version.search_source if self.current_version else ''}"


class DocumentationSection(Dated):
    class Kind(models.TextChoices):
        FOREWORD = "foreword", "Vorwort"
        GREETING = "greeting", "Grußwort"
        PROGRAMME = "programme", "Programm"
        REPORT = "report", "Bericht"
        WORKSHOP = "workshop", "Arbeitsgruppe"
        GOOD_PRACTICE = "good_practice", "Gute Praxis"
        PANEL = "panel", "Podium"
        RESULTS = "results", "Ergebnisse"
        DECISIONS = "decisions", "Vereinbarungen"
        OUTLOOK = "outlook", "Ausblick"
        PARTICIPANTS = "participants", "Teilnehmende in Zahlen"
        ANNEX = "annex", "Anhang"

    documentation = models.ForeignKey(
        MeetingDocumentation, models.CASCADE, related_name="sections", verbose_name="Dokumentation"
    )
    position = models.PositiveSmallIntegerField("Nr.", default=1)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    title = models.CharField("Überschrift", max_length=200)
    authors = models.CharField("Verfasst von", max_length=300, blank=True)
    body = models.TextField(
        "Text", blank=True, help_text="HTML; erlaubt sind Überschriften, Absätze, Listen, Tabellen, Zitate und Links."
    )
    agenda_item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Tagesordnungspunkt"
    )
    practice = models.ForeignKey(
        GoodPractice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documentation_sections",
        verbose_name="Gute Praxis",
    )
    visibility = models.CharField("sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.PUBLIC)
    history = HistoricalRecords(verbose_name="Verlauf des Abschnitts", verbose_name_plural="Verlauf der Abschnitte")

    class Meta:
        verbose_name = "Abschnitt"
        verbose_name_plural = "Abschnitte"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class VersionQuerySet(models.QuerySet):
    def awaiting_pdf(self) -> Self:
        """PDFs that a worker still has to make; also those whose worker died on the way."""
        return self.filter(
            pdf_state__in=[DocumentationVersion.PdfState.QUEUED, DocumentationVersion.PdfState.RENDERING]
        )

    def public(self) -> Self:
        """Versions that the public may read: the current one and those it replaced."""
        return self.filter(state__in=[DocumentationVersion.State.PUBLISHED, DocumentationVersion.State.SUPERSEDED])


class DocumentationVersion(models.Model):
    """A numbered version. Its content is fixed when it is made, its bytes and SHA-256 when the PDF is there.

    Publishing and withdrawing change dates and state only. Database triggers (documentation.immutability)
    refuse a change of number and content, and of file, hash and publication date once they are set.
    """

    class State(models.TextChoices):
        FIXED = "fixed", "fertig zum Veröffentlichen"
        PUBLISHED = "published", "veröffentlicht"
        SUPERSEDED = "superseded", "ersetzt"
        WITHDRAWN = "withdrawn", "zurückgezogen"

    class PdfState(models.TextChoices):
        QUEUED = "queued", "PDF wird erzeugt"
        RENDERING = "rendering", "PDF wird gerade erzeugt"
        READY = "ready", "PDF ist fertig"
        FAILED = "failed", "PDF fehlgeschlagen"

    documentation = models.ForeignKey(
        MeetingDocumentation, models.PROTECT, related_name="versions", verbose_name="Dokumentation"
    )
    number = models.PositiveSmallIntegerField("Fassung")
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.FIXED)
    content = models.JSONField("Inhalt", help_text="Die Abschnitte, wie sie in dieser Fassung stehen.")
    correction_reason = models.CharField("Grund der Korrektur", max_length=300, blank=True)
    pdf_state = models.CharField("PDF", max_length=10, choices=PdfState.choices, default=PdfState.QUEUED)
    pdf_error = models.CharField("Fehler beim PDF", max_length=500, blank=True)
    pdf_claimed_at = models.DateTimeField("PDF begonnen am", null=True, blank=True)
    file = models.FileField("Datei", upload_to="documentation/", blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("Größe (Byte)", default=0)
    page_count = models.PositiveSmallIntegerField("Seiten", default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="erstellt von"
    )
    created_at = models.DateTimeField("erstellt am", auto_now_add=True)
    published_at = models.DateTimeField("veröffentlicht am", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="veröffentlicht von",
    )
    withdrawn_at = models.DateTimeField("zurückgezogen am", null=True, blank=True)
    withdrawal_reason = models.CharField("Grund des Zurückziehens", max_length=300, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = "Fassung"
        verbose_name_plural = "Fassungen"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["documentation", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=~Q(pdf_state="ready") | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0)),
                name="version_ready_has_file_and_hash",
            ),
            models.CheckConstraint(
                condition=Q(state="fixed") | Q(published_at__isnull=False), name="version_published_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False), name="version_withdrawn_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.documentation.title}, Fassung {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("documentation:version", args=[self.documentation.slug, self.number])

    @property
    def pdf_url(self) -> str:
        return reverse("documentation:pdf", args=[self.documentation.slug, self.number])

    @property
    def has_pdf(self) -> bool:
        return self.pdf_state == self.PdfState.READY

    @property
    def search_source(self) -> str:
        """The public text of this version, for the search index."""
        public = [row for row in self.content.get("sections", []) if row["visibility"] == Visibility.PUBLIC]
        return " ".join(f"{row['title']} {row['text']}" for row in public)
