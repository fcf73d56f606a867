"""Terminabfrage: a few dates, chosen people, one answer to each date by a personal link."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from meetings.models.invitation import READING_DAYS
from meetings.models.meeting import Meeting
from regions.models import ContactPerson, Dated, Organisation


class PollAnswer(models.TextChoices):
    YES = "yes", "ja"
    MAYBE = "maybe", "zur Not"
    NO = "no", "nein"


class DatePollQuerySet(models.QuerySet):
    def undecided(self) -> Self:
        """Closed, no date chosen, no other poll of the same meeting after it; somebody must choose."""
        newer = self.model._default_manager.filter(meeting=OuterRef("meeting"), pk__gt=OuterRef("pk"))
        waiting = (Meeting.Status.IDEA, Meeting.Status.POSTPONED)
        return self.filter(~Exists(newer), state=DatePoll.State.CLOSED, meeting__status__in=waiting)


class DatePoll(Dated):
    class State(models.TextChoices):
        OPEN = "open", "läuft"
        CLOSED = "closed", "geschlossen"
        DECIDED = "decided", "entschieden"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="polls", verbose_name="Treffen")
    message = models.TextField("Nachricht", blank=True, max_length=1000)
    closes_at = models.DateTimeField("Antworten bis")
    state = models.CharField("Stand", max_length=8, choices=State.choices, default=State.OPEN)
    chosen = models.ForeignKey(
        "PollOption", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="gewählter Termin"
    )
    # Once by hand and once by the clock; nobody is written to a third time.
    reminded_at = models.DateTimeField("von Hand erinnert am", null=True, blank=True)
    auto_reminded_at = models.DateTimeField("von selbst erinnert am", null=True, blank=True)
    history = HistoricalRecords(verbose_name="Verlauf der Terminabfrage", verbose_name_plural="Verlauf der Abfragen")

    objects = DatePollQuerySet.as_manager()

    class Meta:
        verbose_name = "Terminabfrage"
        verbose_name_plural = "Terminabfragen"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(state="open"),
                name="date_poll_one_open",
                violation_error_message="Zu diesem Treffen läuft schon eine Terminabfrage.",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided") | Q(chosen__isnull=False), name="date_poll_decided_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"Terminabfrage zu {self.meeting.code}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.OPEN and self.closes_at > timezone.now()

    @property
    def is_undecided(self) -> bool:
        """Closed, by the clock or by hand, and nobody has chosen a date yet."""
        return not self.is_running and self.state != self.State.DECIDED


class PollOption(models.Model):
    poll = models.ForeignKey(DatePoll, models.CASCADE, related_name="options", verbose_name="Terminabfrage")
    starts_at = models.DateTimeField("Beginn")
    ends_at = models.DateTimeField("Ende")
    override_reason = models.CharField("Begründung trotz Feiertag oder Ferien", max_length=300, blank=True)

    class Meta:
        verbose_name = "Termin zur Wahl"
        verbose_name_plural = "Termine zur Wahl"
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "starts_at"], name="poll_option_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="poll_option_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%d.%m.%Y}"


class PollVoter(Dated):
    """One person who is asked, with the address as it was then."""

    poll = models.ForeignKey(DatePoll, models.CASCADE, related_name="voters", verbose_name="Terminabfrage")
    contact = models.ForeignKey(
        ContactPerson, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Ansprechperson"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Einrichtung"
    )
    name = models.CharField("Name", max_length=200)
    first_name = models.CharField("Vorname", max_length=80, blank=True)
    greeting = models.CharField("Anrede", max_length=250)
    organisation_name = models.CharField("Name der Einrichtung", max_length=200, blank=True)
    email = models.EmailField("E-Mail-Adresse")
    reason_text = models.CharField("Grund in Worten", max_length=300, blank=True)
    link_version = models.PositiveSmallIntegerField(default=1, editable=False)
    answered_at = models.DateTimeField("geantwortet am", null=True, blank=True)
    comment = models.CharField("Nachricht", max_length=300, blank=True)

    class Meta:
        verbose_name = "befragte Person"
        verbose_name_plural = "befragte Personen"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "poll",
                Lower("email"),
                name="poll_voter_once",
                violation_error_message="Diese Adresse ist schon dabei.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} zu {self.poll.meeting.code}"

    @property
    def is_link_expired(self) -> Any:
        """The page can be read for some time after the poll."""
        return self.poll.closes_at + timedelta(days=READING_DAYS) < timezone.now()


class PollVote(models.Model):
    voter = models.ForeignKey(PollVoter, models.CASCADE, related_name="votes", verbose_name="Person")
    option = models.ForeignKey(PollOption, models.CASCADE, related_name="votes", verbose_name="Termin")
    answer = models.CharField("Antwort", max_length=5, choices=PollAnswer.choices)

    class Meta:
        verbose_name = "Stimme"
        verbose_name_plural = "Stimmen"
        constraints = [models.UniqueConstraint(fields=["voter", "option"], name="poll_vote_once")]

    def __str__(self) -> str:
        return f"{self.voter}: {self.get_answer_display()}"
