"""The agenda; times follow from the meeting's start and the durations. Items may run at the same time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from meetings.models.meeting import Meeting
from regions.models import Dated, Topic


class AgendaItem(Dated):
    class Kind(models.TextChoices):
        WELCOME = "welcome", "Begrüßung"
        FOLLOW_UP = "follow_up", "Stand der Vereinbarungen"
        REPORT = "report", "Bericht"
        INPUT = "input", "Impuls"
        WORKSHOP = "workshop", "Arbeitsgruppe"
        EXCHANGE = "exchange", "Austausch"
        GOOD_PRACTICE = "good_practice", "Gute Praxis"
        BREAK = "break", "Pause"
        OUTLOOK = "outlook", "Ausblick"
        OTHER = "other", "Sonstiges"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda", verbose_name="Treffen")
    position = models.PositiveSmallIntegerField("Nr.", default=1)
    duration_min = models.PositiveSmallIntegerField("Dauer (Min.)", default=30)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices, default=Kind.EXCHANGE)
    title = models.CharField("Punkt", max_length=200)
    goal = models.CharField("Ziel", max_length=300, blank=True)
    leads = models.CharField("Wer", max_length=200, blank=True, help_text="Name und Einrichtung.")
    room = models.CharField("Raum", max_length=80, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="agenda_items", verbose_name="Themen")
    is_parallel = models.BooleanField("gleichzeitig mit dem vorigen Punkt", default=False)
    capacity = models.PositiveSmallIntegerField(
        "Plätze", null=True, blank=True, help_text="Nur für gleichzeitige Arbeitsgruppen; leer: für alle."
    )
    is_public = models.BooleanField("öffentlich", default=True)
    minutes_text = models.TextField("Verlauf", blank=True, max_length=20000)
    result_text = models.TextField("Ergebnis", blank=True, max_length=20000)

    class Meta:
        verbose_name = "Tagesordnungspunkt"
        verbose_name_plural = "Tagesordnung"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(duration_min__lte=600), name="agenda_item_at_most_ten_hours")
        ]

    def __str__(self) -> str:
        return f"TOP {self.position}: {self.title}"


def slots(items: Iterable[AgendaItem]) -> list[list[AgendaItem]]:
    """The items in order, those that run at the same time together; a slot lasts as long as its longest item."""
    found: list[list[AgendaItem]] = []
    for item in items:
        if item.is_parallel and found:
            found[-1].append(item)
        else:
            found.append([item])
    return found


def _minutes(slot: list[AgendaItem]) -> int:
    return max(item.duration_min for item in slot)


def total_minutes(items: Iterable[AgendaItem]) -> int:
    """How long all of it takes; parallel items count once."""
    return sum(_minutes(slot) for slot in slots(items))


def with_times(items: Iterable[AgendaItem], starts_at: datetime | None) -> list[tuple[AgendaItem, datetime | None]]:
    """Each item beside its local start, computed from the durations; None while the meeting has no date."""
    clock = timezone.localtime(starts_at) if starts_at else None
    rows: list[tuple[AgendaItem, datetime | None]] = []
    for slot in slots(items):
        rows += [(item, clock) for item in slot]
        clock = clock + timedelta(minutes=_minutes(slot)) if clock else None
    return rows


def public_with_times(meeting: Meeting) -> list[tuple[AgendaItem, datetime | None]]:
    """What everybody may read; the others' minutes count, so that the times are those of the meeting."""
    return [row for row in with_times(meeting.agenda.all(), meeting.starts_at) if row[0].is_public]
