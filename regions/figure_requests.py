"""Job: ask each project for its participant figures by personal link, take the report, remind the silent once."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from regions import emails
from regions.models import ContactAssignment, FigureRequest, FigureRow, FormReceipt, ParticipantFigure, Project
from regions.reachability import Reached, speaker_of
from regions.visibility import access_of

LINK_PURPOSE = emails.FIGURES_PURPOSE
REMIND_AFTER = timedelta(days=14)
ANSWER_DAYS = 28  # the default time to answer
NUMBERS = ("in_preparation", "in_internship", "in_training", "completed", "dropped_out")
FIRST_YEAR = 2013


class FigureRequestError(Exception):
    """The step is not possible; the German text says what to do."""


@dataclass(frozen=True)
class Standing:
    """One project in one half-year: whom to ask, what it reported last, whether it was asked and has answered."""

    project: Project
    speaker: Reached | None
    request: FigureRequest | None
    last: ParticipantFigure | None

    @property
    def state(self) -> str:
        request = self.request
        if request is None:
            return "noch nicht gefragt" if self.speaker else "niemand erreichbar"
        if request.answered_at:
            return "unverändert gemeldet" if request.is_unchanged else "gemeldet"
        return "überfällig" if request.is_overdue else "erinnert" if request.reminded_at else "gefragt"

    @property
    def can_be_asked(self) -> bool:
        return self.request is None and self.speaker is not None


def half_of(day: date) -> tuple[int, int]:
    """(year, half) that a day lies in."""
    return day.year, 1 if day.month <= 6 else 2


def last_day_of(year: int, half: int) -> date:
    return date(year, 6, 30) if half == 1 else date(year, 12, 31)


def standings(user: Any, year: int, half: int) -> list[Standing]:
    """The active projects of the person's regions; four queries, whatever their number."""
    access = access_of(user)
    projects = Project.objects.active().select_related("region").order_by("region__number", "sort_key")
    if not (access.coordinates_all or access.is_administrator):
        projects = projects.filter(region__in=access.coordinated_region_ids)
    rows = list(projects)
    speakers = _speakers(rows)
    found = FigureRequest.objects.of_half(year, half).filter(project__in=rows).select_related("contact", "figure")
    requests = {row.project_id: row for row in found}
    newest: dict[int, ParticipantFigure] = {}
    for figure in ParticipantFigure.objects.filter(project__in=rows).order_by("as_of"):
        newest[figure.project_id] = figure
    return [Standing(row, speakers.get(row.pk), requests.get(row.pk), newest.get(row.pk)) for row in rows]


def _speakers(projects: Iterable[Project]) -> dict[int, Reached]:
    grouped: dict[int, list[ContactAssignment]] = {}
    rows = ContactAssignment.objects.valid().filter(project__in=projects)
    for row in rows.select_related("contact", "contact__successor").order_by("-is_primary", "is_deputy", "pk"):
        if row.project_id is not None:
            grouped.setdefault(row.project_id, []).append(row)
    reached = {pk: speaker_of(assignments) for pk, assignments in grouped.items()}
    return {pk: speaker for pk, speaker in reached.items() if speaker is not None}


@transaction.atomic
def ask(
    *,
    project_ids: Iterable[int],
    year: int,
    half: int,
    as_of: date,
    due_on: date,
    by: Any,
    form_id: "uuid.UUID | str | None" = None,
) -> list[FigureRequest]:
    """One mail with a personal link to each of these projects that was not asked for this half-year yet.

    Projects of other regions than those that `by` coordinates are left out. Raises FigureRequestError when nobody
    is left to ask or the days are wrong, AlreadyReceived for a form sent twice.
    """
    if form_id is not None:
        FormReceipt.take(form_id, purpose="ask_for_figures", user=by)
    if due_on <= timezone.localdate():
        raise FigureRequestError("Wählen Sie als Frist einen Tag, der noch kommt.")
    if as_of > due_on:
        raise FigureRequestError("Der Stichtag liegt nach der Frist. Wählen Sie einen früheren Stichtag.")
    wanted, access = set(project_ids), access_of(by)
    asked = []
    for row in standings(by, year, half):
        if row.project.pk not in wanted or not row.can_be_asked or not access.coordinates(row.project.region_id):
            continue
        assert row.speaker is not None  # noqa: S101 - can_be_asked says so
        request, is_new = FigureRequest.objects.get_or_create(
            project=row.project,
            year=year,
            half=half,
            defaults={
                "as_of": as_of,
                "due_on": due_on,
                "contact": row.speaker.contact,
                "email": row.speaker.contact.email,
                "reason": row.speaker.reason[:300],
                "asked_by": by,
            },
        )
        if is_new:
            emails.figure_request(request)
            asked.append(request)
    if not asked:
        raise FigureRequestError("Wählen Sie mindestens ein Projekt aus, das noch nicht gefragt ist.")
    return asked


def remind_due(*, now: datetime | None = None) -> int:
    """One reminder to those who were asked two weeks ago and are silent; called by the timetable at any time."""
    now = now or timezone.now()
    due = FigureRequest.objects.silent().filter(
        reminded_at=None, asked_at__lte=now - REMIND_AFTER, due_on__gte=timezone.localdate(now)
    )
    return sum(_remind(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: int, now: datetime) -> bool:
    """To whoever speaks for the project today; nobody when the project ended or nobody can be reached."""
    request = FigureRequest.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk)
    if request.answered_at or request.reminded_at or request.project.status not in _ACTIVE:
        return False
    speaker = _speakers([request.project]).get(request.project_id)
    if speaker is None:
        return False
    if speaker.contact.pk != request.contact_id:
        # Another person gets another link; the old one may be read by nobody.
        request.contact, request.email, request.reason = speaker.contact, speaker.contact.email, speaker.reason[:300]
        request.link_version += 1
    request.reminded_at = now
    request.save()
    emails.figure_request(request, is_reminder=True)
    return True


_ACTIVE = (Project.Status.PLANNED, Project.Status.RUNNING)


# --- the answer ----------------------------------------------------------------------------------
def last_report(request: FigureRequest) -> ParticipantFigure | None:
    """What the project reported before this half-year's day; the page is filled with it."""
    rows = ParticipantFigure.objects.filter(project=request.project_id, as_of__lt=request.as_of)
    return rows.prefetch_related("rows__source_country", "rows__occupational_field").first()


@transaction.atomic
def report(
    *,
    request: FigureRequest,
    numbers: Mapping[str, int],
    countries: Mapping[int, int],
    fields: Mapping[int, int],
    form_id: "uuid.UUID | str | None" = None,
    is_unchanged: bool = False,
) -> ParticipantFigure:
    """Take the figures of the request's day; a second report corrects the first. Nought is no row.

    Raises FigureRequestError when the rows do not add up, AlreadyReceived for a form sent twice.
    """
    locked = FigureRequest.objects.select_for_update().get(pk=request.pk)
    if form_id is not None:
        FormReceipt.take(form_id, purpose="report_figures")
    if locked.is_link_expired:
        raise FigureRequestError(
            f"Melden war bis {locked.link_ends_on:%d.%m.%Y} möglich. Schreiben Sie der Koordination."
        )
    figure = locked.figure or ParticipantFigure.objects.filter(project=locked.project_id, as_of=locked.as_of).first()
    figure = figure or ParticipantFigure(project_id=locked.project_id, as_of=locked.as_of)
    for name in NUMBERS:
        setattr(figure, name, numbers[name])
    figure.source = ParticipantFigure.Source.PROJECT
    for rows in (countries, fields):
        if any(rows.values()) and sum(rows.values()) != figure.total:
            raise FigureRequestError(
                f"Die Aufteilung ergibt {sum(rows.values())}, im Projekt sind aber {figure.total} junge Menschen."
            )
    figure.save()
    figure.rows.all().delete()
    for pk, number in countries.items():
        if number:
            FigureRow(figure=figure, source_country_id=pk, number=number).save()
    for pk, number in fields.items():
        if number:
            FigureRow(figure=figure, occupational_field_id=pk, number=number).save()
    locked.figure, locked.answered_at, locked.is_unchanged = figure, timezone.now(), is_unchanged
    locked.save()
    return figure


@transaction.atomic
def report_unchanged(*, request: FigureRequest, form_id: "uuid.UUID | str | None" = None) -> ParticipantFigure:
    """One click: the last report holds for this day too. Raises FigureRequestError when there is none."""
    last = last_report(request)
    if last is None:
        raise FigureRequestError("Es gibt noch keine frühere Meldung. Tragen Sie die Zahlen ein.")
    rows = list(last.rows.all())
    return report(
        request=request,
        numbers={name: getattr(last, name) for name in NUMBERS},
        countries={row.source_country_id: row.number for row in rows if row.source_country_id},
        fields={row.occupational_field_id: row.number for row in rows if row.occupational_field_id},
        form_id=form_id,
        is_unchanged=True,
    )
