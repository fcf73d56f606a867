"""The Jahresplan: the year by month and as region × month, with the sum per region and the holidays."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from meetings import planning
from meetings.admin.frame import actor
from meetings.models import Meeting, MeetingSeries
from mobipro import charts
from mobipro.admin import register_link
from mobipro.templatetags.portal import month_name
from regions.visibility import access_of

register_link("Jahresplan", "Jahresplan", "admin:meetings_year_plan_now")


def this_year(request: HttpRequest) -> HttpResponse:
    return redirect("admin:meetings_year_plan", timezone.localdate().year)


def year_plan(request: HttpRequest, year: int) -> HttpResponse:
    """One year; POST opens it (Gesamtkoordination)."""
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
    lanes = planning.year_board(year)
    meetings = sorted(
        {row.pk: row for lane in lanes for cell in lane.cells for row in cell.meetings}.values(),
        key=lambda row: row.starts_at,
    )
    months = [
        (month, month_name(month), [row for row in meetings if row.starts_on and row.starts_on.month == month])
        for month in range(1, 13)
    ]
    context = {
        **admin.site.each_context(request),
        "opts": Meeting._meta,
        "title": f"Jahresplan {year}",
        "year": year,
        "series": MeetingSeries.objects.filter(year=year).first(),
        "lanes": [(lane, _may_add(request, lane)) for lane in lanes],
        "months": months,
        "undated": [row for lane in lanes for row in lane.undated],
        "ribbon": ribbon(year, lanes),
        "may_open": request.user.has_perm("meetings.plan_year"),
    }
    return render(request, "admin/meetings/year_plan.html", context)


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
