"""One sending of one kind of mail to many people of a meeting."""

from django.conf import settings
from django.db import models

from meetings.models.meeting import Meeting


class Mailing(models.Model):
    class Kind(models.TextChoices):
        DATE_POLL = "date_poll", "Terminabfrage"
        SAVE_THE_DATE = "save_the_date", "Save the Date"
        INVITATION = "invitation", "Einladung"
        REMINDER = "reminder", "Erinnerung"
        PARTICIPANT_INFO = "participant_info", "Teilnahmeinfo"
        CHANGE = "change", "Terminänderung"
        CANCELLATION = "cancellation", "Absage"
        THANKS = "thanks", "Dank und Rückmeldung"
        DOCUMENTATION = "documentation", "Dokumentation"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="mailings", verbose_name="Treffen")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    round = models.PositiveSmallIntegerField("Versand", default=1, help_text="Zählt die Sendungen dieser Art.")
    recipient_count = models.PositiveIntegerField("Personen", default=0)
    not_before = models.DateTimeField("Versand ab")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("am", auto_now_add=True)

    class Meta:
        verbose_name = "Sendung"
        verbose_name_plural = "Sendungen"
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "kind", "round"], name="mailing_once_a_round")]

    def __str__(self) -> str:
        return f"{self.meeting.code}: {self.get_kind_display()} {self.round}"

    @property
    def group(self) -> str:
        """The outbox group of this sending, to list, hold and release it."""
        return f"meeting:{self.meeting_id}:{self.kind}:{self.round}"
