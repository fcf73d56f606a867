"""The landing page: results, not totals."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from documentation import figures as network_figures
from documentation.models import MeetingDocumentation
from meetings.models import Decision, Meeting
from mobipro.views import year
from mobipro.views.regions import regions_with_notes
from practices.models import GoodPractice
from regions.visibility import Visibility

CANDIDATES = 12  # examples among which the one of the month goes round


def _example_of_the_month(today: date) -> GoodPractice | None:
    """One public example with a quoted sentence, another each month; the newest of all where none has one."""
    public = GoodPractice.objects.public().for_list().order_by("-published_at")
    quoted = list(public.exclude(quote="")[:CANDIDATES])
    if quoted:
        return quoted[(today.year * 12 + today.month) % len(quoted)]
    return public.first()


def _newest_decision() -> Decision | None:
    """The newest Vereinbarung that anybody may read."""
    return (
        Decision.objects.filter(visibility=Visibility.PUBLIC, meeting__in=Meeting.objects.public())
        .select_related("meeting")
        .prefetch_related("meeting__regions")
        .order_by("-meeting__starts_at", "number")
        .first()
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    regions = regions_with_notes()
    public = Meeting.objects.public()
    upcoming = list(public.upcoming().for_list()[:4])
    in_year = list(public.in_year(today.year).for_list().order_by("starts_at", "code"))
    joint = public.filter(year__gte=today.year - 1, kind=Meeting.Kind.REGIONAL).prefetch_related("regions")
    documentations = MeetingDocumentation.objects.published().for_list().order_by("-published_at")[:3]
    context: dict[str, Any] = {
        "today": today,
        "regions": regions,
        "all_regions": regions,
        "ring": year.network_ring(regions, joint, upcoming[0] if upcoming else None),
        "upcoming": upcoming,
        "network_year": year.drawing(today.year, regions, in_year, linked=True),
        "year_meetings": in_year,
        "documentations": documentations,
        "decision": _newest_decision(),
        "example": _example_of_the_month(today),
        "reached": network_figures.projects_reached(today.year),
    }
    return render(request, "pages/home.html", context)
