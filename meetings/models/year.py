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

    class Weekdays(models.TextChoices):
        TUE_THU = "tue_thu", "Dienstag bis Donnerstag"
        MON_THU = "mon_thu", "Montag bis Donnerstag"
        MON_FRI = "mon_fri", "Montag bis Freitag"

    year = models.PositiveSmallIntegerField("Jahr", unique=True)
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.DRAFT)
    agreed_with_funders_on = models.DateField("abgestimmt am", null=True, blank=True)
    weekdays = models.CharField("Wochentage", max_length=8, choices=Weekdays.choices, default=Weekdays.TUE_THU)
    least_gap = models.PositiveSmallIntegerField(
        "kleinster Abstand", default=50, help_text="Tage zwischen zwei Treffen einer Region."
    )
    largest_gap = models.PositiveSmallIntegerField(
        "größter Abstand", default=150, help_text="Tage zwischen zwei Treffen einer Region."
    )
    around_national = models.PositiveSmallIntegerField(
        "Abstand zum bundesweiten Treffen", default=14, help_text="Tage davor und danach ohne regionales Treffen."
    )
    per_week = models.PositiveSmallIntegerField("Treffen eines Teams je Woche", default=2)
    travel_days = models.PositiveSmallIntegerField(
        "Reisetage", default=1, help_text="Freie Tage zwischen zwei Treffen eines Teams."
    )

    class Meta:
        verbose_name = "Jahresplan"
        verbose_name_plural = "Jahrespläne"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(largest_gap__gte=F("least_gap")),
                name="series_gaps_in_order",
                violation_error_message="Der größte Abstand ist kleiner als der kleinste.",
            ),
            models.CheckConstraint(
                condition=Q(per_week__gte=1),
                name="series_one_meeting_a_week",
                violation_error_message="Ein Team braucht mindestens ein Treffen je Woche.",
            ),
        ]

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
