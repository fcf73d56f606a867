"""Where meetings take place."""

from django.db import models

from regions.models import FederalState


class Venue(models.Model):
    name = models.CharField("Name", max_length=160)
    street = models.CharField("Straße", max_length=120)
    postcode = models.CharField("Postleitzahl", max_length=10)
    city = models.CharField("Ort", max_length=80)
    federal_state = models.ForeignKey(FederalState, models.PROTECT, related_name="venues", verbose_name="Bundesland")
    room = models.CharField("Raum", max_length=80, blank=True)
    capacity = models.PositiveSmallIntegerField("Plätze", null=True, blank=True)
    step_free = models.BooleanField("stufenlos erreichbar", default=False)
    accessible_wc = models.BooleanField("barrierefreies WC", default=False)
    hearing_loop = models.BooleanField("Höranlage", default=False)
    nearest_station = models.CharField("nächster Bahnhof", max_length=120, blank=True)
    directions = models.TextField("Anreise", blank=True, max_length=2000)

    class Meta:
        verbose_name = "Veranstaltungsort"
        verbose_name_plural = "Veranstaltungsorte"
        ordering = ["city", "name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def address(self) -> str:
        """One line, as in a calendar's LOCATION."""
        room = f"{self.room}, " if self.room else ""
        return f"{self.name}, {room}{self.street}, {self.postcode} {self.city}"
