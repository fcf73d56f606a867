"""What was agreed: Vereinbarungen and the tasks that follow from them."""

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from meetings.models.agenda import AgendaItem
from meetings.models.meeting import Meeting
from regions.models import ContactPerson, Dated
from regions.visibility import Visibility, VisibleQuerySet, access_of

LINK_LASTS = timedelta(days=365)


class OutcomeQuerySet(VisibleQuerySet):
    region_path = "meeting__regions"


class Decision(Dated):
    """A Vereinbarung: the network cannot decide over its members, it agrees."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions", verbose_name="Treffen")
    agenda_item = models.ForeignKey(
        AgendaItem, models.SET_NULL, null=True, blank=True, related_name="decisions", verbose_name="Tagesordnungspunkt"
    )
    number = models.PositiveSmallIntegerField("Nr.")
    text = models.TextField("Vereinbarung", max_length=2000)
    visibility = models.CharField("sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.NETWORK)
    history = HistoricalRecords(
        verbose_name="Verlauf der Vereinbarung", verbose_name_plural="Verlauf der Vereinbarungen"
    )

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = "Vereinbarung"
        verbose_name_plural = "Vereinbarungen"
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="decision_number_once",
                violation_error_message="Diese Nummer ist schon vergeben.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting.code}, Vereinbarung {self.number}"


class ActionItemQuerySet(OutcomeQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=ActionItem.OPEN_STATUSES)

    def overdue(self, day: date | None = None) -> Self:
        return self.open().filter(due_on__lt=day or timezone.localdate())

    def earlier_than(self, meeting: Meeting) -> Self:
        """The tasks of the meetings before this one in the same regions."""
        return self.filter(meeting__in=Meeting.objects.before(meeting).values("pk")).select_related("meeting")

    def owned_by(self, user: Any) -> Self:
        access = access_of(user)
        return self.filter(owner__user_id=access.user_id) if access.user_id else self.none()


class ActionItem(Dated):
    """A task from a meeting: who, what, until when."""

    class Status(models.TextChoices):
        OPEN = "open", "offen"
        IN_PROGRESS = "in_progress", "in Arbeit"
        DONE = "done", "erledigt"
        DROPPED = "dropped", "entfällt"

    OPEN_STATUSES = (Status.OPEN, Status.IN_PROGRESS)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="action_items", verbose_name="Treffen")
    agenda_item = models.ForeignKey(
        AgendaItem,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name="Tagesordnungspunkt",
    )
    title = models.CharField("Aufgabe", max_length=300)
    owner = models.ForeignKey(
        ContactPerson,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name="wer (Adressbuch)",
    )
    owner_name = models.CharField("wer", max_length=200)
    due_on = models.DateField("bis wann")
    status = models.CharField("Stand", max_length=12, choices=Status.choices, default=Status.OPEN)
    result = models.CharField("Ergebnis", max_length=500, blank=True)
    visibility = models.CharField("sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.NETWORK)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    history = HistoricalRecords(verbose_name="Verlauf der Aufgabe", verbose_name_plural="Verlauf der Aufgaben")

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = "Aufgabe"
        verbose_name_plural = "Aufgaben"
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.title} ({self.owner_name}, bis {self.due_on:%d.%m.%Y})"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN_STATUSES

    @property
    def is_link_expired(self) -> bool:
        """The owner's page is there for a year after the due day."""
        return self.due_on + LINK_LASTS < timezone.localdate()
