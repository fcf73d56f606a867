"""Public pages of documentations and publications. Reading only."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from documentation.forms import DocumentationFilter, PublicationFilter
from documentation.models import DocumentationVersion, MeetingDocumentation, Publication
from mobipro import files, html
from practices.models import GoodPractice, PracticeImage
from regions.models import Region
from regions.visibility import Visibility, access_of

PER_PAGE = 12


@require_safe
def documentation_list(request: HttpRequest) -> HttpResponse:
    published = MeetingDocumentation.objects.published().for_list().order_by("-meeting__starts_at")
    found = DocumentationFilter(request.GET, queryset=published)
    page = Paginator(found.qs.distinct(), PER_PAGE).get_page(request.GET.get("seite"))
    context = {"filter": found, "page": page, "all_regions": list(Region.objects.active())}
    return render(request, "documentation/documentation_list.html", context)


def _readable_sections(request: HttpRequest, version: DocumentationVersion) -> list[dict[str, Any]]:
    """The sections of this version that this person may read; each body passes the allow-list once more."""
    levels = {str(Visibility.PUBLIC)}
    access = access_of(request.user)
    if access.is_member:
        levels.add(str(Visibility.NETWORK))
    if access.is_funder or access.is_office:
        levels.add(str(Visibility.FUNDERS))
    rows = [row for row in version.content["sections"] if row["visibility"] in levels]
    shown = _readable_pictures(request, rows)
    return [
        {
            **row,
            "body": html.clean(row["html"]),
            "pictures": [picture for picture in row.get("pictures", []) if picture["id"] in shown],
        }
        for row in rows
    ]


def _readable_pictures(request: HttpRequest, rows: list[dict[str, Any]]) -> set[int]:
    """Pictures of practices that were archived meanwhile stay in the PDF only: their files are no longer handed out."""
    wanted = [picture["id"] for row in rows for picture in row.get("pictures", [])]
    if not wanted:
        return set()
    visible = GoodPractice.objects.visible_to(request.user)
    return set(PracticeImage.objects.filter(pk__in=wanted, practice__in=visible).values_list("pk", flat=True))


def _version_page(
    request: HttpRequest, documentation: MeetingDocumentation, version: DocumentationVersion
) -> HttpResponse:
    withdrawn = version.state == DocumentationVersion.State.WITHDRAWN
    context = {
        "documentation": documentation,
        "version": version,
        "content": version.content,
        "sections": [] if withdrawn else _readable_sections(request, version),
        "other_versions": [row for row in documentation.versions.all() if row.published_at and row.pk != version.pk],
        "is_current": documentation.current_version_id == version.pk,
        "all_regions": list(Region.objects.active()),
    }
    template = "documentation/withdrawn.html" if withdrawn else "documentation/documentation.html"
    return render(request, template, context, status=410 if withdrawn else 200)


def _documentation(slug: str) -> MeetingDocumentation:
    rows = MeetingDocumentation.objects.filter(versions__published_at__isnull=False).distinct()
    return get_object_or_404(rows.for_list().prefetch_related("versions", "topics"), slug=slug)


@require_safe
def documentation(request: HttpRequest, slug: str) -> HttpResponse:
    """The current version; where all were withdrawn, the last one's notice (410)."""
    found = _documentation(slug)
    version = found.current_version or next(row for row in found.versions.all() if row.published_at)
    return _version_page(request, found, version)


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One published version by its number; an earlier one stays reachable and says so."""
    found = _documentation(slug)
    wanted = next((row for row in found.versions.all() if row.number == number and row.published_at), None)
    if wanted is None:
        raise Http404
    return _version_page(request, found, wanted)


@require_safe
def pdf(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """The bytes of one published version; the office may read a fixed one before."""
    rows = DocumentationVersion.objects.select_related("documentation").filter(documentation__slug=slug, number=number)
    if not access_of(request.user).is_office:
        rows = rows.filter(published_at__isnull=False)
    wanted = get_object_or_404(rows)
    if wanted.state == DocumentationVersion.State.WITHDRAWN:
        return _version_page(request, wanted.documentation, wanted)
    if not wanted.has_pdf:
        return render(request, "documentation/pdf_pending.html", {"version": wanted}, status=404)
    name = f"{wanted.documentation.meeting.code}-Dokumentation-Fassung-{wanted.number}.pdf"
    return files.serve(wanted.file, filename=name, content_type="application/pdf", inline=True)


@require_safe
def publication_list(request: HttpRequest) -> HttpResponse:
    visible = Publication.objects.visible_to(request.user).order_by("-year", "-month", "-day", "sort_key")
    found = PublicationFilter(request.GET, queryset=visible)
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("seite"))
    return render(request, "documentation/publication_list.html", {"filter": found, "page": page})


@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Publication.objects.visible_to(request.user).prefetch_related("topics"), slug=slug)
    return render(request, "documentation/publication.html", {"publication": found})
