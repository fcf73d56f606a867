"""Filter and count the public list: seven facets, a keyword, an order. Works as a plain GET form.

Within a facet the choices add up, between facets they narrow. The counts of a facet ignore its own
selection, so that a further choice shows what it would add. One query counts everything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Count, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, ExtractYear

from mobipro import search
from mobipro.html import no_control_characters
from practices.models import GoodPractice

_KEY = re.compile(r"[\w-]{1,120}", re.ASCII)
OPEN_OPTIONS = 7  # more than these stand in "weitere"


@dataclass(frozen=True)
class FacetKind:
    """A facet: its parameter and title, and where key, label and order of an option are found."""

    name: str
    title: str
    key: str
    label: str
    order: str | None = None
    descending: bool = False


FACETS = (
    FacetKind("thema", "Thema", "topics__slug", "topics__name", "topics__position"),
    FacetKind("phase", "Phase", "phases__key", "phases__name", "phases__position"),
    FacetKind(
        "beruf",
        "Berufsfeld",
        "occupational_fields__pk",
        "occupational_fields__name",
        "occupational_fields__position",
    ),
    FacetKind("herkunft", "Herkunftsland", "source_countries__iso_code", "source_countries__name"),
    FacetKind("region", "Region", "region__slug", "region__name", "region__number"),
    FacetKind("jahr", "Jahr", "year", "year", "year", descending=True),
    FacetKind("art", "Art", "kind", "kind"),
)
ORDERS = {
    "neueste": ("Neueste zuerst", ["-published_at", "-pk"]),
    "aelteste": ("Älteste zuerst", ["published_at", "pk"]),
    "titel": ("Titel A–Z", ["sort_key", "pk"]),
}


@dataclass(frozen=True)
class Option:
    key: str
    label: str
    count: int
    is_chosen: bool


@dataclass
class Facet:
    """One block of tick boxes; `shown` first, `more` on demand."""

    kind: FacetKind
    options: list[Option] = field(default_factory=list)

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]

    @property
    def shown(self) -> list[Option]:
        return self.options[:OPEN_OPTIONS]

    @property
    def more(self) -> list[Option]:
        return self.options[OPEN_OPTIONS:]

    @property
    def more_is_open(self) -> bool:
        return any(option.is_chosen for option in self.more)


class KeysField(forms.MultipleChoiceField):
    """Keys of options. Unknown ones find nothing; what can be no key at all is dropped: a filter never refuses."""

    def to_python(self, value: Any) -> list[str]:
        return [key for key in super().to_python(value) if _KEY.fullmatch(key)][:50]

    def valid_value(self, value: str) -> bool:
        return True


class KeysFilter(django_filters.MultipleChoiceFilter):
    field_class = KeysField


class PracticeFilter(django_filters.FilterSet):
    """Keyword and facets; `qs` is what both leave, each facet as a subquery so that no row comes twice."""

    q = django_filters.CharFilter(
        label="Stichwort", validators=[no_control_characters], max_length=200,
        error_messages={"max_length": "Kürzen Sie das Stichwort auf 200 Zeichen."},
    )  # fmt: skip
    thema = KeysFilter()
    phase = KeysFilter()
    beruf = KeysFilter()
    herkunft = KeysFilter()
    region = KeysFilter()
    jahr = KeysFilter()
    art = KeysFilter()

    class Meta:
        model = GoodPractice
        fields: list[str] = []

    @property
    def selection(self) -> dict[str, list[str]]:
        cleaned = self._cleaned
        return {kind.name: list(cleaned.get(kind.name) or []) for kind in FACETS}

    @property
    def words(self) -> str:
        return self._cleaned.get("q") or ""

    @property
    def _cleaned(self) -> dict[str, Any]:
        """The valid values; those of invalid fields are left out."""
        if not self.is_bound:
            return {}
        self.form.is_valid()
        return self.form.cleaned_data

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = _narrowed(queryset, self.selection)
        return search.match(rows, self.words, order=["-published_at"]) if self.words else rows

    def in_order(self, wanted: str) -> QuerySet:
        """The result in the wanted order; with a keyword the best hits first unless something else is wanted."""
        if wanted in ORDERS:
            return self.qs.order_by(*ORDERS[wanted][1])
        return self.qs if self.words else self.qs.order_by(*ORDERS["neueste"][1])

    def facets(self) -> list[Facet]:
        """All options that occur in the collection, each with what choosing it would give."""
        selection = self.selection
        everything = self.queryset.order_by()
        by_words = search.match(everything, self.words).order_by().values("pk") if self.words else None
        parts = []
        for index, kind in enumerate(FACETS):
            others = {name: keys for name, keys in selection.items() if name != kind.name}
            parts.append(_counted(everything, index, kind, _condition(others, by_words)))
        rows = parts[0].union(*parts[1:], all=True)
        facets = [Facet(kind) for kind in FACETS]
        for index, _place, key, label, count in sorted(rows, key=_as_listed):
            kind = FACETS[index]
            if key not in (None, ""):
                facets[index].options.append(Option(key, _label(kind, label), count, key in selection[kind.name]))
        for facet in facets:
            if facet.kind.descending:
                facet.options.reverse()
        return [facet for facet in facets if facet.options]


def _label(kind: FacetKind, label: str) -> str:
    return str(GoodPractice.Kind(label).label) if kind.name == "art" and label in GoodPractice.Kind.values else label


def _as_listed(row: tuple[int, int, str | None, str | None, int]) -> tuple[int, int, str]:
    return row[0], row[1] or 0, search.sort_key(row[3] or "")


def _of(kind: FacetKind, keys: list[str]) -> Q:
    """Rows with one of the keys, by subquery."""
    if kind.name == "jahr":
        years = [int(key) for key in keys if key.isdigit() and len(key) == 4]
        return Q(published_at__year__in=years)
    if kind.key.endswith("__pk"):
        keys = [key for key in keys if key.isdigit() and len(key) < 10]
    matching = GoodPractice.objects.filter(**{f"{kind.key}__in": keys}).values("pk")
    return Q(pk__in=matching)


def _condition(selection: Mapping[str, list[str]], by_words: QuerySet | None) -> Q:
    condition = Q(pk__in=by_words) if by_words is not None else Q()
    for kind in FACETS:
        if selection.get(kind.name):
            condition &= _of(kind, selection[kind.name])
    return condition


def _narrowed(queryset: QuerySet, selection: Mapping[str, list[str]]) -> QuerySet:
    return queryset.filter(_condition(selection, None))


def _counted(rows: QuerySet, index: int, kind: FacetKind, condition: Q) -> QuerySet:
    """(facet, order, key, label, count) of each option. All parts of the union have the same column types."""
    if kind.name == "jahr":
        rows = rows.annotate(year=ExtractYear("published_at"))
    place: Any = Cast(kind.order, IntegerField()) if kind.order else Value(0, IntegerField())
    counted = Count("pk", distinct=True, filter=condition) if condition else Count("pk", distinct=True)
    return (
        rows.annotate(
            f_index=Value(index, IntegerField()),
            f_place=place,
            f_key=Cast(kind.key, CharField()),
            f_label=Cast(kind.label, CharField()),
        )
        .values("f_index", "f_place", "f_key", "f_label")
        .annotate(f_count=counted)
        .values_list("f_index", "f_place", "f_key", "f_label", "f_count")
    )
