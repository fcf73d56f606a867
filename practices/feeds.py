"""The Atom feed of published practices (RFC 4287)."""

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.feedgenerator import Atom1Feed

from mobipro import links
from practices.models import GoodPractice


class PracticeFeed(Feed):
    """The twenty newest public ones; one that is archived leaves the feed."""

    feed_type = Atom1Feed
    title = "Gute Praxis – MobiPro-EU Vernetzungsprojekt"
    subtitle = "Neue Beispiele der Träger"
    link = reverse_lazy("practices:practice_list")
    language = "de"

    def items(self) -> QuerySet[GoodPractice]:
        return GoodPractice.objects.public().select_related("organisation").order_by("-published_at")[:20]

    def item_title(self, item: GoodPractice) -> str:
        return item.title

    def item_description(self, item: GoodPractice) -> str:
        return item.teaser

    def item_link(self, item: GoodPractice) -> str:
        return links.absolute(item.get_absolute_url())

    def item_author_name(self, item: GoodPractice) -> str:
        return item.organisation.name

    def item_pubdate(self, item: GoodPractice) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: GoodPractice) -> datetime:
        return item.updated_at
