"""Publications beside the documentations: standards, handbook, and the archive of the national meetings."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from regions.models import Dated, Searchable, Topic
from regions.visibility import Visibility, VisibleQuerySet


class PublicationQuerySet(VisibleQuerySet):
    def published(self) -> Self:
        return self.filter(visibility=Visibility.PUBLIC)

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user)


class Publication(Dated, Searchable):
    """An entry with title, date, place and source; real documents are only pointed at, never copied."""

    class Kind(models.TextChoices):
        CONFERENCE = "conference", "Bundesweites Treffen"
        HANDBOOK = "handbook", "Handbuch"
        STANDARD = "standard", "Qualitätsstandard"
        GUIDELINE = "guideline", "Leitfaden"
        LEAFLET = "leaflet", "Faltblatt"
        REPORT = "report", "Bericht"

    title = models.CharField("Titel", max_length=250)
    slug = models.SlugField("Adresse", max_length=120, unique=True)
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    publisher = models.CharField("Herausgeber", max_length=200, blank=True)
    year = models.PositiveSmallIntegerField("Jahr")
    month = models.PositiveSmallIntegerField("Monat", null=True, blank=True)
    day = models.PositiveSmallIntegerField("Tag", null=True, blank=True)
    place = models.CharField("Ort", max_length=160, blank=True)
    source_name = models.CharField("Quelle", max_length=200, blank=True)
    source_url = models.URLField("Adresse der Quelle", blank=True)
    abstract = models.TextField("Inhalt", blank=True, max_length=1500)
    topics = models.ManyToManyField(Topic, blank=True, related_name="publications", verbose_name="Themen")
    is_archive = models.BooleanField("Archiveintrag", default=True)
    visibility = models.CharField(
        "sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.COORDINATION
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = "Veröffentlichung"
        verbose_name_plural = "Veröffentlichungen"
        ordering = ["-year", "-month", "-day", "sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month=None) | Q(month__range=(1, 12)),
                name="publication_month",
                violation_error_message="Der Monat liegt zwischen 1 und 12.",
            ),
            models.CheckConstraint(
                condition=Q(day=None) | Q(day__range=(1, 31), month__isnull=False),
                name="publication_day",
                violation_error_message="Der Tag liegt zwischen 1 und 31 und braucht einen Monat.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("documentation:publication", args=[self.slug])

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        return f"{self.publisher} {self.place} {self.abstract} {self.year}"
