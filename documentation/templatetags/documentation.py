"""Template tags of documentations: the generated cover."""

from collections.abc import Iterable
from itertools import product

from django import template
from django.utils.safestring import SafeString

from documentation.models import DocumentationVersion, MeetingDocumentation
from mobipro import ring
from mobipro.svg import DEEP
from regions.models import Region

register = template.Library()


@register.simple_tag
def cover_of(documentation: MeetingDocumentation, regions: Iterable[Region]) -> SafeString:
    """The cover picture: the ring with the meeting's regions in gold and lines to those whose examples it cites.

    Decoration beside title and date.
    """
    gold = [region.number for region in documentation.meeting.places]
    version = documentation.current_version
    cites = version.content.get("cites", []) if version else []
    return ring.cover_svg([(region.number, region.name) for region in regions], gold, product(gold, cites))


@register.simple_tag
def ring_of(version: DocumentationVersion, regions: Iterable[Region]) -> SafeString:
    """The cover's ring on the page, with the regions' names: gold is the meeting's own, lines lead to cited ones."""
    own = version.content["meeting"]["region_numbers"]
    nodes = [(region.number, region.name) for region in regions]
    lines = product(own, version.content.get("cites", []))
    return ring.ring(nodes, lines, own, label="Die Region dieses Treffens im Netzwerk", ground=DEEP)
