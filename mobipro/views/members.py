"""Start pages behind the login: the Träger's own matters, the funders' overview."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from documentation import figures as network_figures
from documentation.models import MeetingDocumentation
from meetings import approval
from meetings.emails import LINK_PURPOSE
from meetings.models import ActionItem, Invitation, Meeting, MeetingSeries
from meetings.models.meeting import places_of
from mobipro import links
from mobipro.views import year
from mobipro.views.figures import context_of, file_response
from practices.models import GoodPractice
from regions.models import Region
from regions.visibility import Access, access_of


def _own_invitations(access: Access) -> list[dict[str, Any]]:
    """Invitations of this person to meetings that are still to come, each with the personal link."""
    rows = (
        Invitation.objects.invited()
        .filter(contact__user_id=access.user_id or 0)
        .filter(Q(meeting__ends_at__gte=timezone.now()) | Q(meeting__status=Meeting.Status.POSTPONED))
        .exclude(meeting__status=Meeting.Status.CANCELLED)
        .select_related("meeting__venue")
        .prefetch_related(places_of("meeting"))
        .order_by("meeting__starts_at")
    )
    return [{"invitation": row, "meeting": row.meeting, "url": _answer_url(row)} for row in rows]


def _answer_url(invitation: Invitation) -> str:
    """The link of the person's own mail: signed in as this contact, she may have it again."""
    return reverse("meetings:answer", args=[links.token(LINK_PURPOSE, invitation.pk, invitation.link_version)])


def _meetings_of(access: Access, user: Any) -> QuerySet:
    """The next meetings of the person's regions and the national ones."""
    shown = Meeting.objects.visible_to(user).upcoming().exclude(starts_at=None)
    if not access.member_region_ids:
        return shown.for_list()[:5]
    own = Meeting.objects.filter(regions__in=access.member_region_ids).values("pk")
    return shown.filter(Q(pk__in=own) | Q(kind=Meeting.Kind.NATIONAL)).for_list()[:5]


def _practices_of(access: Access) -> QuerySet:
    """The examples of the person and of her house, in every state."""
    return (
        GoodPractice.objects.filter(Q(author=access.user_id) | Q(organisation__in=access.organisation_ids))
        .select_related("organisation")
        .order_by("-updated_at")[:10]
    )


@never_cache
@login_required
@require_safe
def member_home(request: HttpRequest) -> HttpResponse:
    """What waits for this person: invitations, tasks, own examples; funders have a page of their own."""
    access = access_of(request.user)
    if access.is_funder and not access.organisation_ids and not access.is_office:
        return redirect("funder_home")
    context = {
        "invitations": _own_invitations(access),
        "tasks": ActionItem.objects.owned_by(request.user).open().select_related("meeting"),
        "practices": _practices_of(access),
        "meetings": _meetings_of(access, request.user),
        "documentations": MeetingDocumentation.objects.published().for_list().order_by("-published_at")[:3],
        "is_member": access.is_member,
        "may_write": bool(access.organisation_ids),
        "today": timezone.localdate(),
    }
    return render(request, "pages/member_home.html", context)


def _funders_only(request: HttpRequest) -> None:
    access = access_of(request.user)
    if not (access.is_funder or access.is_office):
        raise PermissionDenied


def _plans(year: int) -> list[tuple[MeetingSeries, list[Any]]]:
    """The plans of this year and the coming ones, each with what BMAS and ZAV said last."""
    rows = MeetingSeries.objects.filter(year__gte=year).order_by("year").prefetch_related("agreements")
    return [(series, approval.newest(series)) for series in rows]


def _funder_rows(regions: Iterable[Region], meetings: Iterable[Meeting]) -> list[dict[str, Any]]:
    """The year plan as a table: each region (and the national meeting) with its meetings in order."""
    rows: list[dict[str, Any]] = [{"name": region.name, "number": region.number, "meetings": []} for region in regions]
    national: dict[str, Any] = {"name": "bundesweit", "number": None, "meetings": []}
    by_number = {row["number"]: row for row in rows}
    for meeting in meetings:
        if meeting.kind == Meeting.Kind.NATIONAL:
            national["meetings"].append(meeting)
            continue
        for region in meeting.places:
            if region.number in by_number:
                by_number[region.number]["meetings"].append(meeting)
    return [*rows, national]


@never_cache
@login_required
@require_safe
def funder_home(request: HttpRequest) -> HttpResponse:
    """BMAS, ZAV and IQ: exact figures opened down to the project, the year plan, what was documented. No persons."""
    _funders_only(request)
    today = timezone.localdate()
    regions = list(Region.objects.active().with_states())
    shown = Meeting.objects.visible_to(request.user).in_year(today.year)
    meetings = list(shown.for_list().order_by("starts_at", "code"))
    context: dict[str, Any] = {
        "today": today,
        "network_year": year.drawing(today.year, regions, meetings, linked=True),
        "rows": _funder_rows(regions, meetings),
        "plans": _plans(today.year),
        "documentations": MeetingDocumentation.objects.published().for_list().order_by("-published_at")[:3],
        "all_regions": regions,
        **context_of(request, exact=True),
    }
    context |= {
        "by_project": network_figures.by_project(context["scope"]),
        "apprentices": network_figures.apprentices(context["scope"], exact=True),
    }
    return render(request, "pages/funder_home.html", context)


@never_cache
@login_required
@require_safe
def funder_file(request: HttpRequest) -> HttpResponse:
    """The funders' figures of a selection as XLSX, with a sheet of the projects."""
    _funders_only(request)
    return file_response(request, exact=True)
