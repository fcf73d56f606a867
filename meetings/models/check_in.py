"""What was tapped at the door: a log of entries, so that phones without network can bring theirs later."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting
from meetings.models.registration import Attendance


class CheckIn(models.Model):
    """One entry. Its `operation_id` is the receipt: the same entry sent again changes nothing.

    For each person the entry made last counts, whenever it arrives (docs/decisions/0026).
    """

    operation_id = models.UUIDField("Kennung der Eingabe", unique=True)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="check_ins", verbose_name="Treffen")
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, null=True, blank=True, related_name="check_ins", verbose_name="Einladung"
    )
    walk_in_key = models.UUIDField("Kennung der Person ohne Einladung", null=True, blank=True)
    # Two phones may enter the same person: each keeps the key it chose, both mean one.
    sent_key = models.UUIDField("Kennung auf dem Telefon", null=True, blank=True)
    instead_of = models.ForeignKey(
        Invitation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="anstelle von"
    )
    name = models.CharField("Name", max_length=200, blank=True)
    organisation_name = models.CharField("Einrichtung", max_length=200, blank=True)
    # Empty: the entry before was a mistake.
    state = models.CharField("Teilnahme", max_length=10, choices=Attendance.State.choices, blank=True)
    made_at = models.DateTimeField("eingegeben am")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="von",
    )
    received_at = models.DateTimeField("eingegangen am", auto_now_add=True)

    class Meta:
        verbose_name = "Eingabe beim Check-in"
        verbose_name_plural = "Eingaben beim Check-in"
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["meeting", "walk_in_key"], name="check_in_of_walk_in")]
        constraints = [
            models.CheckConstraint(
                condition=Q(invitation__isnull=False, walk_in_key=None) | Q(invitation=None, walk_in_key__isnull=False),
                name="check_in_is_about_one_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_state_display() or 'zurückgenommen'}"
