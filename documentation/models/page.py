"""The portal's own pages (project, legal texts, Leichte Sprache) and reports of barriers."""

from datetime import date, timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from mobipro import html
from regions.models import Dated, Searchable

ANSWER_DAYS = 28  # § 12b (4) BGG: an answer within a month


class Page(Dated, Searchable):
    """A page that administrators edit; made by `base_data` with a placeholder text that says so."""

    slug = models.SlugField("Adresse", max_length=60, unique=True)
    title = models.CharField("Titel", max_length=160)
    lead = models.CharField("Einleitung", max_length=400, blank=True)
    body = models.TextField(
        "Text", blank=True, help_text="HTML; erlaubt sind Überschriften, Absätze, Listen, Tabellen, Zitate und Links."
    )
    is_placeholder = models.BooleanField(
        "Platzhalter", default=False, help_text="Der Text ist noch nicht geprüft; „Betrieb“ weist darauf hin."
    )
    is_plain_language = models.BooleanField("Leichte Sprache", default=False)
    checked_on = models.DateField("geprüft am", null=True, blank=True)
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf der Seite",
        verbose_name_plural="Verlauf der Seiten",
    )

    class Meta:
        verbose_name = "Seite"
        verbose_name_plural = "Seiten"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("project") if self.slug == "projekt" else reverse("page", args=[self.slug])

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        return f"{self.lead} {html.to_text(self.body)}"


def _answer_due() -> date:
    return timezone.localdate() + timedelta(days=ANSWER_DAYS)


class BarrierReport(models.Model):
    """A barrier somebody met ("Barriere melden"); a task with a due date."""

    page = models.CharField("Seite", max_length=500, blank=True)
    description = models.TextField("Was ist passiert?", max_length=5000)
    assistive_technology = models.CharField("Hilfsmittel", max_length=300, blank=True)
    email = models.EmailField("E-Mail-Adresse", blank=True)
    due_on = models.DateField("Antwort bis", default=_answer_due, editable=False)
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    note = models.TextField("Notiz der Koordination", blank=True)
    created_at = models.DateTimeField("eingegangen am", auto_now_add=True)

    class Meta:
        verbose_name = "Gemeldete Barriere"
        verbose_name_plural = "Gemeldete Barrieren"
        ordering = ["answered_at", "due_on"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The reference the reporter sees: B-14."""
        return f"B-{self.pk}"
