"""One row a mail: what it says, when it may go, and what became of it."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class State(models.TextChoices):
    QUEUED = "queued", "wartet"
    HELD = "held", "angehalten"
    HANDING_OVER = "handing_over", "wird übergeben"
    SENT = "sent", "gesendet"
    FAILED = "failed", "fehlgeschlagen"
    UNCLEAR = "unclear", "unklar"
    WITHDRAWN = "withdrawn", "zurückgezogen"


OPEN_STATES = (State.QUEUED, State.HELD, State.HANDING_OVER)


class OutboxQuerySet(models.QuerySet):
    def due(self, now: datetime | None = None) -> Self:
        """May be handed over now: most urgent first, then oldest."""
        now = now or timezone.now()
        return self.filter(state=State.QUEUED, not_before__lte=now).order_by("priority", "not_before", "pk")

    def for_group(self, group: str) -> Self:
        return self.filter(group=group)

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)


class OutboxMessage(models.Model):
    """A mail to one person. Its text holds placeholders where personal links belong (mobipro.links)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField("Schlüssel", max_length=200, unique=True)
    kind = models.CharField("Art", max_length=40)
    priority = models.PositiveSmallIntegerField("Vorrang", default=5, help_text="0 zuerst, 9 zuletzt.")
    state = models.CharField("Stand", max_length=12, choices=State.choices, default=State.QUEUED)
    not_before = models.DateTimeField("Versand ab", default=timezone.now)
    recipient = models.EmailField("an")
    recipient_name = models.CharField("Name", max_length=200, blank=True)
    sender = models.CharField("von", max_length=320, blank=True)
    reply_to = models.CharField("Antwort an", max_length=320, blank=True)
    envelope_from = models.CharField("Umschlagabsender", max_length=254, blank=True)
    subject = models.CharField("Betreff", max_length=300)
    text = models.TextField("Text")
    html = models.TextField("HTML", blank=True)
    calendar = models.TextField("Kalenderteil", blank=True)
    calendar_method = models.CharField("METHOD", max_length=10, blank=True)
    headers = models.JSONField("Kopfzeilen", default=dict, blank=True)
    group = models.CharField("Sendung", max_length=120, blank=True, db_index=True)
    thread = models.CharField(
        "Folge",
        max_length=200,
        blank=True,
        db_index=True,
        help_text="Nie überholt hier eine spätere Mail eine frühere.",
    )
    reference = models.CharField("bezieht sich auf", max_length=120, blank=True, db_index=True)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    relay_reply = models.CharField("Antwort des Mailservers", max_length=500, blank=True)
    claimed_by = models.CharField("übernommen von", max_length=80, blank=True)
    claimed_at = models.DateTimeField("übernommen am", null=True, blank=True)
    handed_over_at = models.DateTimeField("Übergabe begonnen am", null=True, blank=True)
    sent_at = models.DateTimeField("gesendet am", null=True, blank=True)
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = "Mail"
        verbose_name_plural = "Postausgang"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "priority", "not_before"], name="outbox_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="outbox_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(calendar="", calendar_method="") | (~Q(calendar="") & ~Q(calendar_method="")),
                name="outbox_calendar_has_method",
            ),
            models.CheckConstraint(condition=Q(priority__lte=9), name="outbox_priority_to_9"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} an {self.recipient}"
