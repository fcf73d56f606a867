"""The coordination's own words for a kind of mail; without a record the portal's standard text is sent."""

from django.db import models
from simple_history.models import HistoricalRecords

from regions.models import Dated


class MailText(Dated):
    class Kind(models.TextChoices):
        SAVE_THE_DATE = "save_the_date", "Save the Date"
        INVITATION = "invitation", "Einladung"
        REMINDER = "reminder", "Erinnerung"
        CHANGE = "change", "Verschiebung"
        POSTPONED = "postponed", "Verschiebung, neuer Termin offen"
        REINSTATED = "reinstated", "Findet doch statt"
        CANCELLATION = "cancellation", "Absage"
        CONFIRMATION = "confirmation", "Bestätigung des Platzes"
        PARTICIPANT_INFO = "participant_info", "Teilnahmeinfo"
        THANKS = "thanks", "Dank und Rückmeldung"

    kind = models.CharField(
        "Art der Mail",
        max_length=20,
        choices=Kind.choices,
        unique=True,
        error_messages={"unique": "Für diese Art gibt es schon einen eigenen Text. Ändern Sie ihn in der Liste."},
    )
    subject = models.CharField("Betreff", max_length=160, blank=True)
    text = models.TextField("Text", max_length=2000)
    history = HistoricalRecords(verbose_name="Verlauf des Mailtextes", verbose_name_plural="Verlauf der Mailtexte")

    class Meta:
        verbose_name = "Mailtext"
        verbose_name_plural = "Mailtexte"
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"Mailtext: {self.get_kind_display()}"
