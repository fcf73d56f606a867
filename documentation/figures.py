"""Figures of the network for the public and for the funders; each with a definition in one sentence.

The public's figures about people, projects and Träger that came are withheld below five (None), so that nobody is
recognised in them; the funders' are exact. Meetings, texts, Träger and projects stand in public lists anyway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from documentation.figure_scope import Scope
from documentation.models import MeetingDocumentation
from meetings.models import Meeting
from regions.models import (
    FederalState,
    FigureRow,
    OccupationalField,
    Organisation,
    ParticipantFigure,
    Project,
    Region,
    SourceCountry,
)

LEAST = 5


@dataclass(frozen=True)
class Figure:
    """One figure with what it counts; `value` None is withheld, `share` says of how many it is."""

    label: str
    value: int | None
    definition: str
    share: str = ""

    @property
    def written(self) -> str:
        return "unter 5" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Group:
    """Figures that belong together, under one heading."""

    title: str
    figures: list[Figure]


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
class RegionRow:
    """What one region held and has."""

    region: Region
    held: int
    planned: int
    traeger: int
    projects: int
    documentations: int
    practices: int


@dataclass(frozen=True)
class Apprentices:
    """Newest figures of the projects, summed, with how far they reach and how old they are."""

    in_training: int | None
    in_preparation: int | None
    reports: int
    projects: int
    oldest: date | None

    @property
    def coverage(self) -> str:
        return coverage_of(self.reports, self.projects, self.oldest)


def coverage_of(reports: int, projects: int, oldest: date | None) -> str:
    """Stands beside every sum of participants: how many reported, and how old the oldest report is."""
    if oldest is None:
        return "Noch liegen keine Meldungen der Projekte vor."
    return f"Meldungen von {reports} der {projects} Projekte, älteste vom {oldest:%d.%m.%Y}."


def withheld(value: int) -> int | None:
    """The figure, or None for one to four."""
    return None if 0 < value < LEAST else value


def years() -> list[int]:
    """Years with announced meetings, newest first; always this year."""
    held = Meeting.objects.public().values_list("year", flat=True).distinct()
    return sorted({*held, timezone.localdate().year}, reverse=True)


def projects_reached(year: int) -> Reached:
    reached, total = _projects(Scope(year=year))
    return Reached(reached, total)


def _projects(scope: Scope) -> tuple[int, int]:
    """Projects that came, of all in the selection."""
    came = scope.attendances().filter(invitation__project__isnull=False).values("invitation__project")
    found = scope.projects().aggregate(
        reached=Count("pk", filter=Q(pk__in=came), distinct=True), total=Count("pk", distinct=True)
    )
    return found["reached"], found["total"]


def _traeger(scope: Scope) -> tuple[int, int]:
    """Träger of these projects of whom somebody came, of all of them."""
    came = scope.attendances().values("invitation__contact__organisation")
    shown = Organisation.objects.active().traeger().filter(projects__in=scope.projects())
    found = shown.aggregate(reached=Count("pk", filter=Q(pk__in=came), distinct=True), total=Count("pk", distinct=True))
    return found["reached"], found["total"]


def _share(label: str, counts: tuple[int, int], of: str, definition: str, shown: Callable[[int], int | None]) -> Figure:
    reached, total = counts
    value = shown(reached)
    share = f"von {total} {of}, {round(100 * reached / total)} %" if total and value is not None else ""
    return Figure(label, value, definition, share)


def of_scope(scope: Scope, *, exact: bool = False) -> list[Group]:
    """The figures of a selection in the order of the page; `exact` for those who may see small numbers."""

    def shown(value: int) -> int | None:
        return value if exact else withheld(value)

    invited = scope.invitations().aggregate(all=Count("pk"), accepted=Count("pk", filter=Q(partstat="accepted")))
    attended = scope.attendances().count()
    return [
        Group("Treffen", _meetings(scope)),
        Group(
            "Menschen und Projekte",
            [
                Figure("Eingeladen", shown(invited["all"]), "Persönliche Einladungen zu diesen Treffen."),
                Figure("Zugesagt", shown(invited["accepted"]), "Einladungen, die mit einer Zusage beantwortet sind."),
                Figure("Teilgenommen", shown(attended), "Personen, die bei diesen Treffen anwesend waren."),
                _share(
                    "Projekte erreicht",
                    _projects(scope),
                    "Projekten",
                    "Laufende oder geplante Projekte, aus denen mindestens eine Person anwesend war.",
                    shown,
                ),
                _share(
                    "Träger erreicht",
                    _traeger(scope),
                    "Trägern",
                    "Träger dieser Projekte, von denen mindestens eine Person anwesend war.",
                    shown,
                ),
            ],
        ),
        Group(
            "Ergebnisse",
            [
                Figure(
                    "Dokumentationen",
                    MeetingDocumentation.objects.published().filter(meeting__in=scope.meetings()).count(),
                    "Veröffentlichte Dokumentationen dieser Treffen.",
                ),
                Figure(
                    "Gute-Praxis-Beispiele",
                    scope.practices().count(),
                    "Beispiele, die im Zeitraum veröffentlicht wurden.",
                ),
            ],
        ),
    ]


def _meetings(scope: Scope) -> list[Figure]:
    counted = scope.meetings().aggregate(
        planned=Count("pk", filter=Q(status__in=Meeting.OPEN_STATUSES), distinct=True),
        held=Count("pk", filter=Q(status__in=Meeting.HELD_STATUSES), distinct=True),
        moved=Count("pk", filter=Q(changes__kind="moved"), distinct=True),
        cancelled=Count("pk", filter=Q(status=Meeting.Status.CANCELLED), distinct=True),
    )
    return [
        Figure("Treffen geplant", counted["planned"], "Angekündigte Treffen, die noch bevorstehen."),
        Figure("Treffen durchgeführt", counted["held"], "Angekündigte Treffen, die stattgefunden haben."),
        Figure("Treffen verschoben", counted["moved"], "Angekündigte Treffen, deren Termin oder Ort sich änderte."),
        Figure("Treffen abgesagt", counted["cancelled"], "Angekündigte Treffen, die ausgefallen sind."),
    ]


def _per_region(rows: QuerySet, path: str) -> dict[Any, int]:
    return dict(rows.order_by().values_list(path).annotate(number=Count("pk", distinct=True)))


def by_region(scope: Scope) -> list[RegionRow]:
    """Each region of the selection with its own meetings, its Träger, projects and results; six queries."""
    regional = scope.meetings().filter(kind=Meeting.Kind.REGIONAL)
    held = _per_region(regional.filter(status__in=Meeting.HELD_STATUSES), "regions")
    planned = _per_region(regional.filter(status__in=Meeting.OPEN_STATUSES), "regions")
    projects = _per_region(scope.projects(), "region")
    documented = MeetingDocumentation.objects.published().filter(meeting__in=regional)
    documentations = _per_region(documented, "meeting__regions")
    practices = _per_region(scope.practices(), "region")
    shown = Q(
        projects__in=scope.projects(),
        projects__organisations__is_active=True,
        projects__organisations__kind=Organisation.Kind.TRAEGER,
    )
    rows = Region.objects.active().annotate(traeger=Count("projects__organisations", filter=shown, distinct=True))
    if scope.region:
        rows = rows.filter(pk=scope.region.pk)
    return [
        RegionRow(
            row,
            held.get(row.pk, 0),
            planned.get(row.pk, 0),
            row.traeger,
            projects.get(row.pk, 0),
            documentations.get(row.pk, 0),
            practices.get(row.pk, 0),
        )
        for row in rows.order_by("number")
    ]


def _counted(model: Any, path: str, scope: Scope, order: list[str]) -> list[tuple[str, int]]:
    active = Q(**{f"{path}__in": scope.projects()})
    rows = model.objects.annotate(number=Count(path, filter=active, distinct=True)).filter(number__gt=0)
    return [(row.name, row.number) for row in rows.order_by(*order)]


def by_occupational_field(scope: Scope) -> list[tuple[str, int]]:
    """Active projects by occupational field, the most frequent first."""
    return _counted(OccupationalField, "projects", scope, ["-number", "name"])


def by_source_country(scope: Scope) -> list[tuple[str, int]]:
    return _counted(SourceCountry, "projects", scope, ["-number", "sort_key"])


def by_state(scope: Scope) -> list[tuple[str, int]]:
    """Active projects by the Länder of their locations, in the order of the alphabet."""
    return _counted(FederalState, "project_locations__project", scope, ["sort_key"])


def _newest_reports(projects: QuerySet) -> QuerySet[ParticipantFigure]:
    newest = ParticipantFigure.objects.filter(project=OuterRef("project")).order_by("-as_of").values("pk")[:1]
    return ParticipantFigure.objects.filter(project__in=projects, pk=Subquery(newest))


def apprentices_divided(scope: Scope, by: str, *, exact: bool = False) -> tuple[list[tuple[str, int | None]], str]:
    """Young people by `source_country` or `occupational_field`, the most first, and how far these sums reach.

    Only some projects divide their figures: the coverage counts those.
    """
    projects = scope.projects()
    rows = FigureRow.objects.filter(figure__in=_newest_reports(projects), **{f"{by}__isnull": False})
    sums = rows.values_list(f"{by}__name").annotate(number=Sum("number")).order_by("-number", f"{by}__name")
    given = rows.order_by().aggregate(reports=Count("figure", distinct=True), oldest=Min("figure__as_of"))
    shown = [(name, number if exact else withheld(number)) for name, number in sums]
    return shown, coverage_of(given["reports"], projects.count(), given["oldest"])


def apprentices(scope: Scope | None = None, *, exact: bool = False) -> Apprentices:
    """Young people in the active projects, by each project's newest report."""
    projects = (scope or Scope()).projects()
    rows = _newest_reports(projects)
    training = preparation = reports = 0
    oldest: date | None = None
    for row in rows:
        reports += 1
        training += row.in_training
        preparation += row.in_preparation + row.in_internship
        oldest = min(oldest or row.as_of, row.as_of)
    shown = (training, preparation) if exact else (withheld(training), withheld(preparation))
    return Apprentices(*shown, reports, projects.count(), oldest)


@dataclass(frozen=True)
class ProjectRow:
    """One project as the funders read it: how many of its people, never who."""

    project: Project
    invited: int
    accepted: int
    attended: int
    practices: int
    in_training: int | None


def by_project(scope: Scope) -> list[tuple[Region, list[ProjectRow]]]:
    """The funders' rows: each region opened down to its projects; never a person."""
    invited = scope.invitations().filter(project__isnull=False)
    counts = {
        "invited": _per_region(invited, "project"),
        "accepted": _per_region(invited.filter(partstat="accepted"), "project"),
        "attended": _per_region(scope.attendances(), "invitation__project"),
        "practices": _per_region(scope.practices(), "project"),
    }
    newest = ParticipantFigure.objects.filter(project=OuterRef("pk")).order_by("-as_of").values("in_training")[:1]
    projects = (
        Project.objects.filter(pk__in=scope.projects().values("pk"))
        .annotate(in_training=Subquery(newest))
        .select_related("region")
        .prefetch_related("project_organisations__organisation")
        .order_by("region__number", "sort_key")
    )
    found: dict[Region, list[ProjectRow]] = {}
    for project in projects:
        numbers = {name: rows.get(project.pk, 0) for name, rows in counts.items()}
        found.setdefault(project.region, []).append(ProjectRow(project, in_training=project.in_training, **numbers))
    return list(found.items())
