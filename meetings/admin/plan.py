"""The Jahresplan: the year by month, the board of regions and weeks, conflicts, the agreement with BMAS and ZAV."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from meetings import approval, ical, plan_facts, planning, proposing, year_weeks
from meetings.admin.frame import actor
from meetings.admin.plan_forms import ApprovalForm
from meetings.models import Meeting, MeetingSeries
from mobipro import charts, spreadsheet
from mobipro.admin import register_link
from mobipro.templatetags.portal import day, hours, month_name, stamp
from regions.models import FormReceipt, Region
from regions.visibility import access_of

register_link("Jahresplan", "Jahresplan", "admin:meetings_year_plan_now")
HEAD = ("Termin", "Uhrzeit", "KW", "Region", "Runde", "Titel", "Ort", "Gastgeber", "Stand", "Kennung")


def this_year(request: HttpRequest) -> HttpResponse:
    return redirect("admin:meetings_year_plan", timezone.localdate().year)


def year_plan(request: HttpRequest, year: int) -> HttpResponse:
    """One year; POST opens it (Gesamtkoordination). `?format=xlsx` and `?format=ics` give it as a file."""
    if not planning.FIRST_YEAR <= year <= planning.LAST_YEAR:
        raise Http404
    if request.method == "POST":
        try:
            planning.open_year(year=year, by=actor(request))
        except planning.PlanningError as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"Das Jahr {year} ist geöffnet.")
        return redirect("admin:meetings_year_plan", year)
    if request.GET.get("format") in ("xlsx", "ics"):
        return _file(year, request.GET["format"])
    return board(request, year)


def board(request: HttpRequest, year: int, form: ApprovalForm | None = None) -> HttpResponse:
    """The page; `form` is the approval that comes back with errors."""
    lanes = planning.year_board(year)
    series = MeetingSeries.objects.filter(year=year).prefetch_related("agreements__made_by").first()
    weeks = year_weeks.weeks_of(year)
    facts = plan_facts.gather(series) if series else None
    known = list(facts.problem.lanes) if facts else _known(year)
    rows = year_weeks.lanes_in_weeks(lanes, known, weeks)
    missing = dict.fromkeys(name for lane in known for name in lane.unknown)
    meetings = _dated(lanes)
    context = {
        **admin.site.each_context(request),
        "opts": Meeting._meta,
        "title": f"Jahresplan {year}",
        "year": year,
        "series": series,
        "lanes": [(row, _may_add(request, row.lane)) for row in rows],
        "head": year_weeks.months_of(weeks),
        "weeks": weeks,
        "months": _by_month(meetings, year),
        "undated": [row for lane in lanes for row in lane.undated],
        "ribbon": ribbon(year, lanes),
        "conflicts": year_weeks.conflicts(series, facts) if series and facts else [],
        "missing": list(missing),
        "run": proposing.newest_run(series) if series else None,
        "agreements": approval.newest(series) if series else [],
        "form": form or ApprovalForm(),
        "errors": bool(form and form.errors),
        "form_id": request.POST.get("form_id") or FormReceipt.new_id(),
        "may_plan": request.user.has_perm("meetings.plan_year"),
    }
    return render(request, "admin/meetings/year_plan.html", context)


def _known(year: int) -> list[Any]:
    regions = list(Region.objects.active().with_states())
    return plan_facts.lanes_of_year(year, regions, plan_facts.coordinators_of(regions))


def _dated(lanes: list[planning.Lane]) -> list[Meeting]:
    """Every meeting with a date once, in order of time."""
    found = {row.pk: row for lane in lanes for cell in lane.cells for row in cell.meetings}
    return sorted(found.values(), key=lambda row: (row.starts_at, row.code))


def _by_month(meetings: list[Meeting], year: int) -> list[tuple[str, list[Meeting]]]:
    """The twelve months; a meeting that was moved beyond the year stands in a month of its own at the end."""
    days = [(row, row.starts_on) for row in meetings if row.starts_on]
    months = [(year, month) for month in range(1, 13)]
    months += sorted({(day.year, day.month) for _, day in days if day.year != year})
    return [
        (
            month_name(month) if of == year else f"{month_name(month)} {of}",
            [row for row, day in days if (day.year, day.month) == (of, month)],
        )
        for of, month in months
    ]


def _may_add(request: HttpRequest, lane: planning.Lane) -> bool:
    """Own regions; the national meeting is the Gesamtkoordination's."""
    access = access_of(request.user)
    return access.coordinates(lane.region.pk) if lane.region else access.coordinates_all


def ribbon(year: int, lanes: list[planning.Lane]) -> Any:
    """ "Das Netzwerkjahr" as a picture; every mark leads to its meeting."""
    marks = [
        charts.Mark(
            lane.region.number if lane.region else None,
            row.starts_on,
            row.status,
            row.title,
            reverse("admin:meetings_meeting_change", args=[row.pk]),
        )
        for lane in lanes
        for cell in lane.cells
        for row in cell.meetings
        if row.starts_on
    ]
    rows = [charts.Lane(lane.region.name, lane.region.number) for lane in lanes if lane.region]
    return charts.network_year(year, rows, marks, timezone.localdate())


# --- files ---------------------------------------------------------------------------------------
def _file(year: int, kind: str) -> HttpResponse:
    """All meetings of the year as a table or as calendar entries."""
    rows = Meeting.objects.in_year(year).for_list().select_related("host_organisation").order_by("starts_at", "code")
    if kind == "ics":
        response = HttpResponse(
            ical.publish(rows, f"Jahresplan {year}"), content_type="text/calendar; charset=utf-8; method=PUBLISH"
        )
    else:
        response = HttpResponse(_table(year, list(rows)), content_type=spreadsheet.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="jahresplan-{year}.{kind}"'
    return response


def _table(year: int, meetings: list[Meeting]) -> bytes:
    series = MeetingSeries.objects.filter(year=year).prefetch_related("agreements").first()
    about = [f"Jahresplan {year}", f"Stand {stamp(timezone.now())}"]
    about += [f"{name}: {_said(row)}" for name, row in approval.newest(series)] if series else []
    rows = [
        (
            day(row.starts_at) or "offen",
            hours(row.starts_at, row.ends_at),
            row.starts_on.isocalendar().week if row.starts_on else "",
            row.region_names,
            row.round.number if row.round and row.round.number else "",
            row.title,
            row.place,
            str(row.host_organisation or ""),
            row.get_status_display(),
            row.code,
        )
        for row in meetings
    ]
    return spreadsheet.build(about, [spreadsheet.Sheet(f"Jahresplan {year}", HEAD, rows)])


def _said(row: Any) -> str:
    return f"{row.get_outcome_display()} am {row.on:%d.%m.%Y} ({row.person})" if row else "noch nicht abgestimmt"
