"""What is to be done before and after a meeting: templates per kind of meeting, and the tasks counted from its day."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from meetings.models.meeting import Meeting
from regions.models import Dated

LONGEST_LEAD = 400  # days before or after the meeting


class Milestone(models.TextChoices):
    """What the portal can see for itself; the labels head the columns of the page "Vorbereitung"."""

    VENUE_SET = "venue_set", "Ort"
    SAVE_THE_DATE_SENT = "save_the_date_sent", "Save the Date"
    SURVEY_SENT = "survey_sent", "Themenabfrage"
    AGENDA_FIXED = "agenda_fixed", "Tagesordnung"
    INVITED = "invited", "Einladung"
    REMINDED = "reminded", "Erinnerung"
    PARTICIPANT_INFO_SENT = "participant_info_sent", "Info an Teilnehmende"
    ATTENDANCE_RECORDED = "attendance_recorded", "Teilnahme"
    FEEDBACK_ASKED = "feedback_asked", "Feedback"
    MINUTES_WRITTEN = "minutes_written", "Ergebnisse"
    DOCUMENTATION_DRAFTED = "documentation_drafted", "Entwurf"
    DOCUMENTATION_PUBLISHED = "documentation_published", "Dokumentation"


class TaskRole(models.TextChoices):
    COORDINATION = "coordination", "Koordination"
    OVERALL = "overall", "Gesamtkoordination"
    HOST = "host", "Gastgeber"
    MODERATION = "moderation", "Moderation"


class TaskTemplate(Dated):
    """One task that every new meeting of this kind gets. A change is for meetings that get their date afterwards."""

    class Kind(models.TextChoices):
        REGIONAL = "regional", "regionales Treffen vor Ort"
        NATIONAL = "national", "bundesweites Treffen"
        ONLINE = "online", "Treffen online"

    kind = models.CharField("Art des Treffens", max_length=10, choices=Kind.choices)
    key = models.SlugField("Kennung", max_length=40, help_text="Kurzes Wort ohne Leerzeichen, einmal je Art.")
    title = models.CharField("Aufgabe", max_length=160)
    offset_days = models.SmallIntegerField(
        "Tage zum Treffen",
        help_text="Vor dem Treffen mit Minus: -42 ist sechs Wochen vorher, 1 ist der Tag danach. Wochenenden, "
        "Feiertage und die Zeit vom 24.12. bis 06.01. werden ausgelassen.",
        validators=[
            MinValueValidator(-LONGEST_LEAD, f"Höchstens {LONGEST_LEAD} Tage vorher."),
            MaxValueValidator(LONGEST_LEAD, f"Höchstens {LONGEST_LEAD} Tage nachher."),
        ],
    )
    role = models.CharField("Zuständig", max_length=12, choices=TaskRole.choices, default=TaskRole.COORDINATION)
    auto_done_by = models.CharField(
        "Erledigt sich durch",
        max_length=24,
        choices=Milestone.choices,
        blank=True,
        help_text="Was das Portal selbst sieht. Leer: Die Aufgabe wird von Hand abgehakt.",
    )
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    is_active = models.BooleanField("aktiv", default=True)
    history = HistoricalRecords(
        verbose_name="Verlauf der Aufgabenvorlage", verbose_name_plural="Verlauf der Aufgabenvorlagen"
    )

    class Meta:
        verbose_name = "Aufgabenvorlage"
        verbose_name_plural = "Aufgabenvorlagen"
        ordering = ["kind", "offset_days", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="task_template_once_a_kind",
                violation_error_message="Diese Kennung gibt es für diese Art schon. Wählen Sie eine andere.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_kind_display()})"


class PlanningTaskQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(state=PlanningTask.State.OPEN)

    def counted(self) -> Self:
        """Those that came from a template."""
        return self.filter(offset_days__isnull=False)


class PlanningTask(Dated):
    """One thing to do for one meeting. What the portal sees for itself is computed (meetings.milestones)."""

    class State(models.TextChoices):
        OPEN = "open", "offen"
        DONE = "done", "erledigt"
        DROPPED = "dropped", "entfällt"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="planning_tasks", verbose_name="Treffen")
    template = models.ForeignKey(
        TaskTemplate, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name="Vorlage"
    )
    title = models.CharField("Aufgabe", max_length=160)
    # Copied from the template: a change of it is for later meetings.
    offset_days = models.SmallIntegerField("Tage zum Treffen", null=True, blank=True)
    role = models.CharField("Zuständig", max_length=12, choices=TaskRole.choices, default=TaskRole.COORDINATION)
    milestone = models.CharField("Erledigt sich durch", max_length=24, choices=Milestone.choices, blank=True)
    due_on = models.DateField("fällig am")
    counted_from = models.DateField("gezählt vom Treffen am", null=True, blank=True)
    is_shortened = models.BooleanField("verkürzter Vorlauf", default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="planning_tasks",
        verbose_name="wer",
    )
    state = models.CharField("Stand", max_length=8, choices=State.choices, default=State.OPEN)
    auto = models.BooleanField("vom Portal erkannt", default=False)
    done_at = models.DateTimeField("erledigt am", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="erledigt von"
    )
    note = models.CharField("Vermerk", max_length=300, blank=True)
    history = HistoricalRecords(
        verbose_name="Verlauf der Planungsaufgabe", verbose_name_plural="Verlauf der Planungsaufgaben"
    )

    objects = PlanningTaskQuerySet.as_manager()

    class Meta:
        verbose_name = "Planungsaufgabe"
        verbose_name_plural = "Planungsaufgaben"
        ordering = ["due_on", "offset_days", "pk"]
        indexes = [models.Index(fields=["state", "due_on"], name="planning_task_due")]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "template"], name="planning_task_once_a_template"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="planning_task_done_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(note=""), name="planning_task_dropped_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting.code}: {self.title}"

    @property
    def who(self) -> Any:
        """The person, or the role while nobody is named."""
        return self.assignee or self.get_role_display()
