"""What a person chooses for the day itself: a workshop of each block, and whether photos may show her."""

from typing import Self

from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from meetings.models.agenda import AgendaItem
from meetings.models.invitation import Invitation
from meetings.models.registration import Registration


class WorkshopChoice(models.Model):
    """Whoever has a seat chooses one of the workshops that run at the same time (written by meetings.workshops)."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="workshops", verbose_name="Anmeldung")
    agenda_item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="choices", verbose_name="Arbeitsgruppe")
    chosen_at = models.DateTimeField("gewählt am", default=timezone.now)

    class Meta:
        verbose_name = "Wahl einer Arbeitsgruppe"
        verbose_name_plural = "Wahl der Arbeitsgruppen"
        ordering = ["chosen_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["registration", "agenda_item"], name="workshop_choice_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.registration.invitation.name}: {self.agenda_item.title}"


class PhotoConsentQuerySet(models.QuerySet):
    def valid(self) -> Self:
        """Given and not taken back."""
        return self.filter(given_at__isnull=False, withdrawn_at=None)


class PhotoConsent(models.Model):
    """One person, one meeting: whether photos that show her may be published. No row means no (GDPR Art. 4 (11), 7)."""

    invitation = models.OneToOneField(
        Invitation, models.CASCADE, related_name="photo_consent", verbose_name="Einladung"
    )
    given_at = models.DateTimeField("gegeben am", null=True, blank=True)
    withdrawn_at = models.DateTimeField("zurückgenommen am", null=True, blank=True)
    history = HistoricalRecords(
        verbose_name="Verlauf der Fotoeinwilligung", verbose_name_plural="Verlauf der Fotoeinwilligungen"
    )

    objects = PhotoConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "Fotoeinwilligung"
        verbose_name_plural = "Fotoeinwilligungen"

    def __str__(self) -> str:
        return f"{self.invitation.name}: {'ja' if self.is_given else 'nein'}"

    @property
    def is_given(self) -> bool:
        return self.given_at is not None and self.withdrawn_at is None
