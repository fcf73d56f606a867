"""What the proposer said about a year, and what people said to it: refusals, permissions, fixed dates, agreements."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from meetings.models.meeting import Meeting
from meetings.models.year import MeetingRound, MeetingSeries
from regions.models import Organisation, Region


class ByPerson(models.Model):
    """Who did it and when; the person may leave, the record stays."""

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    made_at = models.DateTimeField("am", default=timezone.now, editable=False)

    class Meta:
        abstract = True


class PlanRun(ByPerson):
    """One run of the proposer; `region` is set when only that row was planned again. The newest one counts."""

    series = models.ForeignKey(MeetingSeries, models.CASCADE, related_name="runs", verbose_name="Jahresplan")
    region = models.ForeignKey(Region, models.SET_NULL, null=True, blank=True, verbose_name="nur Region")
    seconds = models.FloatField("Rechenzeit in Sekunden", default=0)
    notes = models.JSONField("Hinweise", default=list)

    class Meta:
        verbose_name = "Terminvorschlag"
        verbose_name_plural = "Terminvorschläge"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Vorschlag {self.series.year} vom {timezone.localtime(self.made_at):%d.%m.%Y, %H:%M} Uhr"


class DateProposalQuerySet(models.QuerySet):
    def for_board(self) -> Self:
        return self.select_related("round__series", "region", "meeting", "host").order_by(
            "region__number", "round__window_start", "pk"
        )


class DateProposal(models.Model):
    """What a run says about one meeting.

    `choices`: up to three days, best first, as {"day": ISO, "reasons": [...], "doubts": [...]}; none when `problem`
    says why there is no day. `refused`: sentence → days it rules out. `region` is empty for the national meeting,
    the first of a joint one. Nothing changes a meeting before somebody accepts a day.
    """

    run = models.ForeignKey(PlanRun, models.CASCADE, related_name="proposals", verbose_name="Vorschlag")
    round = models.ForeignKey(MeetingRound, models.CASCADE, related_name="+", verbose_name="Runde")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="Region")
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="date_proposals", verbose_name="Treffen"
    )
    choices = models.JSONField("Tage", default=list)
    refused = models.JSONField("ausgeschlossene Tage", default=dict)
    problem = models.TextField("warum kein Tag", blank=True)
    planned = models.DateField("bisher geplant", null=True, blank=True)
    moved = models.TextField("warum verschoben", blank=True)
    is_fixed = models.BooleanField("steht fest", default=False)
    host = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Gastgeber"
    )
    host_reason = models.CharField("warum dieser Gastgeber", max_length=300, blank=True)
    accepted_on = models.DateField("übernommener Tag", null=True, blank=True)

    objects = DateProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "vorgeschlagener Termin"
        verbose_name_plural = "vorgeschlagene Termine"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.region or 'Bundesweit'}, {self.round}"

    @property
    def days(self) -> list[date]:
        """The proposed days, best first."""
        return [date.fromisoformat(row["day"]) for row in self.choices]

    @property
    def best(self) -> date | None:
        return self.days[0] if self.choices else None

    @property
    def has_moved(self) -> bool:
        """Proposed for another day than the one planned so far."""
        return bool(self.planned and self.best and self.planned != self.best)

    def choice_on(self, day: date) -> dict[str, Any] | None:
        """What the run says about one of its days."""
        return next((row for row in self.choices if row["day"] == day.isoformat()), None)


class DateVeto(ByPerson):
    """A day that the region's coordinator refused for its meeting of a round."""

    round = models.ForeignKey(MeetingRound, models.CASCADE, related_name="vetoes", verbose_name="Runde")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="Region")
    day = models.DateField("Tag")
    reason = models.CharField("Grund", max_length=300)

    class Meta:
        verbose_name = "abgelehnter Tag"
        verbose_name_plural = "abgelehnte Tage"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["round", "region", "day"], name="veto_once_a_day"),
            # SQL takes two empty regions (the national meeting) for different ones.
            models.UniqueConstraint(
                fields=["round", "day"], condition=models.Q(region=None), name="veto_once_a_day_national"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region or 'Bundesweit'}: {self.day:%d.%m.%Y}"


class DateAllowance(ByPerson):
    """What the rules forbid and somebody allowed for one meeting, with the reason."""

    class Kind(models.TextChoices):
        SCHOOL_HOLIDAY = "school_holiday", "Tage in Schulferien"
        OTHER = "other", "Tage in Prüfungs- und anderen Sperrzeiten"
        DISTANCE = "distance", "ein größerer Abstand zum vorigen Treffen"

    round = models.ForeignKey(MeetingRound, models.CASCADE, related_name="allowances", verbose_name="Runde")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="Region")
    kind = models.CharField("Was", max_length=20, choices=Kind.choices)
    reason = models.CharField("Grund", max_length=300)

    class Meta:
        verbose_name = "Ausnahme im Jahresplan"
        verbose_name_plural = "Ausnahmen im Jahresplan"
        constraints = [
            models.UniqueConstraint(fields=["round", "region", "kind"], name="allowance_once"),
            models.UniqueConstraint(
                fields=["round", "kind"], condition=models.Q(region=None), name="allowance_once_national"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region or 'Bundesweit'}: {self.get_kind_display()}"


class FixedDate(ByPerson):
    """The proposer leaves this meeting's day alone, although nobody was told of it yet."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="fixed_date", verbose_name="Treffen")

    class Meta:
        verbose_name = "festgehaltener Termin"
        verbose_name_plural = "festgehaltene Termine"

    def __str__(self) -> str:
        return str(self.meeting)


class FunderAgreement(ByPerson):
    """A step of the agreement with a funder; the rows are the history, the newest of a funder counts."""

    class Funder(models.TextChoices):
        BMAS = "bmas", "BMAS"
        ZAV = "zav", "ZAV"

    class Outcome(models.TextChoices):
        SENT = "sent", "zur Abstimmung gegeben"
        AGREED = "agreed", "zugestimmt"
        CHANGES = "changes", "Änderungen erbeten"

    series = models.ForeignKey(MeetingSeries, models.CASCADE, related_name="agreements", verbose_name="Jahresplan")
    funder = models.CharField("Stelle", max_length=4, choices=Funder.choices)
    outcome = models.CharField("Ergebnis", max_length=8, choices=Outcome.choices)
    on = models.DateField("Datum")
    person = models.CharField("Wer", max_length=120, blank=True)
    note = models.CharField("Anmerkung", max_length=500, blank=True)

    class Meta:
        verbose_name = "Abstimmung des Jahresplans"
        verbose_name_plural = "Abstimmungen des Jahresplans"
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_funder_display()}: {self.get_outcome_display()} am {self.on:%d.%m.%Y}"
