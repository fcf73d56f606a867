"""Permissions of practices: who writes, who reads, who reviews."""

from typing import Any

import rules

from practices.models import GoodPractice
from regions.rules import is_office, register_model
from regions.visibility import access_of


@rules.predicate
def writes_practices(user: Any) -> bool:
    """Staff of a Träger, and coordinators on behalf of one."""
    access = access_of(user)
    return bool(access.organisation_ids) or access.is_coordinator


@rules.predicate
def belongs_to_practice(user: Any, practice: GoodPractice | None) -> bool:
    """Wrote it, or works for its Träger."""
    access = access_of(user)
    if practice is None or access.user_id is None:
        return False
    return practice.author_id == access.user_id or practice.organisation_id in access.organisation_ids


@rules.predicate
def is_editable(user: Any, practice: GoodPractice | None) -> bool:
    """A draft, or sent back with questions."""
    return practice is not None and practice.is_editable


@rules.predicate
def reviews_practice(user: Any, practice: GoodPractice | None) -> bool:
    """Coordinates its region; a draft that was never submitted is nobody's to review."""
    access = access_of(user)
    if practice is None:
        return access.is_coordinator
    if practice.status == GoodPractice.Status.DRAFT or not access.is_coordinator:
        return False
    return access.coordinates(practice.region_id)


@rules.predicate
def reads_practice(user: Any, practice: GoodPractice | None) -> bool:
    """The same answer as `visible_to`, for one record."""
    return practice is not None and GoodPractice.objects.visible_to(user).filter(pk=practice.pk).exists()


@rules.predicate
def views_practice(user: Any, practice: GoodPractice | None) -> bool:
    """The work area shows what the list shows: no foreign draft, not even to the office."""
    return practice is None or GoodPractice.objects.visible_to(user).filter(pk=practice.pk).exists()


rules.add_perm("practices.write_practice", writes_practices)
rules.add_perm("practices.edit_practice", belongs_to_practice & is_editable)
rules.add_perm("practices.read_practice", reads_practice)
rules.add_perm("practices.review_practice", reviews_practice)
register_model(
    "practices",
    "goodpractice",
    view=is_office & views_practice,
    add=rules.always_false,
    change=reviews_practice,
    delete=rules.always_false,
)
