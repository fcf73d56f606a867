"""Who may see a record: one enum and one QuerySet for pages, feeds, search, files and lists alike."""

from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Q


class Visibility(models.TextChoices):
    """The seven levels of the network; nothing is public by default."""

    PUBLIC = "public", "Öffentlichkeit"
    NETWORK = "network", "alle angemeldeten Netzwerkmitglieder"
    REGION = "region", "Mitglieder der Region"
    MEETING = "meeting", "Teilnehmende dieses Treffens"
    FUNDERS = "funders", "Koordination, BMAS, ZAV und IQ"
    COORDINATION = "coordination", "nur Koordination"
    PRIVATE = "private", "Verfasserin oder Verfasser und Koordination"


@dataclass(frozen=True)
class Access:
    """What one person's valid roles add up to; computed once a request by `User.access`."""

    user_id: int | None = None
    is_administrator: bool = False
    is_coordinator: bool = False
    coordinates_all: bool = False
    coordinated_region_ids: frozenset[int] = frozenset()
    deputy_region_ids: frozenset[int] = frozenset()
    is_funder: bool = False
    organisation_ids: frozenset[int] = frozenset()
    member_region_ids: frozenset[int] = frozenset()

    @property
    def is_member(self) -> bool:
        """Anyone with a role: the network's closed area is theirs to read."""
        return self.is_administrator or self.is_coordinator or self.is_funder or bool(self.organisation_ids)

    @property
    def is_office(self) -> bool:
        """Coordination and administration: the people who work in the admin."""
        return self.is_coordinator or self.is_administrator

    def coordinates(self, region_id: int | None) -> bool:
        """Acts for this region, as coordinator or deputy (a deputy may always read and act)."""
        return self.coordinates_all or region_id in self.coordinated_region_ids

    def coordinates_any(self, region_ids: "set[int] | frozenset[int] | list[int]") -> bool:
        return self.coordinates_all or bool(self.coordinated_region_ids & frozenset(region_ids))


NOBODY = Access()


def access_of(user: Any) -> Access:
    """The access of a User, or that of a stranger for anonymous and inactive ones."""
    if user is None or not user.is_authenticated or not user.is_active:
        return NOBODY
    return user.access


class VisibleQuerySet(models.QuerySet):
    """A QuerySet of records that carry a `visibility`.

    Subclasses name the way from the record to its regions in `region_path`
    (for example ``"regions"`` or ``"meeting__regions"``) and to its author in `author_path`.
    """

    region_path = ""
    author_path = ""

    def visible_to(self, user: Any) -> Self:
        """What this person may read. Anonymous visitors get public records only."""
        access = access_of(user)
        allowed = Q(visibility=Visibility.PUBLIC)
        if access.is_member:
            allowed |= Q(visibility=Visibility.NETWORK)
        if access.is_funder or access.is_office:
            allowed |= Q(visibility=Visibility.FUNDERS)
        if access.is_office:
            allowed |= Q(visibility__in=[Visibility.COORDINATION, Visibility.MEETING, Visibility.REGION])
        elif self.region_path and access.member_region_ids:
            in_region = {f"{self.region_path}__in": access.member_region_ids}
            allowed |= Q(visibility=Visibility.REGION) & Q(
                pk__in=self.model._default_manager.filter(**in_region).values("pk")
            )
        if self.author_path and access.user_id:
            allowed |= Q(**{self.author_path: access.user_id})
        return self.filter(allowed)
