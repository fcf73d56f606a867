"""The list of all addresses: who may call them, how, and whether that changes something.

Written by hand on purpose: a new address must be thought about. tests/test_roles.py fails on an
address that is missing here, and asks each one as each person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.urls import URLPattern, get_resolver


class Who(StrEnum):
    """Who gets an answer; single records are narrowed further by `visible_to` (foreign ones are 404)."""

    EVERYBODY = "everybody"
    LINK = "whoever holds the personal link"
    STRANGERS = "people who are not signed in; others are led to their start page"
    SIGNED_IN = "everybody with a login"
    FUNDERS = "funders and office"
    OFFICE = "coordinators and administrators, by the rules of the model"


@dataclass(frozen=True)
class Rule:
    who: Who
    methods: tuple[str, ...] = ("GET",)
    changes_state: bool = False


@dataclass(frozen=True)
class Route:
    """One address of the site; `rule` None means undeclared."""

    path: str
    name: str
    ids: dict[str, str]
    rule: Rule | None

    def as_dict(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "route": self.path,
            "name": self.name,
            "methods": list(rule.methods) if rule else [],
            "who": str(rule.who) if rule else "undeclared",
            "ids": self.ids,
            "changes_state": bool(rule and rule.changes_state),
        }


READ = Rule(Who.EVERYBODY)
FORM = Rule(Who.EVERYBODY, ("GET", "POST"), True)
ENTRANCE = Rule(Who.STRANGERS, ("GET", "POST"), True)
LINK_FORM = Rule(Who.LINK, ("GET", "POST"), True)
OWN = Rule(Who.SIGNED_IN)
OWN_FORM = Rule(Who.SIGNED_IN, ("GET", "POST"), True)
OWN_STEP = Rule(Who.SIGNED_IN, ("POST",), True)
OFFICE = Rule(Who.OFFICE)
OFFICE_FORM = Rule(Who.OFFICE, ("GET", "POST"), True)
OFFICE_STEP = Rule(Who.OFFICE, ("POST",), True)

RULES: dict[str, Rule] = {
    **dict.fromkeys(["home", "project", "figures", "figures_file", "search", "page", "logo"], READ),
    **dict.fromkeys(["healthz", "readyz", "robots", "sitemap"], READ),
    "report_barrier": FORM,
    "member_home": OWN,
    "funder_home": Rule(Who.FUNDERS),
    "funder_file": Rule(Who.FUNDERS),
    "account_invitation": LINK_FORM,
    # regions
    **dict.fromkeys(
        ["regions:region_list", "regions:region", "regions:organisation_list", "regions:organisation"], READ
    ),
    "regions:report_figures": LINK_FORM,
    # meetings
    **dict.fromkeys(
        ["meetings:meeting_list", "meetings:meeting", "meetings:ics", "meetings:feed_all", "meetings:feed_region"], READ
    ),
    "meetings:answer": LINK_FORM,
    "meetings:feedback": LINK_FORM,
    "meetings:answer_ics": Rule(Who.LINK),
    "meetings:answer_certificate": Rule(Who.LINK),
    "check_certificate": READ,
    **dict.fromkeys(["meetings:check_in", "meetings:check_in_entries"], OFFICE_FORM),
    "meetings:check_in_worker": OFFICE,
    "meetings:new_link": FORM,
    "meetings:poll": LINK_FORM,
    "meetings:action": LINK_FORM,
    "meetings:request_invitation": FORM,
    # practices
    **dict.fromkeys(["practices:practice_list", "practices:practice", "practices:feed"], READ),
    **dict.fromkeys(["practices:image", "practices:file"], READ),
    **dict.fromkeys(["practices:own_list", "practices:hub", "practices:preview"], OWN),
    **dict.fromkeys(["practices:create", "practices:edit", "practices:discard"], OWN_FORM),
    **dict.fromkeys(
        [
            "practices:submit",
            "practices:add_image",
            "practices:add_file",
            "practices:remove_image",
            "practices:remove_file",
        ],
        OWN_STEP,
    ),
    # documentation
    **dict.fromkeys(
        [
            "documentation:documentation_list",
            "documentation:documentation",
            "documentation:version",
            "documentation:pdf",
            "documentation:feed",
            "documentation:publication_list",
            "documentation:publication",
        ],
        READ,
    ),
    "documentation:subscribe": FORM,
    **dict.fromkeys(
        ["documentation:subscription_confirm", "documentation:subscription", "documentation:unsubscribe"], LINK_FORM
    ),
    # sign-in and account (allauth)
    **dict.fromkeys(
        [
            "account_login",
            "account_signup",
            "account_reset_password",
            "account_request_login_code",
            "account_confirm_login_code",
            "mfa_authenticate",
            "mfa_login_webauthn",
        ],
        ENTRANCE,
    ),
    **dict.fromkeys(
        [
            "account_inactive",
            "account_email_verification_sent",
            "account_reset_password_done",
            "account_reset_password_from_key_done",
        ],
        READ,
    ),
    **dict.fromkeys(["account_confirm_email", "account_reset_password_from_key"], LINK_FORM),
    "account_logout": FORM,
    **dict.fromkeys(["mfa_index", "mfa_view_recovery_codes", "mfa_list_webauthn", "mfa_download_recovery_codes"], OWN),
    **dict.fromkeys(
        [
            "account_email",
            "account_change_password",
            "account_set_password",
            "account_reauthenticate",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_generate_recovery_codes",
            "mfa_add_webauthn",
            "mfa_remove_webauthn",
            "mfa_edit_webauthn",
        ],
        OWN_FORM,
    ),
    # admin: its frame
    **dict.fromkeys(["admin:index", "admin:jsi18n", "admin:autocomplete", "admin:app_list"], OFFICE),
    **dict.fromkeys(["admin:view_on_site", "admin:password_change_done"], OFFICE),
    **dict.fromkeys(["admin:login", "admin:logout", "admin:password_change"], OFFICE_FORM),
    # admin: steps
    "admin:regions_contactperson_invite": OFFICE_STEP,
    "admin:operations": OFFICE_FORM,
    **dict.fromkeys(["admin:holiday_import", "admin:holiday_run", "admin:imports", "admin:import_run"], OFFICE_FORM),
    **dict.fromkeys(["admin:import_template", "admin:import_result", "admin:export"], OFFICE),
    "admin:import_undo": OFFICE_STEP,
    "admin:figure_requests": OFFICE_FORM,
    "admin:figure_requests_file": OFFICE,
    **dict.fromkeys(["admin:meetings_year_plan_now", "admin:meetings_preview", "admin:outbox_html"], OFFICE),
    "admin:meetings_save_the_date_preview": OFFICE,
    "admin:meetings_save_the_date_test_mail": OFFICE_STEP,
    "admin:meetings_circular": OFFICE_FORM,
    "admin:meetings_circular_preview": OFFICE,
    **dict.fromkeys(["admin:meetings_feedback_file", "admin:meetings_feedback_poster"], OFFICE),
    "admin:meetings_feedback": OFFICE_FORM,
    "admin:meetings_feedback_renew": OFFICE_STEP,
    "admin:meetings_circular_test_mail": OFFICE_STEP,
    "admin:meetings_sent_mails": OFFICE,
    **dict.fromkeys(["admin:meetings_print", "admin:meetings_certificates", "admin:meetings_certificate"], OFFICE),
    "admin:meetings_preparation": OFFICE,
    "admin:meetings_tasks": OFFICE_FORM,
    "admin:meetings_poll": OFFICE_FORM,
    "admin:meetings_poll_start": OFFICE_FORM,
    "admin:meetings_mail_text": OFFICE_FORM,
    "admin:meetings_mail_text_html": OFFICE,
    **dict.fromkeys(
        [
            "admin:meetings_year_plan",
            "admin:meetings_date",
            "admin:meetings_details",
            "admin:meetings_agenda",
            "admin:meetings_invite",
            "admin:meetings_guests",
            "admin:meetings_save_the_date",
            "admin:meetings_move",
            "admin:meetings_change",
            "admin:meetings_attendance",
            "admin:meetings_minutes",
            "admin:meetings_notes",
        ],
        OFFICE_FORM,
    ),
    **dict.fromkeys(["admin:meetings_mailing", "admin:meetings_decide", "admin:meetings_test_mail"], OFFICE_STEP),
    **dict.fromkeys(["admin:meetings_step", "admin:meetings_person", "admin:meetings_minutes_save"], OFFICE_STEP),
    "admin:meetings_year_step": OFFICE_STEP,
    "admin:meetings_year_proposal": OFFICE,
    "admin:documentation_create": OFFICE_FORM,
    "admin:documentation_release": OFFICE_FORM,
    "admin:documentation_subscriptions": OFFICE,
}

# Every model in the work area; its list, form, history and deletion follow the model's rules.
ADMIN_MODELS = (
    "regions_user",
    "regions_accountinvitation",
    "regions_organisation",
    "regions_project",
    "regions_contactperson",
    "regions_region",
    "regions_federalstate",
    "regions_blockedperiod",
    "regions_programmesettings",
    "regions_responsiblebody",
    "regions_cohort",
    "regions_occupationalfield",
    "regions_trainingoccupation",
    "regions_sourcecountry",
    "regions_phase",
    "regions_topic",
    "meetings_incomingmail",
    "meetings_mailtext",
    "meetings_meeting",
    "meetings_meetingseries",
    "meetings_tasktemplate",
    "meetings_venue",
    "outbox_outboxmessage",
    "practices_goodpractice",
    "documentation_meetingdocumentation",
    "documentation_page",
    "documentation_barrierreport",
    "documentation_publication",
    "documentation_subscription",
    "account_emailaddress",  # allauth's; no rule allows them, so nobody sees them
    "mfa_authenticator",
)
for _model in ADMIN_MODELS:
    RULES[f"admin:{_model}_history"] = OFFICE
    for _view in ("changelist", "add", "change", "delete"):
        RULES[f"admin:{_model}_{_view}"] = OFFICE_FORM


def all_routes() -> Iterator[Route]:
    """Every address with a name; the admin's two nameless ones only redirect."""
    yield from _walk(get_resolver().url_patterns, "/", "", {})


def _walk(patterns: Any, prefix: str, namespace: str, ids: dict[str, str]) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if not isinstance(entry, URLPattern):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, path, inner, {**ids, **_ids(entry)})
        elif entry.name:
            name = f"{namespace}{entry.name}"
            yield Route(path, name, {**ids, **_ids(entry)}, RULES.get(name))


def _ids(entry: Any) -> dict[str, str]:
    """The placeholders of an address with their types."""
    converters = getattr(entry.pattern, "converters", {})
    if converters:
        return {name: type(kind).__name__.removesuffix("Converter").lower() for name, kind in converters.items()}
    groups = getattr(entry.pattern.regex, "groupindex", {})
    return dict.fromkeys(groups, "text")
