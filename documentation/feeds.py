"""The Atom feed of published documentations (RFC 4287)."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.feedgenerator import Atom1Feed

from documentation.models import MeetingDocumentation
from mobipro import links


class DocumentationFeed(Feed):
    """The twenty newest; starts from published(), so a withdrawn one is not in it."""

    feed_type = Atom1Feed
    title = "Tagungsdokumentationen – MobiPro-EU Vernetzungsprojekt"
    subtitle = "Neue Dokumentationen der Vernetzungstreffen"
    link = reverse_lazy("documentation:documentation_list")
    language = "de"

    def items(self) -> QuerySet:
        return MeetingDocumentation.objects.published().for_list().order_by("-published_at")[:20]

    def item_title(self, item: Any) -> str:
        return item.title

    def item_description(self, item: Any) -> str:
        return item.summary

    def item_link(self, item: Any) -> str:
        return links.absolute(item.get_absolute_url())

    def item_pubdate(self, item: Any) -> datetime:
        return item.published_at

    def item_updateddate(self, item: Any) -> datetime:
        return item.current_version.published_at
