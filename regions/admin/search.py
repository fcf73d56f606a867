"""Search of the work area on stored, normalised columns: "Strasse" finds "Straße", on both databases."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from mobipro import search


class StoredSearchMixin:
    """For records with `search_title` and `search_text` (Searchable)."""

    search_fields = ["search_title"]  # shows the box; the words are matched below

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return search.match(queryset, search_term, order=["sort_key"]), False


def people_by_words(queryset: QuerySet, words: str) -> QuerySet:
    """Contacts whose name, address or organisation holds every word; "Mueller", "Müller" and "Muller" are one."""
    for word in words.split()[:8]:
        plain = search.normalise(word).replace(" ", "")
        short = plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")
        keys = {key for key in (search.sort_key(word), plain, short) if key}
        found: Any = Q(email__icontains=word)
        for key in keys:
            found |= Q(sort_key__contains=key) | Q(organisation__search_title__contains=key)
        queryset = queryset.filter(found)
    return queryset
