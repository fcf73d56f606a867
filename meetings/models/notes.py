"""What a meeting leaves behind beside results: topics for another day, and risks that were heard."""

from typing import Self

from django.db import models
from django.utils import timezone

from meetings.models.agenda import AgendaItem
from meetings.models.meeting import Meeting
from regions.models import Dated


class ParkedTopicQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(status=ParkedTopic.Status.OPEN)

    def waiting_for(self, meeting: Meeting) -> Self:
        """Open topics of earlier meetings of the same region (national ones among themselves), oldest first."""
        earlier = Meeting.objects.filter(kind=meeting.kind, starts_at__lt=meeting.starts_at or timezone.now())
        if meeting.kind == Meeting.Kind.REGIONAL:
            earlier = earlier.filter(regions__in=[region.pk for region in meeting.places])
        return self.open().filter(meeting__in=earlier.exclude(pk=meeting.pk).values("pk")).select_related("meeting")


class ParkedTopic(Dated):
    """Something for which there was no time: it waits where the region's next meeting is prepared."""

    class Status(models.TextChoices):
        OPEN = "open", "offen"
        TAKEN = "taken", "aufgenommen"
        DROPPED = "dropped", "entfällt"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="parked_topics", verbose_name="Treffen")
    agenda_item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Tagesordnungspunkt"
    )
    text = models.CharField("Thema", max_length=300)
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.OPEN)

    objects = ParkedTopicQuerySet.as_manager()

    class Meta:
        verbose_name = "Thema im Themenspeicher"
        verbose_name_plural = "Themenspeicher"
        ordering = ["meeting__starts_at", "pk"]

    def __str__(self) -> str:
        return self.text


class RiskNote(Dated):
    """A risk that was heard; for the coordination only, never on a page, in a mail or in the documentation."""

    class Category(models.TextChoices):
        """The risk vocabulary of domain.md."""

        LANGUAGE = "language", "Sprache"
        TRAINING_COMPANY = "training_company", "Ausbildungsbetrieb"
        VOCATIONAL_SCHOOL = "vocational_school", "Berufsschule"
        EXAM = "exam", "Prüfung"
        RECRUITMENT = "recruitment", "Gewinnung"
        HOUSING_SOCIAL = "housing_social", "Wohnen und Soziales"
        HEALTH_FAMILY = "health_family", "Gesundheit und Familie"
        DROPOUT_WAVE = "dropout_wave", "Häufung von Abbrüchen"
        STAFF_TURNOVER = "staff_turnover", "Wechsel beim Personal"
        FINANCE_FUNDING = "finance_funding", "Finanzen und Förderung"
        COOPERATION = "cooperation", "Zusammenarbeit"
        LEGAL = "legal", "Recht"
        COMMUNICATION = "communication", "Kommunikation"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="risk_notes", verbose_name="Treffen")
    agenda_item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Tagesordnungspunkt"
    )
    category = models.CharField("Bereich", max_length=20, choices=Category.choices)
    text = models.CharField("Was gesagt wurde", max_length=500)

    class Meta:
        verbose_name = "gehörtes Risiko"
        verbose_name_plural = "gehörte Risiken"
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.text[:60]}"
