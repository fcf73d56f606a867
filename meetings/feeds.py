"""Calendar feeds (iCalendar PUBLISH): all public meetings, and those of one region. The same bytes for everybody."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from meetings import ical
from meetings.models import Meeting
from meetings.models.meeting import MeetingQuerySet
from regions.models import Region


@require_safe
def all_meetings(request: HttpRequest) -> HttpResponse:
    return _feed(request, Meeting.objects.public(), "MobiPro-EU: Vernetzungstreffen", "vernetzungstreffen")


@require_safe
def of_region(request: HttpRequest, slug: str) -> HttpResponse:
    """The region's meetings; a national meeting belongs to all regions and is in each feed."""
    region = get_object_or_404(Region.objects.active(), slug=slug)
    name = f"MobiPro-EU: Vernetzungstreffen {region.name}"
    return _feed(request, Meeting.objects.public().in_region(region), name, f"vernetzungstreffen-{region.slug}")


def _feed(request: HttpRequest, meetings: MeetingQuerySet, name: str, filename: str) -> HttpResponse:
    rows = meetings.filter(starts_at__isnull=False).for_list().order_by("starts_at", "pk")
    content = ical.publish(rows, name)
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers={"ETag": etag})
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Content-Disposition"] = f'inline; filename="{filename}.ics"'
    response["Cache-Control"] = "public, max-age=3600"
    return response
