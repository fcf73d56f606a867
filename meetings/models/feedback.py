"""What people say about a meeting afterwards: anonymous by what is not stored."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from meetings.models.meeting import Meeting
from regions.models import Dated, Organisation

QUESTIONS = ("organisation", "content", "exchange", "usefulness")
TEXTS = ("helped", "improve", "wishes")
MAX_TEXT = 1000


class FeedbackForm(Dated):
    """The link of one meeting, the same for everybody; made with its first change, until then all is as usual."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="feedback_form", verbose_name="Treffen")
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    last_day = models.DateField("Rückmeldungen bis", null=True, blank=True)
    history = HistoricalRecords(verbose_name="Verlauf der Rückmeldung", verbose_name_plural="Verlauf der Rückmeldungen")

    class Meta:
        verbose_name = "Rückmeldebogen"
        verbose_name_plural = "Rückmeldebögen"

    def __str__(self) -> str:
        return f"Rückmeldebogen zu {self.meeting.code}"


class FeedbackQuerySet(models.QuerySet):
    def with_texts(self) -> Self:
        return self.exclude(helped="", improve="", wishes="")


class Mark(models.IntegerChoices):
    """The marks of German schools: 1 is best."""

    ONE = 1, "sehr gut"
    TWO = 2, "gut"
    THREE = 3, "befriedigend"
    FOUR = 4, "ausreichend"
    FIVE = 5, "mangelhaft"


def _mark(label: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, choices=Mark.choices, null=True, blank=True)


def _is_mark(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 1, f"{name}__lte": 5})


class FeedbackResponse(models.Model):
    """One answer without person, address, link or hour; a random key, so that not even the order tells who."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="feedback", verbose_name="Treffen")
    submitted_on = models.DateField("eingegangen am")
    organisation = _mark("Organisation")
    content = _mark("Inhalte")
    exchange = _mark("Austausch")
    usefulness = _mark("Nutzen für die Arbeit")
    helped = models.TextField("Was geholfen hat", max_length=MAX_TEXT, blank=True)
    improve = models.TextField("Was besser werden soll", max_length=MAX_TEXT, blank=True)
    wishes = models.TextField("Wünsche für das nächste Treffen", max_length=MAX_TEXT, blank=True)
    organisation_kind = models.CharField(
        "Art der Einrichtung", max_length=20, choices=Organisation.Kind.choices, blank=True
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = "Rückmeldung"
        verbose_name_plural = "Rückmeldungen"
        ordering = ["submitted_on", "id"]
        constraints = [
            models.CheckConstraint(condition=_is_mark(name), name=f"feedback_{name}_is_a_mark") for name in QUESTIONS
        ]

    def __str__(self) -> str:
        return f"Rückmeldung zu {self.meeting.code}"
