"""The meeting. iCalendar words where there are any (RFC 5545)."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from meetings import reminder_days
from meetings.models.venue import Venue
from meetings.models.year import MeetingRound
from regions.models import Dated, Organisation, Region, Searchable
from regions.visibility import Visibility, VisibleQuerySet

DOCUMENTATION_DAYS = 35  # T+25 working days (domain.md 2.1): the day the public may expect the documentation


class MeetingQuerySet(VisibleQuerySet):
    region_path = "regions"

    def public(self) -> Self:
        """Announced to everybody: has a date (or had one before it was postponed) and is not just an idea."""
        return self.filter(visibility=Visibility.PUBLIC, announced_at__isnull=False)

    def published(self) -> Self:
        return self.public()

    def visible_to(self, user: Any) -> Self:
        """Ideas of the year plan are the office's and the funders'; announced meetings follow their visibility."""
        from_office = super().visible_to(user)
        access = getattr(user, "access", None) if getattr(user, "is_authenticated", False) else None
        if access and (access.is_office or access.is_funder):
            return from_office
        return from_office.filter(announced_at__isnull=False)

    def upcoming(self, now: datetime | None = None) -> Self:
        return (
            self.filter(ends_at__gte=now or timezone.now())
            .exclude(status=Meeting.Status.CANCELLED)
            .order_by("starts_at")
        )

    def past(self, now: datetime | None = None) -> Self:
        return self.filter(ends_at__lt=now or timezone.now()).order_by("-starts_at")

    def in_year(self, year: int) -> Self:
        return self.filter(year=year)

    def in_region(self, region: Region) -> Self:
        return self.filter(regions=region)

    def before(self, meeting: "Meeting") -> Self:
        """The meetings that came earlier and have begun: of the same regions; for a national one, national ones."""
        now = timezone.now()
        moment = min(meeting.starts_at or now, now)
        rows = self.filter(kind=meeting.kind, starts_at__lt=moment).exclude(pk=meeting.pk)
        rows = rows.exclude(status__in=[Meeting.Status.CANCELLED, Meeting.Status.POSTPONED])
        if meeting.kind == Meeting.Kind.NATIONAL:
            return rows
        shared = Meeting.objects.filter(regions__in=meeting.regions.values("pk"))
        return rows.filter(pk__in=shared.values("pk"))

    def coordinated_by(self, access: Any) -> Self:
        """Meetings this coordinator may change; the list behind meetings.rules.coordinates_meeting."""
        if access.coordinates_all:
            return self.all()
        if not access.is_coordinator:
            return self.none()
        own = Meeting.objects.filter(regions__in=access.coordinated_region_ids).exclude(kind=Meeting.Kind.NATIONAL)
        return self.filter(Q(pk__in=own.values("pk")) | Q(responsible=access.user_id))

    def with_places(self) -> Self:
        """With the regions that `Meeting.places` gives, in one further query."""
        return self.prefetch_related(places_of())

    def for_list(self) -> Self:
        """Everything a list row shows, in a fixed number of queries."""
        return self.select_related("venue", "round").with_places()


def places_of(path: str = "") -> Prefetch:
    """The regions of meetings, `path` ("meeting") leading to them, as a plain list.

    A list costs a quarter of what Django's usual prefetch takes: that one builds a queryset for every meeting.
    """
    lookup = f"{path}__regions" if path else "regions"
    return Prefetch(lookup, queryset=Region.objects.all(), to_attr="loaded_places")


class Meeting(Dated, Searchable):
    class Kind(models.TextChoices):
        REGIONAL = "regional", "regionales Vernetzungstreffen"
        NATIONAL = "national", "bundesweites Vernetzungstreffen"

    class Status(models.TextChoices):
        IDEA = "idea", "geplant"
        SAVE_THE_DATE = "save_the_date", "Termin vorgemerkt"
        INVITED = "invited", "Einladung läuft"
        REGISTRATION_CLOSED = "registration_closed", "Anmeldung geschlossen"
        HELD = "held", "durchgeführt"
        DOCUMENTED = "documented", "dokumentiert"
        CLOSED = "closed", "abgeschlossen"
        POSTPONED = "postponed", "verschoben – neuer Termin offen"
        CANCELLED = "cancelled", "abgesagt"

    class AttendanceMode(models.TextChoices):
        """schema.org EventAttendanceModeEnumeration."""

        OFFLINE = "offline", "vor Ort"
        ONLINE = "online", "online"
        MIXED = "mixed", "vor Ort und online"

    OPEN_STATUSES = (Status.IDEA, Status.SAVE_THE_DATE, Status.INVITED, Status.REGISTRATION_CLOSED, Status.POSTPONED)
    HELD_STATUSES = (Status.HELD, Status.DOCUMENTED, Status.CLOSED)

    code = models.CharField("Kennung", max_length=30, unique=True, editable=False)
    slug = models.SlugField(max_length=30, unique=True, editable=False)
    year = models.PositiveSmallIntegerField("Jahr", db_index=True)
    kind = models.CharField("Art", max_length=10, choices=Kind.choices, default=Kind.REGIONAL)
    title = models.CharField("Titel", max_length=160)
    subtitle = models.CharField("Untertitel", max_length=200, blank=True)
    description = models.TextField(
        "Worum es geht", blank=True, max_length=2000, help_text="Zwei, drei Sätze für Einladung und öffentliche Seite."
    )
    regions = models.ManyToManyField(Region, related_name="meetings", verbose_name="Regionen", blank=True)
    round = models.ForeignKey(
        MeetingRound, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name="Runde"
    )
    status = models.CharField(
        "Stand", max_length=20, choices=Status.choices, default=Status.IDEA, editable=False, db_index=True
    )
    starts_at = models.DateTimeField("Beginn", null=True, blank=True, db_index=True)
    ends_at = models.DateTimeField("Ende", null=True, blank=True)
    attendance_mode = models.CharField(
        "Form", max_length=10, choices=AttendanceMode.choices, default=AttendanceMode.OFFLINE
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name="Veranstaltungsort"
    )
    online_url = models.URLField("Zugang online", blank=True, help_text="Sehen nur Angemeldete.")
    host_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="hosted_meetings", verbose_name="Gastgeber"
    )
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="responsible_meetings",
        verbose_name="verantwortlich",
    )
    moderator = models.CharField("Moderation", max_length=120, blank=True)
    capacity = models.PositiveSmallIntegerField("Plätze", default=40)
    max_per_project = models.PositiveSmallIntegerField("Plätze je Projekt", default=2)
    confirm_seats_individually = models.BooleanField("Plätze einzeln bestätigen", default=False)
    registration_deadline = models.DateTimeField("Anmeldefrist", null=True, blank=True)
    reminder_days = models.CharField(
        "Erinnerungen (Tage vorher)",
        max_length=20,
        default=reminder_days.DEFAULT,
        validators=[reminder_days.validate],
        help_text="Ein bis drei Zahlen, zum Beispiel 28, 17. Erinnert wird, wer nicht geantwortet hat; „vielleicht“ "
        "nur mit der letzten.",
    )
    travel_cost_note = models.TextField("Reisekosten", blank=True, max_length=1500)
    accessibility_note = models.TextField("Barrierefreiheit", blank=True, max_length=1500)
    photo_planned = models.BooleanField("Fotos geplant", default=False)
    visibility = models.CharField("sichtbar für", max_length=20, choices=Visibility.choices, default=Visibility.PUBLIC)
    previous_meeting = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="following_meetings",
        verbose_name="voriges Treffen",
    )
    is_archive = models.BooleanField("Archiveintrag", default=False, editable=False)
    ics_uid = models.UUIDField("Kalenderkennung", default=uuid.uuid4, unique=True, editable=False)
    ics_sequence = models.PositiveIntegerField("SEQUENCE", default=0, editable=False)
    organizer_name = models.CharField("Absendername der Einladung", max_length=75, blank=True, editable=False)
    organizer_email = models.EmailField("Absender der Einladung", blank=True, editable=False)
    announced_at = models.DateTimeField("angekündigt am", null=True, blank=True, editable=False)
    invited_at = models.DateTimeField("eingeladen am", null=True, blank=True, editable=False)
    held_at = models.DateTimeField("Teilnahme erfasst am", null=True, blank=True, editable=False)
    documented_at = models.DateTimeField("dokumentiert am", null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField("abgesagt am", null=True, blank=True, editable=False)
    follow_up_added_at = models.DateTimeField("„Stand der Vereinbarungen“ gesetzt am", null=True, editable=False)
    holiday_override = models.CharField("Begründung trotz Feiertag", max_length=300, blank=True)
    history = HistoricalRecords(
        excluded_fields=["search_title", "search_text", "sort_key"],
        verbose_name="Verlauf des Treffens",
        verbose_name_plural="Verlauf der Treffen",
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "Treffen"
        verbose_name_plural = "Treffen"
        ordering = ["starts_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message="Das Ende muss nach dem Beginn liegen.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["idea", "postponed", "cancelled"]) | Q(starts_at__isnull=False),
                name="meeting_has_date_unless_idea",
                violation_error_message="Ein angekündigtes Treffen braucht einen Termin.",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | Q(cancelled_at__isnull=False), name="meeting_cancelled_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting", args=[self.slug])

    def title_for_search(self) -> str:
        return self.title

    def text_for_search(self) -> str:
        place = self.venue.city if self.venue else ""
        return f"{self.subtitle} {self.description} {place} {self.code}"

    @property
    def places(self) -> list[Region]:
        """The regions in their order; no query where a list has loaded them."""
        loaded: list[Region] | None = getattr(self, "loaded_places", None)
        return list(self.regions.all()) if loaded is None else loaded

    @property
    def region_names(self) -> str:
        """ "Nord", "Nord und Bayern", or "bundesweit"."""
        if self.kind == self.Kind.NATIONAL:
            return "bundesweit"
        names = [region.name for region in self.places]
        return " und ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)

    @property
    def place(self) -> str:
        """The short place: a town, or "online"."""
        if self.attendance_mode == self.AttendanceMode.ONLINE:
            return "online"
        return self.venue.city if self.venue else "Ort folgt"

    @property
    def starts_on(self) -> date | None:
        return timezone.localtime(self.starts_at).date() if self.starts_at else None

    @property
    def has_started(self) -> bool:
        return self.starts_at is not None and self.starts_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_deadline_passed(self) -> bool:
        return self.registration_deadline is not None and self.registration_deadline <= timezone.now()

    @property
    def documentation_due_on(self) -> date | None:
        """The day the documentation is due; None without a date or when cancelled."""
        if self.ends_at is None or self.status == self.Status.CANCELLED:
            return None
        return timezone.localtime(self.ends_at).date() + timedelta(days=DOCUMENTATION_DAYS)

    @property
    def public_state(self) -> tuple[str, str]:
        """Key and German words of the state the public sees (walks.md, "Public states")."""
        if self.status in (self.Status.CANCELLED, self.Status.POSTPONED):
            return str(self.status), self.get_status_display()
        if self.status in (self.Status.DOCUMENTED, self.Status.CLOSED):
            return "documented", "dokumentiert"
        if self.status == self.Status.HELD or self.is_over:
            due = self.documentation_due_on
            if self.status == self.Status.HELD and due:
                until = f" bis {due:%d.%m.%Y}" if due >= timezone.localdate() else ""  # a missed day is no promise
                return "documentation_due", f"Dokumentation in Arbeit{until}"
            return "held", "durchgeführt"
        if self.status == self.Status.INVITED:
            return "invited", "Einladung läuft"
        return "planned", "geplant"


class MeetingChange(models.Model):
    """A move, postponement, cancellation, reinstatement or correction: old → new, with the reason in the mail."""

    class Kind(models.TextChoices):
        MOVED = "moved", "verschoben"
        POSTPONED = "postponed", "verschoben, neuer Termin offen"
        CANCELLED = "cancelled", "abgesagt"
        REINSTATED = "reinstated", "findet doch statt"
        CORRECTED = "corrected", "Titel oder Form geändert"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="changes", verbose_name="Treffen")
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    reason = models.CharField("Grund", max_length=500, blank=True)
    old_title = models.CharField("alter Titel", max_length=160, blank=True)
    new_title = models.CharField("neuer Titel", max_length=160, blank=True)
    old_starts_at = models.DateTimeField("alter Beginn", null=True, blank=True)
    old_ends_at = models.DateTimeField("altes Ende", null=True, blank=True)
    old_place = models.CharField("alter Ort", max_length=300, blank=True)
    new_starts_at = models.DateTimeField("neuer Beginn", null=True, blank=True)
    new_ends_at = models.DateTimeField("neues Ende", null=True, blank=True)
    new_place = models.CharField("neuer Ort", max_length=300, blank=True)
    answers_reset = models.BooleanField("Antworten neu bestätigen", default=False)
    sequence = models.PositiveIntegerField("SEQUENCE")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="von"
    )
    made_at = models.DateTimeField("am", default=timezone.now)

    class Meta:
        verbose_name = "Terminänderung"
        verbose_name_plural = "Terminänderungen"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.meeting.code}: {self.get_kind_display()}"
