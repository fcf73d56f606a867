"""The Postausgang: who got what, when, why not; and what can be done about it."""

from typing import Any

import rules
from csp.decorators import csp_replace
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator

from meetings.admin.frame import actor, numbers
from mobipro import links
from mobipro.admin import PortalAdmin
from mobipro.outbox import queue
from mobipro.outbox.models import OutboxMessage, State
from mobipro.outbox.retention import ERASED_TEXT
from regions.rules import is_administrator, is_office, register_model

register_model(
    "outbox", "outboxmessage", view=is_office, add=rules.always_false, change=is_office, delete=rules.always_false
)


HIDDEN = "Diese Mail öffnet ein Konto; ihr Text ist hier nicht zu sehen."


def _text(message: OutboxMessage) -> str:
    if message.is_secret:
        return HIDDEN
    return links.mask(message.text) or ERASED_TEXT


@admin.register(OutboxMessage)
class OutboxAdmin(PortalAdmin):
    list_display = ["subject", "recipient", "kind", "state", "not_before", "sent_at", "relay_reply"]
    list_filter = ["state", "kind"]
    search_fields = ["subject", "recipient", "recipient_name"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows if is_administrator(request.user) else rows.without_private()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/html/", wrap(self.html_view), name="outbox_html"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One mail with its way; POST sends it again, or says that it arrived."""
        message = get_object_or_404(self.get_queryset(request), pk__in=numbers([object_id]))
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        if request.method == "POST":
            self._step(request, message)
            return redirect("admin:outbox_outboxmessage_change", message.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": message.subject,
            "message": message,
            "text": _text(message),
            "may_decide": message.state in (State.FAILED, State.UNCLEAR),
        }
        return render(request, "admin/meetings/outbox_message.html", context)

    @staticmethod
    def _step(request: HttpRequest, message: OutboxMessage) -> None:
        try:
            if request.POST.get("step") == "resend":
                queue.resend(message=message, by=actor(request))
                messages.success(request, "Die Mail wartet und geht gleich noch einmal hinaus.")
            else:
                queue.mark_arrived(message=message, by=actor(request))
                messages.success(request, "Als angekommen vermerkt.")
        except queue.OutboxError as problem:
            messages.error(request, str(problem))

    # Mails carry inline styles; only this route, shown in a sandboxed frame, allows them.
    @method_decorator(csp_replace({"style-src": ["'unsafe-inline'"], "script-src": ["'none'"], "sandbox": [""]}))
    def html_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        message = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        if message.is_secret:
            return HttpResponse(f"<p>{HIDDEN}</p>")
        return HttpResponse(links.mask(message.html) or "<p>Diese Mail hat keine gestaltete Fassung.</p>")
