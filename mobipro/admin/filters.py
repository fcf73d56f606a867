"""Filters of the lists whose choices say what they mean: no "-", no "Leer" and "Nicht leer"."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest


class RecordFilter(admin.RelatedFieldListFilter):
    """The choices of a relation without the one for records that have none."""

    @property
    def include_empty_choice(self) -> bool:
        return False


class FilledFilter(admin.SimpleListFilter):
    """A field that is empty or filled, in words. Subclasses name `field`, `filled` and `empty`."""

    field: str
    filled = "ja"
    empty = "nein"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", self.filled), ("0", self.empty)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("0", "1"):
            return queryset
        return queryset.filter(**{f"{self.field}__isnull": self.value() == "0"})
