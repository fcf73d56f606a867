"""Template tags of documentations: the generated cover."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from documentation.models import MeetingDocumentation
from mobipro import ring
from regions.models import Region

register = template.Library()


@register.simple_tag
def cover_of(documentation: MeetingDocumentation, regions: Iterable[Region]) -> SafeString:
    """The cover picture: the ring with the meeting's regions in gold. Decoration beside title and date."""
    gold = [region.number for region in documentation.meeting.regions.all()]
    return ring.cover_svg([(region.number, region.name) for region in regions], gold=gold)
