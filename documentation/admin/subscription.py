"""Subscriptions by e-mail: addresses for administrators, who may erase one; numbers for the whole office."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from documentation import subscriptions
from documentation.models import Subscription
from mobipro.admin import PortalAdmin, register_link, register_page
from regions.models import Region, Topic

MAY_COUNT = "documentation.count_subscriptions"


@admin.register(Subscription)
class SubscriptionAdmin(PortalAdmin):
    """To answer "delete my address": found by its beginning, erased with its mails. Nothing is edited here."""

    list_display = ["email", "requested_at", "confirmed_at", "ended_at", "end_reason", "last_sent_through"]
    list_filter = ["end_reason"]
    search_fields = ["email"]
    ordering = ["-pk"]

    def delete_model(self, request: HttpRequest, obj: Subscription) -> None:
        subscriptions.erase(subscription=obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset:
            subscriptions.erase(subscription=row, by=request.user)


def counts(request: HttpRequest) -> HttpResponse:
    """How many read about what: no address, no person."""
    if not request.user.has_perm(MAY_COUNT):
        raise PermissionDenied
    active = Subscription.objects.active()
    kinds = [(kind.label, active.filter(**{field: True}).count()) for field, kind in _FIELDS.items()]
    groups: list[tuple[str, list[tuple[str, int]]]] = [
        ("Inhalte", kinds),
        ("Regionen", [("alle Regionen", active.filter(regions=None).count()), *_by(active, "regions", Region)]),
        ("Themen", [("alle Themen", active.filter(topics=None).count()), *_by(active, "topics", Topic)]),
    ]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "E-Mail-Abos in Zahlen",
        "active": active.count(),
        "pending": Subscription.objects.pending().count(),
        "groups": groups,
    }
    return render(request, "admin/documentation/subscriptions.html", context)


_FIELDS = {
    "documentations": Subscription.Kind.DOCUMENTATIONS,
    "practices": Subscription.Kind.PRACTICES,
    "meetings": Subscription.Kind.MEETINGS,
}


def _by(active: QuerySet, field: str, model: Any) -> list[tuple[str, int]]:
    """Every region or topic that somebody chose, with their number."""
    numbers = dict(active.exclude(**{field: None}).order_by().values_list(field).annotate(Count("pk")))
    return [(row.name, numbers[row.pk]) for row in model.objects.all() if row.pk in numbers]


register_page("abos/", counts, "documentation_subscriptions")
register_link("Dokumentationen", "E-Mail-Abos in Zahlen", "admin:documentation_subscriptions", permission=MAY_COUNT)
