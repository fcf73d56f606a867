"""The year of meetings and its rounds."""

from django.db import models
from django.db.models import F, Q


class MeetingSeries(models.Model):
    """The meetings of one year: three rounds in eight regions and one national meeting."""

    class Status(models.TextChoices):
        DRAFT = "draft", "in Planung"
        AGREED = "agreed", "mit BMAS und ZAV abgestimmt"
        RUNNING = "running", "läuft"
        CLOSED = "closed", "abgeschlossen"

    year = models.PositiveSmallIntegerField("Jahr", unique=True)
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.DRAFT)
    agreed_with_funders_on = models.DateField("abgestimmt am", null=True, blank=True)

    class Meta:
        verbose_name = "Jahresplan"
        verbose_name_plural = "Jahrespläne"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"Jahresplan {self.year}"


class MeetingRound(models.Model):
    """One of the three regional rounds, or (number empty) the national meeting, with its window."""

    series = models.ForeignKey(MeetingSeries, models.CASCADE, related_name="rounds", verbose_name="Jahresplan")
    number = models.PositiveSmallIntegerField(
        "Runde", null=True, blank=True, help_text="1 bis 3; leer: bundesweites Treffen."
    )
    window_start = models.DateField("Zeitraum von")
    window_end = models.DateField("Zeitraum bis")

    class Meta:
        verbose_name = "Runde"
        verbose_name_plural = "Runden"
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="round_once_a_year"),
            models.UniqueConstraint(fields=["series"], condition=Q(number=None), name="round_national_once_a_year"),
            models.CheckConstraint(
                condition=Q(window_end__gte=F("window_start")), name="round_window_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(number=None) | Q(number__range=(1, 3)), name="round_number_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"Runde {self.number} ({self.series.year})" if self.number else f"Bundesweit ({self.series.year})"
