"""Figures of the network for the public and for the funders; each with a definition in one sentence.

Figures about people are withheld below five (None), so that nobody is recognised in them. Meetings, texts,
Träger and projects stand in public lists anyway and are always counted.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.safestring import SafeString

from documentation.models import MeetingDocumentation
from meetings.models import Attendance, Invitation, Meeting
from mobipro import charts
from practices.models import GoodPractice
from regions.models import OccupationalField, Organisation, ParticipantFigure, Project, Region, SourceCountry

LEAST = 5


@dataclass(frozen=True)
class Figure:
    """One figure with what it counts; `value` None is withheld."""

    label: str
    value: int | None
    definition: str


@dataclass(frozen=True)
class Reached:
    """Projects with somebody at a meeting of the year, of all active projects."""

    reached: int
    total: int

    @property
    def shown(self) -> int | None:
        """For the public: None while so few were reached that one could name them."""
        return withheld(self.reached) or None


@dataclass(frozen=True)
class Apprentices:
    """Newest figures of the projects, summed, with how far they reach and how old they are."""

    in_training: int | None
    in_preparation: int | None
    reports: int
    projects: int
    oldest: date | None


def withheld(value: int) -> int | None:
    """The figure, or None for one to four."""
    return None if 0 < value < LEAST else value


def years() -> list[int]:
    """Years with announced meetings, newest first; always this year."""
    held = Meeting.objects.public().values_list("year", flat=True).distinct()
    return sorted({*held, timezone.localdate().year}, reverse=True)


def projects_reached(year: int) -> Reached:
    attended = Attendance.objects.present().filter(meeting__year=year, invitation__project__isnull=False)
    active = Project.objects.active()
    reached = active.filter(pk__in=attended.values("invitation__project")).count()
    return Reached(reached, active.count())


def of_year(year: int) -> list[Figure]:
    """The year's figures in the order of the page."""
    meetings = (
        Meeting.objects.public()
        .in_year(year)
        .aggregate(
            held=Count("pk", filter=Q(status__in=Meeting.HELD_STATUSES), distinct=True),
            planned=Count("pk", filter=Q(status__in=Meeting.OPEN_STATUSES), distinct=True),
            cancelled=Count("pk", filter=Q(status=Meeting.Status.CANCELLED), distinct=True),
            moved=Count("pk", filter=Q(changes__isnull=False), distinct=True),
        )
    )
    people = (
        Invitation.objects.active()
        .filter(meeting__year=year)
        .aggregate(invited=Count("pk"), accepted=Count("pk", filter=Q(partstat="accepted")))
    )
    attended = Attendance.objects.present().filter(meeting__year=year).count()
    reached = projects_reached(year)
    documented = MeetingDocumentation.objects.published().filter(meeting__year=year).count()
    examples = GoodPractice.objects.public().filter(published_at__year=year).count()
    return [
        Figure("Treffen durchgeführt", meetings["held"], "Angekündigte Treffen des Jahres, die stattgefunden haben."),
        Figure("Treffen geplant", meetings["planned"], "Angekündigte Treffen des Jahres, die noch bevorstehen."),
        Figure("Treffen verschoben", meetings["moved"], "Treffen des Jahres, deren Termin oder Ort geändert wurde."),
        Figure("Treffen abgesagt", meetings["cancelled"], "Treffen des Jahres, die ausgefallen sind."),
        Figure("Personen eingeladen", withheld(people["invited"]), "Persönliche Einladungen zu Treffen des Jahres."),
        Figure("Zusagen", withheld(people["accepted"]), "Einladungen des Jahres, die zugesagt wurden."),
        Figure("Teilnahmen", withheld(attended), "Personen, die bei Treffen des Jahres anwesend waren."),
        Figure(
            "Projekte erreicht",
            reached.reached,
            f"Projekte mit mindestens einer anwesenden Person, von {reached.total} laufenden oder geplanten Projekten.",
        ),
        Figure("Dokumentationen", documented, "Veröffentlichte Dokumentationen zu Treffen des Jahres."),
        Figure("Gute-Praxis-Beispiele", examples, "Beispiele, die im Jahr veröffentlicht wurden."),
    ]


def by_region(year: int) -> list[tuple[Region, int, int, int]]:
    """Each region with its held regional meetings, its Träger and its projects."""
    held = Q(
        meetings__year=year,
        meetings__kind=Meeting.Kind.REGIONAL,
        meetings__status__in=Meeting.HELD_STATUSES,
        meetings__announced_at__isnull=False,
    )
    is_shown = Q(projects__organisations__is_active=True, projects__organisations__kind=Organisation.Kind.TRAEGER)
    rows = (
        Region.objects.active()
        .annotate(
            held=Count("meetings", filter=held, distinct=True),
            traeger=Count("projects__organisations", filter=is_shown, distinct=True),
            project_count=Count("projects", filter=Q(projects__status__in=["planned", "running"]), distinct=True),
        )
        .order_by("number")
    )
    return [(row, row.held, row.traeger, row.project_count) for row in rows]


def by_occupational_field() -> SafeString:
    """A chart: active projects by occupational field."""
    active = Q(projects__in=Project.objects.active())
    rows = OccupationalField.objects.annotate(number=Count("projects", filter=active, distinct=True))
    shown = [(row.name, row.number) for row in rows if row.number]
    return charts.bar_chart(shown, "Projekte nach Berufsfeld", "Projekte")


def by_source_country() -> SafeString:
    """A chart: active projects by source country, the most frequent first."""
    active = Q(projects__in=Project.objects.active())
    rows = SourceCountry.objects.annotate(number=Count("projects", filter=active, distinct=True)).filter(number__gt=0)
    shown = [(row.name, row.number) for row in rows.order_by("-number", "sort_key")]
    return charts.bar_chart(shown, "Projekte nach Herkunftsland", "Projekte")


def apprentices() -> Apprentices:
    """Young people in the active projects, by each project's newest report."""
    newest = ParticipantFigure.objects.filter(project=OuterRef("project")).order_by("-as_of").values("pk")[:1]
    rows = ParticipantFigure.objects.filter(project__in=Project.objects.active(), pk=Subquery(newest))
    training = preparation = reports = 0
    oldest: date | None = None
    for row in rows:
        reports += 1
        training += row.in_training
        preparation += row.in_preparation + row.in_internship
        oldest = min(oldest or row.as_of, row.as_of)
    return Apprentices(withheld(training), withheld(preparation), reports, Project.objects.active().count(), oldest)
