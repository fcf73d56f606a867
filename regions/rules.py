"""Permissions of the network: predicates of a few lines, registered once, asked everywhere by `has_perm`."""

from typing import Any

import rules

from regions.models import Region, RoleAssignment
from regions.visibility import access_of


@rules.predicate
def is_office(user: Any) -> bool:
    """Coordination or administration."""
    return access_of(user).is_office


@rules.predicate
def is_coordinator(user: Any) -> bool:
    return access_of(user).is_coordinator


@rules.predicate
def is_administrator(user: Any) -> bool:
    return access_of(user).is_administrator


@rules.predicate
def is_overall_coordinator(user: Any) -> bool:
    """Gesamtkoordination: the right over all regions."""
    return access_of(user).coordinates_all


@rules.predicate
def is_funder(user: Any) -> bool:
    return access_of(user).is_funder


@rules.predicate
def is_member(user: Any) -> bool:
    return access_of(user).is_member


@rules.predicate
def coordinates_region(user: Any, region: Region | None) -> bool:
    """Coordinates this region; without a region the question is: any at all."""
    access = access_of(user)
    return access.is_coordinator if region is None else access.coordinates(region.pk)


def invitable_roles(user: Any) -> set[str]:
    """The roles this person may invite to: nobody gives more than she has herself."""
    access = access_of(user)
    if access.is_administrator:
        return set(RoleAssignment.Role.values)
    if access.coordinates_all:
        return {RoleAssignment.Role.TRAEGER_STAFF, RoleAssignment.Role.FUNDER, RoleAssignment.Role.COORDINATOR}
    return {RoleAssignment.Role.TRAEGER_STAFF} if access.is_coordinator else set()


def register_model(app: str, model: str, *, view: Any, add: Any, change: Any, delete: Any) -> None:
    """Register Django's four permissions of a model, as the admin asks for them."""
    for action, predicate in {"view": view, "add": add, "change": change, "delete": delete}.items():
        rules.add_perm(f"{app}.{action}_{model}", predicate)


rules.add_perm("regions.operate", is_administrator)  # the page "Betrieb"
for label in ("regions", "meetings", "practices", "documentation", "outbox"):
    rules.add_perm(label, is_office)  # staff see the admin's modules

for name in (
    "organisation",
    "project",
    "contactperson",
    "projectorganisation",
    "projectlocation",
    "participantfigure",
    "contactassignment",
):
    register_model("regions", name, view=is_office, add=is_office, change=is_office, delete=is_office)
for name in ("region", "regionstate", "blockedperiod"):
    register_model(
        "regions",
        name,
        view=is_office,
        add=is_overall_coordinator | is_administrator,
        change=is_overall_coordinator | is_administrator,
        delete=is_administrator,
    )
for name in ("cohort", "occupationalfield", "trainingoccupation", "sourcecountry", "phase", "topic", "federalstate"):
    register_model("regions", name, view=is_office, add=is_office, change=is_office, delete=is_administrator)
for name in ("programmesettings", "responsiblebody"):
    register_model(
        "regions",
        name,
        view=is_office,
        add=is_overall_coordinator | is_administrator,
        change=is_overall_coordinator | is_administrator,
        delete=is_administrator,
    )
for name in ("user", "roleassignment"):
    register_model(
        "regions", name, view=is_office, add=is_administrator, change=is_administrator, delete=is_administrator
    )
register_model("regions", "accountinvitation", view=is_office, add=is_office, change=is_office, delete=is_administrator)
