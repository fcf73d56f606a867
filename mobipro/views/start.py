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
from meetings.models.meeting import places_of
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
        .prefetch_related(places_of("meeting"))
        .order_by("-meeting__starts_at", "number")
        .first()
    )


def _meetings_since(year: int) -> list[Meeting]:
    """The public meetings from this year on, in order of time: read once for all that the page says of them."""
    rows = Meeting.objects.public().filter(year__gte=year).for_list().order_by("starts_at", "code")
    return list(rows.defer("description", "search_title", "search_text", "travel_cost_note", "accessibility_note"))


def _is_to_come(meeting: Meeting) -> bool:
    """The same as MeetingQuerySet.upcoming, for one that is loaded."""
    return meeting.ends_at is not None and not meeting.is_over and meeting.status != Meeting.Status.CANCELLED


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    meetings = _meetings_since(today.year - 1)
    upcoming = [meeting for meeting in meetings if _is_to_come(meeting)]
    in_year = [meeting for meeting in meetings if meeting.year == today.year]
    regions = regions_with_notes(upcoming)
    documentations = MeetingDocumentation.objects.published().for_list().order_by("-published_at")[:3]
    context: dict[str, Any] = {
        "today": today,
        "regions": regions,
        "all_regions": regions,
        "ring": year.network_ring(regions, meetings, upcoming[0] if upcoming else None),
        "upcoming": upcoming[:4],
        "network_year": year.drawing(today.year, regions, in_year, linked=True),
        "year_meetings": in_year,
        "documentations": documentations,
        "decision": _newest_decision(),
        "example": _example_of_the_month(today),
        "reached": network_figures.projects_reached(today.year),
    }
    return render(request, "pages/home.html", context)
