"""Review in the work area: the list by state, one page to read, remark and decide, the box of the overview."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mobipro import html
from mobipro.admin import Box, PortalAdmin, Row, register_box
from mobipro.templatetags.portal import stamp
from practices import compare, review
from practices.completeness import RELATIONS, STEP_OF, label_of, missing_to_publish
from practices.models import GoodPractice
from regions.models import FormReceipt, Region, User
from regions.models.record import AlreadyReceived
from regions.visibility import access_of

Status = GoodPractice.Status
TONES = {
    Status.SUBMITTED: "warning",
    Status.QUESTIONS: "info",
    Status.APPROVED: "success",
    Status.PUBLISHED: "success",
    Status.DECLINED: "danger",
}
# What a coordinator may do in each state; the first is the one primary button.
STEPS: dict[str, tuple[str, ...]] = {
    Status.SUBMITTED: ("approve", "ask_back", "decline"),
    Status.APPROVED: ("publish", "ask_back", "decline", "archive"),
    Status.PUBLISHED: ("archive",),
    Status.DECLINED: ("archive",),
}
LABELS = {
    "approve": "Annehmen",
    "ask_back": "Rückfragen senden",
    "publish": "Veröffentlichen",
    "decline": "Nicht aufnehmen",
    "archive": "Archivieren",
}
# Steps that are asked again, with their effect.
CONFIRM = {
    "publish": "Das Beispiel steht danach für alle auf der Seite. Das Haus bekommt eine Mail.",
    "decline": "Das Beispiel wird nicht aufgenommen. Die Begründung geht per Mail an das Haus.",
    "archive": "Das Beispiel verschwindet von der öffentlichen Seite, aus der Suche und aus dem Feed.",
}
DONE = {
    "approve": "Das Beispiel ist angenommen. Die Mail an das Haus wartet im Postausgang.",
    "ask_back": "Die Rückfragen sind gesendet. Das Haus kann das Beispiel wieder bearbeiten.",
    "publish": "Das Beispiel ist veröffentlicht.",
    "decline": "Das Beispiel ist nicht aufgenommen. Die Begründung ist gesendet.",
    "archive": "Das Beispiel ist archiviert.",
}


class OwnRegionFilter(admin.SimpleListFilter):
    """The regions in which this person decides; the Gesamtkoordination sees all."""

    title = "Region"
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        access = access_of(request.user)
        regions = Region.objects.active()
        if not access.coordinates_all and access.is_coordinator:
            regions = regions.filter(pk__in=access.coordinated_region_ids)
        return [(str(region.pk), region.name) for region in regions]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        return queryset.filter(region=int(value)) if is_number else queryset


@admin.register(GoodPractice)
class PracticeAdmin(PortalAdmin):
    list_display = ["title", "organisation_name", "region", "state", "submitted_at", "published_at"]
    list_filter = ["status", OwnRegionFilter]
    search_fields = ["search_title", "search_text"]
    ordering = ["-submitted_at", "-pk"]
    list_select_related = ["organisation", "region"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """What was submitted in the own regions, and what is published; no drafts."""
        return super().get_queryset(request).exclude(status=Status.DRAFT)

    @admin.display(description="Träger", ordering="organisation__sort_key")
    def organisation_name(self, row: GoodPractice) -> str:
        return row.organisation.short_name or row.organisation.name

    @admin.display(description="Stand", ordering="status")
    def state(self, row: GoodPractice) -> SafeString:
        tone = TONES.get(Status(row.status), "neutral")
        return format_html('<span class="badge badge--{}">{}</span>', tone, row.get_status_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The review page; POST takes one step, some after a second question."""
        rows = self.get_queryset(request).select_related("organisation", "region", "project", "author")
        is_number = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
        practice = rows.filter(pk=int(object_id)).first() if is_number else None
        if practice is None:
            raise Http404
        may_decide = request.user.has_perm("practices.review_practice", practice)
        if request.method != "POST":
            return self._page(request, practice, may_decide)
        if not may_decide:
            raise PermissionDenied
        return self._post(request, practice)

    def _post(self, request: HttpRequest, practice: GoodPractice) -> HttpResponse:
        step = request.POST.get("step", "")
        remarks = _remarks_from(request)
        try:
            if step not in LABELS:
                raise review.ReviewError("Diesen Schritt gibt es nicht. Laden Sie die Seite neu.")
            if step != "ask_back" and any(remarks.values()):
                raise review.ReviewError(
                    "Sie haben Rückfragen geschrieben. Senden Sie sie ab oder löschen Sie die Texte."
                )
            if step in CONFIRM and "confirmed" not in request.POST:
                return self._confirm(request, practice, step)
            _run(step, practice, request, remarks)
        except review.ReviewError as problem:
            if step == "decline" and "confirmed" in request.POST:
                return self._confirm(request, practice, step, str(problem))
            return self._page(request, practice, True, remarks=remarks, problem=str(problem))
        except (AlreadyReceived, ValueError):
            messages.info(request, "Dieser Schritt ist schon getan.")
        else:
            messages.success(request, DONE[step])
        return redirect("admin:practices_goodpractice_change", practice.pk)

    def _page(
        self,
        request: HttpRequest,
        practice: GoodPractice,
        may_decide: bool,
        remarks: dict[str, str] | None = None,
        problem: str = "",
    ) -> HttpResponse:
        steps = STEPS.get(practice.status, ()) if may_decide else ()
        can_ask = "ask_back" in steps
        submissions = list(practice.submissions.select_related("submitted_by").prefetch_related("remarks__made_by"))
        context = {
            **self.admin_site.each_context(request),
            "title": practice.title,
            "practice": practice,
            "tone": TONES.get(Status(practice.status), "neutral"),
            "rows": _rows(practice, submissions, remarks or {}),
            "whole_remark": (remarks or {}).get("", ""),
            "submissions": submissions,
            "images": list(practice.images.all()),
            "files": list(practice.files.all()),
            "gaps": missing_to_publish(practice) if steps else [],
            "primary": [(steps[0], LABELS[steps[0]])] if steps else [],
            "others": [(name, LABELS[name]) for name in steps[1:] if name != "ask_back"],
            "can_ask": can_ask,
            "problem": problem,
            "form_id": FormReceipt.new_id(),
            "opts": self.opts,
        }
        return render(request, "admin/practices/review.html", context)

    def _confirm(self, request: HttpRequest, practice: GoodPractice, step: str, problem: str = "") -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{LABELS[step]}?",
            "practice": practice,
            "step": step,
            "label": LABELS[step],
            "effect": CONFIRM[step],
            "asks_reason": step == "decline",
            "reason": request.POST.get("reason", ""),
            "gaps": missing_to_publish(practice) if step == "publish" else [],
            "problem": problem,
            "form_id": request.POST.get("form_id") or FormReceipt.new_id(),
            "opts": self.opts,
        }
        return render(request, "admin/practices/confirm.html", context)


def _remarks_from(request: HttpRequest) -> dict[str, str]:
    """Field → text of the posted remarks; unknown fields are nobody's."""
    names = ["", *STEP_OF]
    texts = {name: html.plain(request.POST.get(f"remark-{name or 'whole'}", "")).strip()[:2000] for name in names}
    return {name: text for name, text in texts.items() if text}


def _run(step: str, practice: GoodPractice, request: HttpRequest, remarks: dict[str, str]) -> None:
    common: dict[str, Any] = {"practice": practice, "by": request.user, "form_id": request.POST.get("form_id", "")}
    if step == "ask_back":
        review.ask_back(remarks=remarks, **common)
    elif step == "decline":
        review.decline(reason=html.plain(request.POST.get("reason", ""))[:2000], **common)
    else:
        jobs: dict[str, Callable[..., Any]] = {
            "approve": review.approve,
            "publish": review.publish,
            "archive": review.archive,
        }
        jobs[step](**common)


def _rows(practice: GoodPractice, submissions: list[Any], remarks: dict[str, str]) -> list[dict[str, Any]]:
    """One row a field: its text, what changed since the submission before, earlier and new remarks, what is missing."""
    gaps = {gap.field: gap.text for gap in missing_to_publish(practice)}
    earlier = submissions[-2].content if len(submissions) > 1 else None
    newest = submissions[-1].content if submissions else {}
    answered = [remark for row in submissions[-2:-1] for remark in row.remarks.all()]
    current = [remark for row in submissions[-1:] for remark in row.remarks.all()]
    return [
        {
            "field": name,
            "label": label_of(name),
            "body": _body(practice, name),
            "change": compare.difference(earlier.get(name), newest.get(name)) if earlier and name in newest else None,
            "earlier": [remark for remark in [*answered, *current] if remark.field == name],
            "remark": remarks.get(name, ""),
            "gap": gaps.get(name, ""),
        }
        for name in STEP_OF
        if name != "organisation"  # stands above, with the region
    ]


def _body(practice: GoodPractice, name: str) -> Any:
    if name in RELATIONS:
        return ", ".join(str(row) for row in getattr(practice, name).all())
    if name == "kind":
        return practice.get_kind_display()
    value = getattr(practice, name)
    return html.from_text(value) if isinstance(value, str) else (value or "")


def practices_to_review(request: HttpRequest, scope: str) -> Box | None:
    """The overview's box: submitted practices of the chosen scope, the oldest first."""
    user = request.user
    access = access_of(user)
    if not access.is_coordinator or not isinstance(user, User):
        return None
    rows = GoodPractice.objects.to_review_by(user).select_related("organisation").order_by("submitted_at")
    if scope == "meine" and not access.coordinates_all:
        rows = rows.filter(region__in=access.coordinated_region_ids - access.deputy_region_ids)
    elif scope == "vertretung":
        rows = rows.filter(region__in=access.deputy_region_ids)
    return Box(
        title="Beispiele zu prüfen",
        url=f"{reverse('admin:practices_goodpractice_changelist')}?status__exact={Status.SUBMITTED}",
        empty="Nichts zu tun",
        rows=[
            Row(
                title=row.title,
                url=reverse("admin:practices_goodpractice_change", args=[row.pk]),
                meta=f"{row.organisation.short_name or row.organisation.name} · eingereicht: {stamp(row.submitted_at)}",
            )
            for row in rows[:8]
        ],
    )


register_box(70, practices_to_review)
