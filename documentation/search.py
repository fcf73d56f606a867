"""One search over everything public: what each app finds, together in one order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from documentation.models import MeetingDocumentation, Page, Publication
from meetings.models import Meeting
from meetings.models.meeting import places_of
from mobipro import search
from practices.models import GoodPractice
from regions.models import Organisation

PER_KIND = 50  # hits of one kind that take part in the common order


@dataclass(frozen=True)
class Kind:
    """One kind of record that the search finds."""

    key: str
    label: str
    records: Callable[[Any], QuerySet]
    order: tuple[str, ...]
    title: Callable[[Any], str]
    text: Callable[[Any], str]
    meta: Callable[[Any], str]
    day: Callable[[Any], date | datetime | None]


@dataclass(frozen=True)
class Hit:
    """One line of the result: where it leads, what it is, and the words around the first match.

    Title and excerpt are made when they are read: hundreds of hits are ordered, twenty are shown.
    """

    of: Kind
    row: Any
    words: str
    tier: int
    day: date | None

    @property
    def kind(self) -> str:
        return self.of.label

    @property
    def url(self) -> str:
        return str(self.row.get_absolute_url())

    @property
    def meta(self) -> str:
        return self.of.meta(self.row)

    @cached_property
    def title(self) -> SafeString:
        return search.highlight(self.of.title(self.row), self.words)

    @cached_property
    def excerpt(self) -> SafeString:
        return search.excerpt(self.of.text(self.row), self.words)


KINDS = (
    Kind(
        "gute-praxis",
        "Gute Praxis",
        lambda user: GoodPractice.objects.visible_to(user).published().select_related("organisation"),
        ("-published_at",),
        lambda row: row.title,
        lambda row: f"{row.teaser} {row.approach} {row.results}",
        lambda row: row.organisation.name,
        lambda row: row.published_at,
    ),
    Kind(
        "dokumentationen",
        "Dokumentationen",
        lambda user: (
            MeetingDocumentation.objects.published()
            .select_related("meeting", "current_version")
            .prefetch_related(places_of("meeting"))
            .defer("current_version__content")
        ),
        ("-published_at",),
        lambda row: row.title,
        lambda row: f"{row.summary} {row.current_version.search_source}",
        lambda row: row.meeting.region_names,
        lambda row: row.published_at,
    ),
    Kind(
        "treffen",
        "Vernetzungstreffen",
        lambda user: Meeting.objects.visible_to(user).select_related("venue").with_places(),
        ("-starts_at",),
        lambda row: row.title,
        lambda row: row.description,
        lambda row: f"{row.region_names} · {row.place}",
        lambda row: row.starts_at,
    ),
    Kind(
        "traeger",
        "Träger",
        lambda user: Organisation.objects.published(),
        ("sort_key",),
        lambda row: row.name,
        lambda row: row.about,
        lambda row: row.city,
        lambda row: None,
    ),
    Kind(
        "veroeffentlichungen",
        "Veröffentlichungen",
        lambda user: Publication.objects.visible_to(user),
        ("-year", "-month"),
        lambda row: row.title,
        lambda row: row.abstract,
        lambda row: row.publisher,
        lambda row: date(row.year, row.month or 1, row.day or 1),
    ),
    Kind(
        "seiten",
        "Seiten",
        lambda user: Page.objects.all(),
        ("title",),
        lambda row: row.title,
        lambda row: row.text_for_search(),
        lambda row: "",
        lambda row: None,
    ),
)


def count(user: Any, text: str, *, found: list[Hit] | None = None, only: str = "") -> dict[str, int]:
    """Hits by kind, for the facets. `found` is what `find` gave for the same words and `only`: it saves the queries
    for those kinds of which it holds all hits.
    """
    seen = Counter(hit.of.key for hit in found or [])

    def number(kind: Kind) -> int:
        was_searched = found is not None and only in ("", kind.key)
        if was_searched and seen[kind.key] < PER_KIND:
            return seen[kind.key]
        return search.match(kind.records(user), text, order=kind.order).count()

    return {kind.key: number(kind) for kind in KINDS}


def find(user: Any, text: str, only: str = "") -> list[Hit]:
    """All hits this person may see, best first: title before text, then newest. Empty text finds nothing."""
    kinds = [kind for kind in KINDS if not only or kind.key == only]
    hits = chain.from_iterable(_hits(kind, user, text) for kind in kinds)
    return sorted(hits, key=lambda hit: (hit.tier, -(hit.day.toordinal() if hit.day else 0)))


def _hits(kind: Kind, user: Any, text: str) -> list[Hit]:
    rows = search.match(kind.records(user), text, order=kind.order)[:PER_KIND]
    return [Hit(of=kind, row=row, words=text, tier=row.search_tier, day=_day(kind.day(row))) for row in rows]


def _day(value: date | datetime | None) -> date | None:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
