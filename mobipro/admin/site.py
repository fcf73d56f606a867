"""The admin site: overview, sidebar in the order of work, login and password at the portal's own pages."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from mobipro.admin import registry

#: The sidebar: groups in the order of work and their models in the order of use.
GROUPS: dict[str, tuple[str, ...]] = {
    "Jahresplan": ("meetings.meetingseries", "meetings.meetinground"),
    "Treffen": (
        "meetings.meeting",
        "meetings.agendaitem",
        "meetings.invitation",
        "meetings.invitationrequest",
        "meetings.registration",
        "meetings.attendance",
        "meetings.decision",
        "meetings.actionitem",
        "meetings.mailing",
        "meetings.incomingmail",
        "meetings.venue",
        "meetings.mailtext",
    ),
    "Personen und Träger": (
        "regions.contactperson",
        "regions.organisation",
        "regions.project",
        "regions.participantfigure",
        "regions.contactassignment",
    ),
    "Gute Praxis": ("practices.goodpractice", "practices.practicesubmission", "practices.practiceremark"),
    "Dokumentationen": (
        "documentation.meetingdocumentation",
        "documentation.publication",
        "documentation.subscription",
    ),
    "Stammdaten": (
        "regions.region",
        "regions.federalstate",
        "regions.blockedperiod",
        "meetings.tasktemplate",
        "regions.topic",
        "regions.phase",
        "regions.cohort",
        "regions.occupationalfield",
        "regions.trainingoccupation",
        "regions.sourcecountry",
    ),
    "Betrieb": (
        "outbox.outboxmessage",
        "outbox.relay",
        "documentation.barrierreport",
        "documentation.page",
        "regions.programmesettings",
        "regions.responsiblebody",
        "regions.accountinvitation",
        "regions.user",
        "regions.roleassignment",
        "regions.formreceipt",
    ),
}
FALLBACK_GROUP = "Stammdaten"
PLACES = {label: (group, place) for group, labels in GROUPS.items() for place, label in enumerate(labels)}


class CoordinationSite(admin.AdminSite):
    site_header = "MobiPro-EU Koordination"
    site_title = "MobiPro-EU Koordination"
    index_title = "Übersicht"
    site_url = "/"
    enable_nav_sidebar = True
    final_catch_all_view = True
    _empty_value_display = "–"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register as usual, but never Django's groups: roles are RoleAssignments, and nothing else."""
        models: Iterable[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        wanted = [model for model in models if model._meta.app_label != "auth"]
        super().register(wanted, admin_class, **options)

    # --- pages -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern | URLResolver]:  # type: ignore[override]
        extra = [path(page.route, self.admin_view(page.view), name=page.name) for page in registry.pages()]
        return [*extra, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What is to be done, in the order of its urgency; the scope stands in the address."""
        scope = request.GET.get("bereich", "")
        if scope not in registry.SCOPES:
            scope = "meine"
        context = {
            "boxes": registry.boxes(request, scope),
            "scope": scope,
            "scopes": [
                {"key": key, "title": title, "is_current": key == scope} for key, title in registry.SCOPES.items()
            ],
            **(extra_context or {}),
        }
        return super().index(request, context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """Our groups are no Django apps: their one page is the overview."""
        return redirect(f"{self.name}:index")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the portal's login (limits, codes, second factor) and back; members get 403."""
        if not request.user.is_authenticated:
            index = reverse("admin:index", current_app=self.name)
            return redirect_to_login(request.GET.get("next", index), resolve_url(settings.LOGIN_URL))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(f"{self.name}:index")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        return redirect("account_change_password")

    # --- sidebar -----------------------------------------------------------------------------

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models this person may see, grouped in the order of work, and the registered links."""
        groups: dict[str, list[tuple[int, dict[str, Any]]]] = {name: [] for name in GROUPS}
        for app in self._build_app_dict(request, app_label).values():
            for model in app["models"]:
                label = model["model"]._meta.label_lower
                group, place = PLACES.get(label, (FALLBACK_GROUP, 900))
                groups[group].append((place, model))
        if app_label is None:
            for place, link in enumerate(registry.links()):
                if not link.permission or request.user.has_perm(link.permission):
                    groups.setdefault(link.group, []).append((place - 100, _as_entry(link)))
        return [_as_group(name, entries) for name, entries in groups.items() if entries]


def _as_entry(link: registry.Link) -> dict[str, Any]:
    """A link in the shape of the admin's model entries."""
    return {
        "model": None,
        "name": link.title,
        "object_name": link.url_name,
        "perms": {},
        "admin_url": reverse(link.url_name),
        "add_url": None,
        "view_only": True,
    }


def _as_group(name: str, entries: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    models = [entry for _, entry in sorted(entries, key=lambda pair: (pair[0], str(pair[1]["name"])))]
    return {
        "name": name,
        "app_label": name,
        "app_url": "",
        "has_module_perms": True,
        "models": models,
        # "Jahresplan › Jahresplan" would say it twice
        "is_single": len(models) == 1 and models[0]["name"] == name,
    }
