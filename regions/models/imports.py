"""Tables that were read in: what was shown, what was done, and what can be taken back."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from regions.visibility import access_of


class ImportRunQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The office reads and takes back whatever the office read in."""
        return self.all() if access_of(user).is_office else self.none()


class ImportRun(models.Model):
    """One uploaded file: checked, then applied or forgotten, perhaps undone.

    `rows` holds what was read, so that "Übernehmen" applies exactly what was shown; `effects` what undoing needs.
    Both are emptied by the timetable (regions/retention.py), who and how many stays.
    """

    class Kind(models.TextChoices):
        NETWORK = "network", "Träger, Projekte, Ansprechpersonen"
        SCHOOL_HOLIDAYS = "school_holidays", "Schulferien"

    class State(models.TextChoices):
        CHECKED = "checked", "geprüft, nicht übernommen"
        APPLIED = "applied", "übernommen"
        UNDONE = "undone", "rückgängig gemacht"

    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.CHECKED)
    file_name = models.CharField("Datei", max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.JSONField("gelesene Zeilen", default=dict)
    counts = models.JSONField("Anzahlen", default=dict)
    effects = models.JSONField("Wirkungen", default=list)
    uploaded_at = models.DateTimeField("hochgeladen am", auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="hochgeladen von"
    )
    applied_at = models.DateTimeField("übernommen am", null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="übernommen von"
    )
    undone_at = models.DateTimeField("rückgängig gemacht am", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="rückgängig gemacht von"
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "eingelesene Tabelle"
        verbose_name_plural = "eingelesene Tabellen"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="checked", applied_at=None) | models.Q(applied_at__isnull=False),
                name="import_applied_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} (Nr. {self.pk})"

    @property
    def is_waiting(self) -> bool:
        """Checked and still there to be applied."""
        return self.state == self.State.CHECKED and bool(self.rows)

    @property
    def can_be_undone(self) -> bool:
        return self.state == self.State.APPLIED and bool(self.effects)
