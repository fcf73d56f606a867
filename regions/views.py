"""Public directory of the Träger, and the page behind an account invitation."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from regions import accounts
from regions.forms import OrganisationFilter
from regions.models import Organisation, Project, Region

PER_PAGE = 24


_IN_LIST = ("occupational_fields",)
_ON_PAGE = ("locations__federal_state", "occupational_fields", "training_occupations", "source_countries", "cohorts")


def _projects_with(*facts: str) -> Prefetch:
    """Published projects of a Träger with what the page shows of them, in a fixed number of queries."""
    projects = Project.objects.exclude(status=Project.Status.DISCONTINUED).select_related("region", "phase")
    return Prefetch("projects", queryset=projects.prefetch_related(*facts))


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """All published Träger, filtered by a plain GET form; htmx asks for the same address and takes the results."""
    found = OrganisationFilter(request.GET, queryset=Organisation.objects.published())
    rows = found.qs.select_related("federal_state").prefetch_related(_projects_with(*_IN_LIST))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("seite"))
    context = {"filter": found, "form": found.form, "page": page, "chips": _chips(found), "facets": _facets(found)}
    return render(request, "regions/organisation_list.html", context)


def _chips(found: OrganisationFilter) -> list[tuple[str, Any, str]]:
    """What is chosen, each with its way out."""
    if not found.form.is_valid():
        return []
    return [
        (name, found.data.get(name), f"{found.form.fields[name].label}: {value}")
        for name, value in found.form.cleaned_data.items()
        if value not in (None, "")
    ]


def _facets(found: OrganisationFilter) -> list[dict[str, Any]]:
    """Träger of each region within the other filters, as links; the region's own choice does not count."""
    data = found.data.copy()
    data.pop("region", None)
    data.pop("seite", None)
    others = OrganisationFilter(data, queryset=Organisation.objects.published())
    ids = others.qs.order_by().values("pk")
    rows = (
        Region.objects.active()
        .filter(projects__organisations__in=ids)
        .annotate(number_of_organisations=Count("projects__organisations", distinct=True))
    )
    facets = []
    for region in rows:
        data["region"] = region.slug
        facets.append(
            {
                "label": region.name,
                "count": region.number_of_organisations,
                "url": f"?{data.urlencode()}",
                "is_current": found.data.get("region") == region.slug,
            }
        )
    return facets


@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """One Träger with its projects. No person and no personal address: only the general mailbox."""
    rows = Organisation.objects.published().select_related("federal_state").prefetch_related(_projects_with(*_ON_PAGE))
    found = get_object_or_404(rows, slug=slug)
    projects = list(found.projects.all())
    context = {
        "organisation": found,
        "projects": projects,
        "regions": sorted({project.region for project in projects}, key=lambda region: region.number),
    }
    return render(request, "regions/organisation.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET says for whom the account is; only POST remembers the invitation and leads to the sign-up."""
    invitation = accounts.invitation_from_token(token)
    if invitation is None:
        return render(request, "regions/invitation_invalid.html", status=410)
    if request.method == "POST":
        request.session[accounts.SESSION_KEY] = token
        return redirect("account_signup")
    return render(request, "regions/invitation.html", {"invitation": invitation, "token": token})
