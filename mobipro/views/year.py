"""The two drawings of the network: its year as a ribbon, its regions as a ring."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from meetings.models import Meeting
from mobipro import charts, ring
from regions.models import Region


def _state(meeting: Meeting) -> str:
    """The ribbon's sign of a meeting, as the public sees it."""
    if meeting.status == Meeting.Status.HELD:
        return "documenting"
    if meeting.status in Meeting.OPEN_STATUSES and meeting.is_over:
        return "held"
    return str(meeting.status)


def drawing(year: int, regions: Sequence[Region], meetings: QuerySet) -> SafeString:
    """ "Das Netzwerkjahr" of these regions, the national lane below; its text equivalent is in the picture."""
    lanes = [charts.Lane(region.name, region.number) for region in regions]
    numbers = {region.number for region in regions}
    marks = []
    for meeting in meetings.exclude(starts_at=None).prefetch_related("regions"):
        label = f"{meeting.title}, {charts.german_date(meeting.starts_on)}"
        state, url = _state(meeting), meeting.get_absolute_url()
        if meeting.kind == Meeting.Kind.NATIONAL:
            marks.append(charts.Mark(None, meeting.starts_on, state, label, url))
        marks.extend(
            charts.Mark(place.number, meeting.starts_on, state, label, url)
            for place in meeting.regions.all()
            if place.number in numbers and meeting.kind == Meeting.Kind.REGIONAL
        )
    return charts.network_year(year, lanes, marks, timezone.localdate())


def network_ring(regions: Sequence[Region], joint: Iterable[Meeting], following: Meeting | None) -> SafeString:
    """The ring of the landing page: lines are meetings that regions held together, gold is who meets next."""
    lines = {
        pair
        for meeting in joint
        if meeting.kind == Meeting.Kind.REGIONAL
        for pair in combinations(sorted(place.number for place in meeting.regions.all()), 2)
    }
    gold = [place.number for place in following.regions.all()] if following else []
    if following and following.kind == Meeting.Kind.NATIONAL:
        gold = [region.number for region in regions]
    label = "Die acht Regionen des Netzwerks; Linien verbinden Regionen mit gemeinsamen Treffen"
    return ring.ring([(region.number, region.name) for region in regions], sorted(lines), gold=gold, label=label)
