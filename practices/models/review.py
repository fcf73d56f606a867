"""The conversation about a practice: what was submitted when, and the remarks of the coordinator."""

from django.conf import settings
from django.db import models

from practices.models.practice import GoodPractice


class PracticeSubmission(models.Model):
    """One handing-in, with the texts as they were then; the next one can be compared with it."""

    practice = models.ForeignKey(GoodPractice, models.CASCADE, related_name="submissions", verbose_name="Beispiel")
    number = models.PositiveSmallIntegerField("Nr.")
    content = models.JSONField("Texte")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    submitted_at = models.DateTimeField("am", auto_now_add=True)

    class Meta:
        verbose_name = "Einreichung"
        verbose_name_plural = "Einreichungen"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["practice", "number"], name="practice_submission_number_once")]

    def __str__(self) -> str:
        return f"{self.practice}, Einreichung {self.number}"


class PracticeRemark(models.Model):
    """A remark of the coordinator on one field (or, with an empty field, on the whole)."""

    practice = models.ForeignKey(GoodPractice, models.CASCADE, related_name="remarks", verbose_name="Beispiel")
    submission = models.ForeignKey(
        PracticeSubmission, models.CASCADE, related_name="remarks", verbose_name="Einreichung"
    )
    field = models.CharField("Feld", max_length=40, blank=True)
    text = models.TextField("Bemerkung", max_length=2000)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    made_at = models.DateTimeField("am", auto_now_add=True)

    class Meta:
        verbose_name = "Bemerkung"
        verbose_name_plural = "Bemerkungen"
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
