"""The programme's controlled words. Rows are made by `manage.py base_data` and edited in the admin."""

from django.db import models


class Cohort(models.Model):
    """Ausbildungsjahrgang; 2013 and 2014 funded individuals, 2015 and 2016 projects."""

    class Funding(models.TextChoices):
        INDIVIDUAL = "individual", "Individualförderung"
        PROJECT = "project", "Projektförderung"

    year = models.PositiveSmallIntegerField("Jahr", unique=True)
    funding = models.CharField("Förderung", max_length=20, choices=Funding.choices, default=Funding.PROJECT)

    class Meta:
        verbose_name = "Ausbildungsjahrgang"
        verbose_name_plural = "Ausbildungsjahrgänge"
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class OccupationalField(models.Model):
    name = models.CharField("Name", max_length=120, unique=True)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    note = models.CharField("Hinweis", max_length=300, blank=True)

    class Meta:
        verbose_name = "Berufsfeld"
        verbose_name_plural = "Berufsfelder"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class TrainingOccupation(models.Model):
    name = models.CharField("Name", max_length=160, unique=True)
    field = models.ForeignKey(OccupationalField, models.PROTECT, related_name="occupations", verbose_name="Berufsfeld")
    note = models.CharField(
        "Hinweis", max_length=300, blank=True, help_text="Zum Beispiel der heutige Name des Berufs."
    )

    class Meta:
        verbose_name = "Ausbildungsberuf"
        verbose_name_plural = "Ausbildungsberufe"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SourceCountry(models.Model):
    """Herkunftsland, by its ISO 3166-1 alpha-2 code (Greece is GR)."""

    iso_code = models.CharField("ISO-Code", max_length=2, unique=True)
    name = models.CharField("Name", max_length=80, unique=True)
    sort_key = models.CharField(max_length=80, editable=False, default="")
    is_common = models.BooleanField("häufig", default=False)

    class Meta:
        verbose_name = "Herkunftsland"
        verbose_name_plural = "Herkunftsländer"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """A phase of a funded project, from recruiting to the first job."""

    key = models.SlugField("Schlüssel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=80)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)

    class Meta:
        verbose_name = "Projektphase"
        verbose_name_plural = "Projektphasen"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    name = models.CharField("Name", max_length=120, unique=True)
    slug = models.SlugField("Adresse", max_length=80, unique=True)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)

    class Meta:
        verbose_name = "Thema"
        verbose_name_plural = "Themen"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
