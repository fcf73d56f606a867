"""The page "Vorbereitung": all meetings of a year and their milestones, with a light for each; and the templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from meetings import milestones
from meetings.admin.boxes import _meetings as meetings_in_scope
from meetings.admin.frame import numbers
from meetings.milestones import Light, Seen
from meetings.models import Meeting, Milestone, PlanningTask, TaskTemplate
from meetings.planning import FIRST_YEAR, LAST_YEAR
from mobipro import spreadsheet
from mobipro.admin import PortalAdmin, register_link, register_page
from mobipro.admin.registry import SCOPES
from mobipro.templatetags.portal import day, stamp

ORDERS: Final = {"faellig": "nächste Aufgabe", "termin": "Termin", "region": "Region"}
LATEST: Final = date.max


@admin.register(TaskTemplate)
class TaskTemplateAdmin(PortalAdmin):
    list_display = ["title", "kind", "offset_days", "role", "auto_done_by", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["title"]
    fields = ["kind", "key", "title", "offset_days", "role", "auto_done_by", "position", "is_active"]


@dataclass(frozen=True)
class Line:
    """One meeting: a cell for each milestone (None where it has no such task), the other tasks, what comes next."""

    meeting: Meeting
    cells: list[Seen | None]
    others: list[Seen]
    summary: dict[str, Any]

    @property
    def next_due(self) -> date:
        following = self.summary["next"]
        return following.task.due_on if following else LATEST

    @property
    def pressing(self) -> list[Seen]:
        """What a phone shows: what is overdue and what is due soon."""
        rows = [row for row in [*self.cells, *self.others] if row and row.light in (Light.OVERDUE, Light.SOON)]
        return sorted(rows, key=lambda row: row.task.due_on)


def lines_of(meetings: list[Meeting]) -> tuple[list[Milestone], list[Line]]:
    """The milestones that occur, and a line for each meeting; seven queries for any number of meetings."""
    facts, today = milestones.facts_of(meetings), timezone.localdate()
    seen: dict[int, list[Seen]] = {meeting.pk: [] for meeting in meetings}
    by_pk = {meeting.pk: meeting for meeting in meetings}
    for task in PlanningTask.objects.filter(meeting__in=by_pk).select_related("assignee"):
        seen[task.meeting_id].append(milestones.see(task, by_pk[task.meeting_id], facts[task.meeting_id], today))
    present = {row.task.milestone for rows in seen.values() for row in rows}
    columns = [milestone for milestone in Milestone if milestone.value in present]
    lines = []
    for meeting in meetings:
        own = {row.task.milestone: row for row in seen[meeting.pk] if row.task.milestone}
        others = [row for row in seen[meeting.pk] if not row.task.milestone]
        cells = [own.get(column) for column in columns]
        lines.append(Line(meeting, cells, others, milestones.summary(seen[meeting.pk])))
    return columns, lines


def _sorted(lines: list[Line], order: str) -> list[Line]:
    keys: dict[str, Callable[[Line], Any]] = {
        "faellig": lambda line: (line.next_due, line.meeting.code),
        "termin": lambda line: (line.meeting.starts_on or LATEST, line.meeting.code),
        "region": lambda line: (line.meeting.region_names, line.meeting.starts_on or LATEST),
    }
    return sorted(lines, key=keys[order])


@require_safe
def preparation(request: HttpRequest) -> HttpResponse:
    """Everything at a glance; `?format=xlsx` gives the same rows as a table."""
    this_year = timezone.localdate().year
    wanted = numbers([request.GET.get("jahr", "")]) & set(range(FIRST_YEAR, LAST_YEAR + 1))
    year = next(iter(wanted), this_year)
    scope = request.GET.get("bereich", "")
    scope = scope if scope in SCOPES else "meine"
    order = request.GET.get("sortierung", "")
    order = order if order in ORDERS else "faellig"
    rows = meetings_in_scope(request, scope).visible_to(request.user).in_year(year)
    columns, lines = lines_of(list(rows.exclude(status=Meeting.Status.CANCELLED).exclude(is_archive=True).for_list()))
    lines = _sorted(lines, order)
    if request.GET.get("format") == "xlsx":
        return _export(year, scope, columns, lines)
    context = {
        **admin.site.each_context(request),
        "opts": Meeting._meta,
        "title": f"Vorbereitung {year}",
        "columns": columns,
        "lines": lines,
        "year": year,
        "years": sorted({this_year - 1, this_year, this_year + 1, year}),
        "scope": scope,
        "scopes": SCOPES.items(),
        "order": order,
        "orders": ORDERS.items(),
        "lights": Light,
    }
    return render(request, "admin/meetings/preparation.html", context)


def in_words(row: Seen | None) -> str:
    """A cell as text: "überfällig seit 12.03.2027", "erledigt am 02.03.2027", or nothing."""
    if row is None:
        return ""
    if row.light == Light.DONE:
        return f"erledigt am {timezone.localtime(row.done_at):%d.%m.%Y}" if row.done_at else "erledigt"
    if not row.is_open:
        return row.word
    word = "seit" if row.light == Light.OVERDUE else "bis"
    return f"{row.word}{',' if word == 'bis' else ''} {word} {row.task.due_on:%d.%m.%Y}"


def _export(year: int, scope: str, columns: list[Milestone], lines: list[Line]) -> HttpResponse:
    head = ["Treffen", "Titel", "Region", "Termin", "Erledigt", "Aufgaben", "Nächste Aufgabe", "Fällig am"]
    table = []
    for line in lines:
        following = line.summary["next"]
        table.append(
            [
                line.meeting.code,
                line.meeting.title,
                line.meeting.region_names,
                day(line.meeting.starts_at) or "offen",
                line.summary["done"],
                line.summary["all"],
                following.task.title if following else "",
                f"{following.task.due_on:%d.%m.%Y}" if following else "",
                *[in_words(cell) for cell in line.cells],
            ]
        )
    about = [f"Vorbereitung {year}, {SCOPES[scope]}", f"Stand {stamp(timezone.now())}"]
    sheet = spreadsheet.Sheet("Vorbereitung", [*head, *[str(column.label) for column in columns]], table)
    response = HttpResponse(spreadsheet.build(about, [sheet]), content_type=spreadsheet.CONTENT_TYPE)
    name = f"vorbereitung-{year}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


register_page("vorbereitung/", preparation, "meetings_preparation")
register_link("Treffen", "Vorbereitung", "admin:meetings_preparation")
