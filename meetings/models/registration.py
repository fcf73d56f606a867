"""A seat, the needs that go with it, and who was really there."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from meetings.models.invitation import Invitation
from meetings.models.meeting import Meeting


class RegistrationQuerySet(models.QuerySet):
    def holding_a_seat(self) -> Self:
        """Confirmed, or reserved for somebody who must confirm a moved date again."""
        return self.filter(status=Registration.Status.CONFIRMED)

    def waiting(self) -> Self:
        return self.filter(status=Registration.Status.WAITING).order_by("queued_at", "pk")


class Registration(models.Model):
    """The seat of an invited person. Written by meetings.registrations only, under the meeting's lock."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "wartet auf Bestätigung"
        CONFIRMED = "confirmed", "Platz bestätigt"
        WAITING = "waiting", "Warteliste"
        OFFERED = "offered", "Platz angeboten"
        CANCELLED = "cancelled", "abgemeldet"

    HELD_STATUSES = (Status.CONFIRMED, Status.OFFERED)  # keep the seat until somebody says no

    class Mode(models.TextChoices):
        ONSITE = "onsite", "vor Ort"
        ONLINE = "online", "online"

    invitation = models.OneToOneField(Invitation, models.CASCADE, related_name="registration", verbose_name="Einladung")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="registrations", verbose_name="Treffen")
    status = models.CharField("Stand", max_length=10, choices=Status.choices, editable=False)
    mode = models.CharField("Teilnahme", max_length=10, choices=Mode.choices, default=Mode.ONSITE)
    comment = models.CharField("Nachricht", max_length=500, blank=True)
    queued_at = models.DateTimeField("angemeldet am", editable=False)
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True, editable=False)
    held_until = models.DateTimeField(
        "freigehalten bis",
        null=True,
        blank=True,
        editable=False,
        help_text="Der Platz wartet so lange darauf, dass die Person ihn bestätigt.",
    )
    history = HistoricalRecords(verbose_name="Verlauf der Anmeldung", verbose_name_plural="Verlauf der Anmeldungen")

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "Anmeldung"
        verbose_name_plural = "Anmeldungen"
        ordering = ["queued_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False), name="registration_confirmed_has_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invitation.name}: {self.get_status_display()}"


class SupportNeed(models.Model):
    """Diet and assistance: hints at health or religion (Art. 9 GDPR), so kept apart, short-lived, coordinators only."""

    registration = models.OneToOneField(
        Registration, models.CASCADE, related_name="support_need", verbose_name="Anmeldung"
    )
    diet = models.CharField("Verpflegung", max_length=300, blank=True)
    assistance = models.CharField("Unterstützung", max_length=500, blank=True)
    delete_on = models.DateField("wird gelöscht am")

    class Meta:
        verbose_name = "Verpflegung und Unterstützung"
        verbose_name_plural = "Verpflegung und Unterstützung"

    def __str__(self) -> str:
        return f"Angaben zu Anmeldung {self.registration_id}"


class AttendanceQuerySet(models.QuerySet):
    def present(self) -> Self:
        """Everybody who was there, counted once and used everywhere."""
        return self.filter(state__in=Attendance.PRESENT_STATES)


class Attendance(models.Model):
    class State(models.TextChoices):
        PRESENT = "present", "anwesend"
        LEFT_EARLY = "left_early", "früher gegangen"
        ABSENT = "absent", "nicht erschienen"
        EXCUSED = "excused", "entschuldigt"

    PRESENT_STATES = (State.PRESENT, State.LEFT_EARLY)

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name="Treffen")
    invitation = models.OneToOneField(
        Invitation, models.SET_NULL, null=True, blank=True, related_name="attendance", verbose_name="Einladung"
    )
    name = models.CharField("Name", max_length=200)
    organisation_name = models.CharField("Einrichtung", max_length=200, blank=True)
    is_walk_in = models.BooleanField("ohne Anmeldung gekommen", default=False)
    # Chosen by the phone that entered the person, so that it can go on without network.
    walk_in_key = models.UUIDField("Kennung ohne Einladung", null=True, blank=True, unique=True, editable=False)
    state = models.CharField("Teilnahme", max_length=10, choices=State.choices)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="erfasst von"
    )
    recorded_at = models.DateTimeField("erfasst am", auto_now=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "Teilnahme"
        verbose_name_plural = "Teilnahmen"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_state_display()}"
