"""Pages of the regions: place, Träger and meetings together."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from documentation.models import MeetingDocumentation
from meetings.models import Meeting
from mobipro.templatetags.portal import day
from mobipro.views import year
from practices.models import GoodPractice
from regions.models import Organisation, ProjectOrganisation, Region
from regions.visibility import Visibility


def regions_with_notes(upcoming: Iterable[Meeting] | None = None) -> list[Region]:
    """The active regions with their Länder and a line "5 Träger · nächstes Treffen: …".

    `upcoming` are the public meetings to come, in order, where the page has read them already.
    """
    is_shown = Q(projects__organisations__is_active=True, projects__organisations__kind=Organisation.Kind.TRAEGER)
    rows = (
        Region.objects.active()
        .with_states()
        .annotate(traeger_count=Count("projects__organisations", filter=is_shown, distinct=True))
        .order_by("number")
    )
    regions: list[Any] = list(rows)  # carry next_meeting and note for the templates
    next_meetings: dict[int, Meeting] = {}
    if upcoming is None:
        upcoming = Meeting.objects.public().upcoming().with_places()
    for meeting in upcoming:
        for place in meeting.places if meeting.kind == Meeting.Kind.REGIONAL else ():
            next_meetings.setdefault(place.pk, meeting)
    for region in regions:
        found = next_meetings.get(region.pk)
        when = f"nächstes Treffen {day(found.starts_at)}" if found else "nächstes Treffen noch nicht angekündigt"
        region.next_meeting = found
        region.note = f"{region.traeger_count} Träger · {when}"
    return regions


@require_safe
def region_list(request: HttpRequest) -> HttpResponse:
    """Map and list of the eight regions."""
    return render(request, "regions/region_list.html", {"regions": regions_with_notes()})


@require_safe
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """One region: its Länder, meetings of the year, Träger, examples and documentations."""
    found = get_object_or_404(Region.objects.active().with_states(), slug=slug)
    today = timezone.localdate()
    shown = Meeting.objects.visible_to(request.user).in_region(found).exclude(starts_at=None)
    in_region = ProjectOrganisation.objects.filter(project__region=found).select_related("project")
    organisations = (
        Organisation.objects.published()
        .in_region(found)
        .prefetch_related(Prefetch("project_organisations", queryset=in_region))
        .order_by("sort_key")
    )
    practices = GoodPractice.objects.public().for_list().filter(region=found).order_by("-published_at")[:3]
    documentations = (
        MeetingDocumentation.objects.published()
        .for_list()
        .filter(meeting__regions=found, meeting__visibility=Visibility.PUBLIC)
        .order_by("-meeting__starts_at")[:3]
    )
    in_year = list(shown.in_year(today.year).for_list().order_by("starts_at", "code"))
    context = {
        "region": found,
        "regions": list(Region.objects.active().with_states()),
        "upcoming": shown.for_list().upcoming()[:4],
        "past": shown.for_list().past()[:4],
        "organisations": organisations,
        "practices": practices,
        "documentations": documentations,
        "network_year": year.drawing(today.year, [found], in_year, linked=True),
        "year_meetings": in_year,
        "today": today,
    }
    return render(request, "regions/region.html", context)
