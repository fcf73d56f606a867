"""Filters of the public lists; they work as plain GET forms."""

import django_filters
from django.db.models import QuerySet

from documentation.models import MeetingDocumentation, Publication
from mobipro import search
from regions.models import Region, Topic


class DocumentationFilter(django_filters.FilterSet):
    """Keyword, region, topic and year of documentations."""

    q = django_filters.CharFilter(label="Stichwort", method="by_words")
    region = django_filters.ModelChoiceFilter(
        label="Region",
        queryset=Region.objects.active(),
        field_name="meeting__regions",
        to_field_name="slug",
        empty_label="alle Regionen",
    )
    thema = django_filters.ModelChoiceFilter(
        label="Thema",
        queryset=Topic.objects.all(),
        field_name="topics",
        to_field_name="slug",
        empty_label="alle Themen",
    )
    jahr = django_filters.ChoiceFilter(label="Jahr", field_name="meeting__year", empty_label="alle Jahre")

    class Meta:
        model = MeetingDocumentation
        fields: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        years = MeetingDocumentation.objects.published().values_list("meeting__year", flat=True)
        self.filters["jahr"].extra["choices"] = [(year, str(year)) for year in sorted(set(years), reverse=True)]

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.match(queryset, value, order=["-published_at"])


class PublicationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Stichwort", method="by_words")
    art = django_filters.ChoiceFilter(
        label="Art", field_name="kind", choices=Publication.Kind.choices, empty_label="alle Arten"
    )

    class Meta:
        model = Publication
        fields: list[str] = []

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.match(queryset, value, order=["-year", "-month"])
