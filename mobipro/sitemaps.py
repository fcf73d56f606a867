"""Addresses for search engines: public records only, always below BASE_URL."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from documentation.models import MeetingDocumentation, Page, Publication
from meetings.models import Meeting
from practices.models import GoodPractice
from regions.models import Organisation, Region
from regions.visibility import Visibility


class PortalSitemap(Sitemap):
    """Takes host and protocol from BASE_URL: the request's Host may be anything."""

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.BASE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.BASE_URL).scheme


class StartPages(PortalSitemap):
    NAMES = (
        "home",
        "project",
        "figures",
        "regions:region_list",
        "regions:organisation_list",
        "meetings:meeting_list",
        "practices:practice_list",
        "documentation:documentation_list",
        "documentation:publication_list",
    )

    def items(self) -> tuple[str, ...]:
        return self.NAMES

    def location(self, item: str) -> str:
        return reverse(item)


class Records(PortalSitemap):
    """The pages of one kind of record."""

    limit = 5000

    def __init__(self, records: Any, changed: str = "updated_at"):
        self._records, self._changed = records, changed

    def items(self) -> QuerySet:
        return self._records().order_by("pk")

    def lastmod(self, item: Any) -> datetime | None:
        return getattr(item, self._changed, None)


def _publications() -> QuerySet:
    return Publication.objects.filter(visibility=Visibility.PUBLIC)


SITEMAPS = {
    "seiten": StartPages(),
    "texte": Records(lambda: Page.objects.exclude(slug="projekt")),
    "regionen": Records(Region.objects.active),
    "traeger": Records(Organisation.objects.published),
    "treffen": Records(Meeting.objects.public),
    "praxis": Records(lambda: GoodPractice.objects.public()),
    "dokumentationen": Records(lambda: MeetingDocumentation.objects.published()),
    "veroeffentlichungen": Records(_publications),
}
