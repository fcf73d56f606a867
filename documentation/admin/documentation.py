"""Edit a documentation and bring it out: sections in order, gaps, versions, publication."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import Media

from documentation import compose, publishing
from documentation.models import DocumentationSection, DocumentationVersion, MeetingDocumentation
from meetings.models import Meeting
from meetings.models.meeting import places_of
from mobipro import html
from mobipro.admin import PortalAdmin, PortalStackedInline
from practices.models import GoodPractice
from regions.admin.search import StoredSearchMixin
from regions.models import AlreadyReceived, FormReceipt, User


class SectionForm(forms.ModelForm):
    """One section; its HTML passes the allow-list on the way in."""

    class Meta:
        model = DocumentationSection
        fields = ["position", "kind", "title", "authors", "visibility", "practice", "body"]
        widgets = {"body": AdminProseEditorWidget(preset="section")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:  # not for those who only read
            self.fields["body"].widget.attrs["aria-label"] = f"Text: {self.instance.title or 'neuer Abschnitt'}"
        practice = self.fields.get("practice")
        if isinstance(practice, forms.ModelChoiceField):
            practice.queryset = GoodPractice.objects.public().order_by("sort_key")

    def clean_body(self) -> str:
        return str(html.clean(self.cleaned_data["body"]))


class SectionInline(PortalStackedInline):
    model = DocumentationSection
    form = SectionForm
    extra = 0
    fields = [("position", "kind", "visibility"), "title", "authors", "practice", "body"]
    readonly_fields = ["text"]
    verbose_name = "Abschnitt"
    verbose_name_plural = "Abschnitte"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads sees the text as it looks, not its HTML."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [*[name for name in self.fields if name != "body"], "text"]

    @admin.display(description="Text")
    def text(self, row: DocumentationSection) -> SafeString:
        return html.clean(row.body or "–")

    class Media:
        css = {"all": ["css/section-editor.css"]}


@admin.register(MeetingDocumentation)
class DocumentationAdmin(StoredSearchMixin, PortalAdmin):
    list_display = ["title", "meeting_code", "regions", "status", "version_number", "due_on"]
    list_filter = ["status", "meeting__year"]
    fields = ["title", "subtitle", "summary", "topics"]
    inlines = [SectionInline]
    # Not "change_form.html" in this folder: Django would take it for every model of the app.
    change_form_template = "admin/documentation/documentation_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("meeting", "current_version")
            .prefetch_related(places_of("meeting"))
        )

    @admin.display(description="Treffen", ordering="meeting__code")
    def meeting_code(self, row: MeetingDocumentation) -> str:
        return row.meeting.code

    @admin.display(description="Region")
    def regions(self, row: MeetingDocumentation) -> str:
        return row.meeting.region_names

    @admin.display(description="Fassung")
    def version_number(self, row: MeetingDocumentation) -> str:
        return str(row.current_version.number) if row.current_version else "–"

    @admin.display(description="fällig am")
    def due_on(self, row: MeetingDocumentation) -> Any:
        return row.meeting.documentation_due_on

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A documentation is made from its meeting, in the dossier."""
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("anlegen/<int:meeting_id>/", wrap(require_POST(self.create_view)), name="documentation_create"),
            path("<int:pk>/herausgeben/", wrap(self.release_view), name="documentation_release"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # The editor's import map is an inline script: it carries this request's nonce.
        obj = context.get("original")
        context["may_publish"] = request.user.has_perm("documentation.publish_documentation", obj)
        context["media"] = Media.from_media(context["media"], nonce=str(getattr(request, "csp_nonce", "")))
        return super().render_change_form(request, context, *args, **kwargs)

    def create_view(self, request: HttpRequest, meeting_id: int) -> HttpResponse:
        meeting = get_object_or_404(Meeting.objects.visible_to(request.user), pk=meeting_id)
        if not request.user.has_perm("documentation.add_meetingdocumentation", meeting):
            raise PermissionDenied
        try:
            documentation = compose.create_draft(meeting=meeting, by=cast(User, request.user))
        except compose.ComposeError as problem:
            messages.error(request, str(problem))
            return redirect(request.headers.get("referer") or reverse("admin:index"))
        messages.success(
            request, "Der Entwurf ist da, zusammengesetzt aus Tagesordnung, Ergebnissen und Vereinbarungen."
        )
        return redirect("admin:documentation_meetingdocumentation_change", documentation.pk)

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Gaps, versions and the next step; POST takes one step."""
        documentation = get_object_or_404(self.get_queryset(request), pk=pk)
        if not request.user.has_perm("documentation.publish_documentation", documentation):
            raise PermissionDenied
        if request.method == "POST":
            return self._take_step(request, documentation)
        gaps = compose.gaps(documentation)
        versions = list(documentation.versions.select_related("created_by", "published_by"))
        newest = versions[0] if versions else None
        chosen = documentation.sections.exclude(practice=None).values("practice")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Herausgeben: {documentation.title}",
            "opts": self.model._meta,
            "documentation": documentation,
            "gaps": gaps,
            "is_blocked": any(gap.blocks for gap in gaps),
            "versions": versions,
            "newest": newest,
            "needs_reason": newest is not None and newest.state != DocumentationVersion.State.FIXED,
            "practices": GoodPractice.objects.public().exclude(pk__in=chosen).order_by("sort_key")[:200],
            "form_id": FormReceipt.new_id(),
            "pdf_missing": publishing.pdf_problem(),
        }
        return render(request, "admin/documentation/release.html", context)

    def _take_step(self, request: HttpRequest, documentation: MeetingDocumentation) -> HttpResponseRedirect:
        back = redirect("admin:documentation_release", documentation.pk)
        step = request.POST.get("step", "")
        try:
            message = self._run_step(request, documentation, step)
        except (publishing.PublishingError, compose.ComposeError) as problem:
            messages.error(request, str(problem))
        except (AlreadyReceived, ValueError):
            messages.info(request, "Dieser Schritt ist schon getan.")
        else:
            messages.success(request, message)
        return back

    def _run_step(self, request: HttpRequest, documentation: MeetingDocumentation, step: str) -> str:
        post, user = request.POST, cast(User, request.user)
        if step == "request":
            version = publishing.request_version(
                documentation=documentation,
                by=user,
                correction_reason=post.get("reason", "")[:300],
                form_id=uuid.UUID(post.get("form_id", "")),
            )
            return f"Fassung {version.number} ist festgelegt. Das PDF wird erzeugt."
        if step == "add_practice":
            practice = get_object_or_404(GoodPractice.objects.public(), pk=_number(post.get("practice")))
            compose.add_practice(documentation=documentation, practice=practice, by=user)
            return f"„{practice.title}“ ist aufgenommen."
        version = get_object_or_404(documentation.versions.all(), pk=_number(post.get("version")))
        if step == "publish":
            publishing.publish(version=version, by=user, without_pdf=bool(publishing.pdf_problem()))
            return f"Fassung {version.number} ist veröffentlicht."
        if step == "retry":
            publishing.retry_pdf(version=version, by=user)
            return "Das PDF wird erneut erzeugt."
        if step == "withdraw":
            publishing.withdraw(version=version, reason=post.get("reason", ""), by=user)
            return f"Fassung {version.number} ist zurückgezogen."
        raise publishing.PublishingError("Diesen Schritt gibt es nicht.")


def _number(text: str | None) -> int:
    """A primary key from a form; 0 (which no row has) for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
