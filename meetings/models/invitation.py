"""Who is invited to a meeting and what they answered. iCalendar PARTSTAT words (RFC 5545 §3.2.12)."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from meetings.models.meeting import Meeting
from mobipro.outbox.models import OutboxMessage
from regions.models import ContactPerson, Dated, Project

READING_DAYS = 90  # the personal page can be read this long after the meeting


class PartStat(models.TextChoices):
    NEEDS_ACTION = "needs_action", "offen"
    ACCEPTED = "accepted", "zugesagt"
    TENTATIVE = "tentative", "vielleicht"
    DECLINED = "declined", "abgesagt"
    DELEGATED = "delegated", "schickt Vertretung"


class InvitationQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)

    def invited(self) -> Self:
        """Without those who have only the Save the Date: they are told of changes, but not counted or reminded."""
        return self.active().filter(invited_at__isnull=False)

    def silent(self) -> Self:
        """Still without an answer: the only ones who are reminded."""
        return self.invited().filter(partstat=PartStat.NEEDS_ACTION)

    def not_declined(self) -> Self:
        return self.invited().exclude(partstat__in=[PartStat.DECLINED, PartStat.DELEGATED])


class Invitation(Dated):
    """One person invited to one meeting, with the reason and the address as they were then."""

    class Reason(models.TextChoices):
        PROJECT = "project", "Projekt der Region"
        PARTNER = "partner", "Partner (BMAS, ZAV, IQ)"
        DEPUTY = "deputy", "Vertretung, benannt von"
        COLLEAGUE = "colleague", "weitere Person, angemeldet von"
        GUEST = "guest", "Gast"
        SPEAKER = "speaker", "trägt etwas vor"
        OFFICE = "office", "Koordination"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations", verbose_name="Treffen")
    contact = models.ForeignKey(
        ContactPerson, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="Ansprechperson"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="Projekt"
    )
    name = models.CharField("Name", max_length=200)
    first_name = models.CharField("Vorname", max_length=80, blank=True)
    greeting = models.CharField("Anrede", max_length=250)
    organisation_name = models.CharField("Einrichtung", max_length=200, blank=True)
    email = models.EmailField("E-Mail-Adresse")
    reason = models.CharField("Grund", max_length=10, choices=Reason.choices)
    reason_text = models.CharField("Grund in Worten", max_length=300)
    named_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="named", verbose_name="benannt von"
    )
    partstat = models.CharField(
        "Antwort", max_length=12, choices=PartStat.choices, default=PartStat.NEEDS_ACTION, editable=False
    )
    answered_at = models.DateTimeField("geantwortet am", null=True, blank=True, editable=False)
    needs_reconfirmation = models.BooleanField("neu bestätigen", default=False, editable=False)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    message = models.ForeignKey(
        OutboxMessage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Mail", editable=False
    )
    sequence_sent = models.PositiveIntegerField("zuletzt gesendete SEQUENCE", null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField("zuletzt erinnert am", null=True, blank=True, editable=False)
    # Empty: the person has only the Save the Date; what she answers then is provisional.
    invited_at = models.DateTimeField("eingeladen am", null=True, blank=True, default=timezone.now, editable=False)
    # Replies of a calendar program to an older version were meant for the Save the Date.
    asked_from_sequence = models.PositiveIntegerField("gefragt ab SEQUENCE", default=0, editable=False)
    withdrawn_at = models.DateTimeField("ausgeladen am", null=True, blank=True, editable=False)
    history = HistoricalRecords(verbose_name="Verlauf der Einladung", verbose_name_plural="Verlauf der Einladungen")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "Einladung"
        verbose_name_plural = "Einladungen"
        ordering = ["meeting", "name"]
        constraints = [
            models.UniqueConstraint(
                "meeting",
                Lower("email"),
                name="invitation_once_a_person",
                violation_error_message="Diese Adresse ist schon eingeladen.",
            ),
            models.CheckConstraint(
                condition=Q(partstat="needs_action") | Q(answered_at__isnull=False), name="invitation_answer_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} zu {self.meeting.code}"

    @property
    def is_only_noted(self) -> bool:
        """She has the Save the Date; her invitation is still to come."""
        return self.invited_at is None

    @property
    def link_expires_at(self) -> Any:
        """The personal page is readable until 90 days after the meeting; None while it has no (valid) date."""
        if self.meeting.ends_at is None or self.meeting.status == Meeting.Status.POSTPONED:
            return None
        return self.meeting.ends_at + timedelta(days=READING_DAYS)

    @property
    def is_link_expired(self) -> bool:
        return self.link_expires_at is not None and self.link_expires_at < timezone.now()


class Answer(models.Model):
    """Every answer of a person, in order; whatever its way. Never changed, never deleted."""

    class Via(models.TextChoices):
        LINK = "link", "Link in der Mail"
        PORTAL = "portal", "Portal"
        CALENDAR = "calendar", "Kalenderprogramm"
        OFFICE = "office", "Koordination"

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="answers", verbose_name="Einladung")
    partstat = models.CharField("Antwort", max_length=12, choices=PartStat.choices)
    via = models.CharField("Weg", max_length=10, choices=Via.choices)
    sequence = models.PositiveIntegerField("SEQUENCE")
    stamped_at = models.DateTimeField("im Kalender geschrieben am", null=True, blank=True)
    detail = models.CharField("Näheres", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="erfasst von"
    )
    received_at = models.DateTimeField("eingegangen am", default=timezone.now)

    class Meta:
        verbose_name = "Antwort"
        verbose_name_plural = "Antworten"
        ordering = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.invitation.name}: {self.get_partstat_display()}"


class InvitationRequest(models.Model):
    """Somebody asks to be invited, or to accept late; the coordinator accepts or declines with a text."""

    class Kind(models.TextChoices):
        LATE = "late", "späte Zusage"
        NATIONAL = "national", "Einladung angefragt"

    class Status(models.TextChoices):
        OPEN = "open", "offen"
        ACCEPTED = "accepted", "angenommen"
        DECLINED = "declined", "abgelehnt"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitation_requests", verbose_name="Treffen")
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    invitation = models.ForeignKey(
        Invitation, models.CASCADE, null=True, blank=True, related_name="requests", verbose_name="Einladung"
    )
    name = models.CharField("Name", max_length=160)
    organisation_name = models.CharField("Einrichtung", max_length=200, blank=True)
    function = models.CharField("Funktion", max_length=120, blank=True)
    email = models.EmailField("E-Mail-Adresse")
    message = models.TextField("Nachricht", blank=True, max_length=1000)
    status = models.CharField("Stand", max_length=10, choices=Status.choices, default=Status.OPEN, editable=False)
    reply = models.TextField("Antwort", blank=True, max_length=2000)
    created_at = models.DateTimeField("eingegangen am", auto_now_add=True)
    decided_at = models.DateTimeField("entschieden am", null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="entschieden von",
        editable=False,
    )

    class Meta:
        verbose_name = "Anfrage"
        verbose_name_plural = "Anfragen"
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "meeting",
                Lower("email"),
                condition=Q(status="open"),
                name="invitation_request_one_open",
                violation_error_message="Ihre Anfrage liegt der Koordination schon vor.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} zu {self.meeting.code}"
