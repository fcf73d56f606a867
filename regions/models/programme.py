"""Settings of the programme with history: who operates it, who pays, what must stand on each page."""

from datetime import date
from typing import Self

from django.db import models
from simple_history.models import HistoricalRecords


class ProgrammeSettingsQuerySet(models.QuerySet["ProgrammeSettings"]):
    def on(self, day: date) -> "ProgrammeSettings | None":
        """The settings valid on this day, or None before the first."""
        return self.filter(valid_from__lte=day).order_by("-valid_from").first()


class ProgrammeSettings(models.Model):
    """Operator, sender, imprint and funding sentence, valid from a day on.

    Published documentations keep the values of their time; a new operator is a new row.
    """

    valid_from = models.DateField("gültig ab", unique=True)
    operator = models.CharField("Betreiber", max_length=200)
    address = models.TextField("Anschrift", help_text="Eine Zeile je Adresszeile.")
    contact_email = models.EmailField("Kontaktadresse", help_text="Ein Funktionspostfach, keine Person.")
    contact_phone = models.CharField("Telefon", max_length=40, blank=True)
    sender_name = models.CharField("Absendername", max_length=75)
    sender_email = models.EmailField("Absenderadresse")
    reply_to = models.EmailField("Antwort an", blank=True)
    privacy_contact = models.CharField("Datenschutzkontakt", max_length=300, blank=True)
    funding_sentence = models.CharField("Fördersatz", max_length=400)
    travel_cost_note = models.TextField("Hinweis zu Reisekosten", blank=True)
    logo_bmas = models.ImageField("Logo BMAS", upload_to="logos/", blank=True)
    logo_zav = models.ImageField("Logo ZAV", upload_to="logos/", blank=True)
    logo_programme = models.ImageField("Logo MobiPro-EU", upload_to="logos/", blank=True)
    history = HistoricalRecords(
        verbose_name="Verlauf der Programmangaben", verbose_name_plural="Verlauf der Programmangaben"
    )

    objects = ProgrammeSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = "Programmangaben"
        verbose_name_plural = "Programmangaben"
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return f"{self.operator} (ab {self.valid_from:%d.%m.%Y})"

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]

    @property
    def sender(self) -> str:
        """The From header of the portal's mails."""
        return f"{self.sender_name} <{self.sender_email}>"


class ResponsibleBodyQuerySet(models.QuerySet):
    def in_order(self) -> Self:
        return self.order_by("starts_on")


class ResponsibleBody(models.Model):
    """A term of the Vernetzungsprojekt and the body responsible for it; the dated table of /projekt/."""

    starts_on = models.DateField("von")
    ends_on = models.DateField("bis", null=True, blank=True)
    name = models.CharField("Stelle", max_length=200)
    task = models.CharField("Aufgabe", max_length=300)

    objects = ResponsibleBodyQuerySet.as_manager()

    class Meta:
        verbose_name = "Laufzeit und verantwortliche Stelle"
        verbose_name_plural = "Laufzeiten und verantwortliche Stellen"
        ordering = ["starts_on"]

    def __str__(self) -> str:
        return f"{self.name} (ab {self.starts_on:%d.%m.%Y})"
