"""Mails that came in: answers of calendar programs, delivery reports, and what only a person can assign."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models.invitation import Invitation, PartStat
from meetings.models.meeting import Meeting
from regions.visibility import access_of


class IncomingQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=IncomingMail.State.WAITING).order_by("received_at", "pk")

    def visible_to(self, user: Any) -> Self:
        """Coordinators: those about their meetings, and those that nobody could assign yet. Nobody else."""
        access = access_of(user)
        if not access.is_coordinator:
            return self.none()
        if access.coordinates_all:
            return self
        own = Meeting.objects.coordinated_by(access).values("pk")
        return self.filter(Q(meeting=None) | Q(meeting__in=own))


class IncomingMail(models.Model):
    """One received mail. Its text is kept only while a person has to read it."""

    class Kind(models.TextChoices):
        REPLY = "reply", "Antwort aus dem Kalender"
        COUNTER = "counter", "anderer Termin vorgeschlagen"
        BOUNCE = "bounce", "Rücklauf"
        AUTOMATIC = "automatic", "automatische Antwort"
        TNEF = "tnef", "Outlook-Format (winmail.dat)"
        TEXT = "text", "Nachricht"

    class State(models.TextChoices):
        DONE = "done", "übernommen"
        IGNORED = "ignored", "ohne Wirkung"
        WAITING = "waiting", "zuzuordnen"
        SETTLED = "settled", "erledigt"

    digest = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    state = models.CharField("Stand", max_length=10, choices=State.choices)
    sender = models.CharField("Absender", max_length=254, blank=True)
    subject = models.CharField("Betreff", max_length=250, blank=True)
    text = models.TextField("Text", blank=True)
    reason = models.CharField("Grund", max_length=300, blank=True)
    meeting = models.ForeignKey(
        Meeting, models.CASCADE, null=True, blank=True, related_name="incoming", verbose_name="Treffen"
    )
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, null=True, blank=True, related_name="incoming", verbose_name="Einladung"
    )
    attendee = models.CharField("Adresse in der Antwort", max_length=254, blank=True)
    partstat = models.CharField("Antwort", max_length=12, choices=PartStat.choices, blank=True)
    sequence = models.PositiveIntegerField("SEQUENCE", null=True, blank=True)
    stamped_at = models.DateTimeField("geschrieben am", null=True, blank=True)
    proposed_start = models.DateTimeField("vorgeschlagener Beginn", null=True, blank=True)
    proposed_end = models.DateTimeField("vorgeschlagenes Ende", null=True, blank=True)
    received_at = models.DateTimeField("eingegangen am", default=timezone.now)
    settled_at = models.DateTimeField("erledigt am", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="erledigt von"
    )
    note = models.CharField("Vermerk", max_length=300, blank=True)

    objects = IncomingQuerySet.as_manager()

    class Meta:
        verbose_name = "eingegangene Mail"
        verbose_name_plural = "Antworten zuordnen"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_at__isnull=False), name="incoming_settled"
            ),
            models.CheckConstraint(condition=Q(state="waiting") | Q(text=""), name="incoming_text_only_while_waiting"),
            models.CheckConstraint(condition=~Q(state="waiting") | ~Q(reason=""), name="incoming_waits_for_a_reason"),
        ]
        indexes = [models.Index("received_at", condition=Q(state="waiting"), name="incoming_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} von {self.sender or 'unbekannt'}"
