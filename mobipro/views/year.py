"""The two drawings of the network: its year as a ribbon, its regions as a ring."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from django.utils import timezone
from django.utils.safestring import SafeString

from documentation.models import DocumentationSection, DocumentationVersion
from meetings.models import Meeting
from mobipro import charts, ring
from mobipro.svg import DEEP
from regions import school_holidays
from regions.models import Region
from regions.visibility import Visibility


def _state(meeting: Meeting) -> str:
    """The ribbon's sign of a meeting, as the public sees it."""
    if meeting.status == Meeting.Status.HELD:
        return "documenting"
    if meeting.status in Meeting.OPEN_STATUSES and meeting.is_over:
        return "held"
    return str(meeting.status)


def drawing(year: int, regions: Sequence[Region], meetings: Iterable[Meeting], *, linked: bool = False) -> SafeString:
    """ "Das Netzwerkjahr" of these regions, the national lane below. `meetings` have their regions loaded.

    `linked` is for pages that list the same meetings beside it: the marks are then shortcuts for the mouse.
    """
    lanes = [charts.Lane(region.name, region.number) for region in regions]
    numbers = {region.number for region in regions}
    marks = []
    for meeting in meetings:
        if meeting.starts_at is None or meeting.starts_on is None:
            continue
        label = f"{meeting.title}, {charts.german_date(meeting.starts_on)}"
        state, url = _state(meeting), meeting.get_absolute_url()
        if meeting.kind == Meeting.Kind.NATIONAL:
            marks.append(charts.Mark(None, meeting.starts_on, state, label, url))
            continue
        marks.extend(
            charts.Mark(place.number, meeting.starts_on, state, label, url)
            for place in meeting.places
            if place.number in numbers
        )
    holidays = [row for row in school_holidays.breaks_of(year) if row.lane_number in numbers]
    return charts.network_year(year, lanes, marks, timezone.localdate(), holidays, linked=linked)


def examples_taken_over() -> list[tuple[int, int]]:
    """Pairs of regions: an example of one stands in a published documentation of the other."""
    rows = (
        DocumentationSection.objects.filter(
            practice__isnull=False,
            visibility=Visibility.PUBLIC,
            documentation__current_version__state=DocumentationVersion.State.PUBLISHED,
            documentation__meeting__visibility=Visibility.PUBLIC,
            documentation__meeting__kind=Meeting.Kind.REGIONAL,
        )
        .order_by("pk")
        .values_list("practice__region__number", "documentation__meeting__regions__number")
    )
    return [(min(here, there), max(here, there)) for here, there in rows if here and there and here != there]


def network_ring(regions: Sequence[Region], joint: Iterable[Meeting], following: Meeting | None) -> SafeString:
    """The ring of the landing page: lines are examples taken over and joint meetings, gold is who meets next."""
    lines = examples_taken_over()
    for meeting in joint:
        if meeting.kind == Meeting.Kind.REGIONAL:
            lines.extend(combinations(sorted(place.number for place in meeting.places), 2))
    gold = [place.number for place in following.places] if following else []
    if following and following.kind == Meeting.Kind.NATIONAL:
        gold = [region.number for region in regions]
    label = "Die acht Regionen; Linien: übernommene Beispiele und gemeinsame Treffen"
    nodes = [(region.number, region.name) for region in regions]
    return ring.ring(nodes, sorted(lines), gold=gold, label=label, ground=DEEP)
