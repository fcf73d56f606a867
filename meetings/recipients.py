"""Choose the recipients of an invitation, each with the reason beside the name – and who is left out, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from meetings.models import Invitation, Meeting
from regions.models import ContactAssignment, ContactPerson, Organisation, Project
from regions.reachability import obstacle
from regions.visibility import access_of

PARTNER_KINDS = (Organisation.Kind.MINISTRY, Organisation.Kind.FEDERAL_AGENCY, Organisation.Kind.EXPERT_BODY)
HAVE_MAIL = (_INVITED, _NOTED) = ("schon eingeladen", "hat schon das Save the Date")


@dataclass(frozen=True)
class Candidate:
    """A person of the address book with the reason why she is (or is not) proposed. Excluded ones cannot be chosen."""

    contact: ContactPerson
    project: Project | None
    reason: str
    reason_text: str
    preselected: bool = True
    excluded_reason: str = ""


def candidates(meeting: Meeting, by: Any = None, *, for_save_the_date: bool = False) -> list[Candidate]:
    """The people of the meeting's active projects and the partners, each once, in order of their names.

    A joint meeting: each coordinator gets her own regions' people. Seven queries, whatever the number of people.
    """
    found: dict[int, Candidate] = {}
    for rows in _assignments(meeting, by).values():
        for candidate in _of_project(rows):
            _merge(found, candidate)
    partners = ContactPerson.objects.filter(organisation__kind__in=PARTNER_KINDS, organisation__is_active=True)
    for contact in partners.select_related("organisation", "successor__organisation"):
        partner = contact.organisation.short_name or contact.organisation.name
        for candidate in _reachable(contact, None, Invitation.Reason.PARTNER, f"Partner: {partner}", []):
            _merge(found, candidate)
    _mark_known(meeting, found, for_save_the_date)
    return sorted(found.values(), key=lambda row: (row.contact.sort_key, row.contact.pk))


def unreachable_projects(meeting: Meeting, by: Any = None) -> list[Project]:
    """Active projects of which nobody can be invited; a sign of risk, to be called."""
    projects = list(_projects(meeting, by))
    reached = {
        row.project_id
        for rows in _assignments(meeting, by).values()
        for row in rows
        if any(not candidate.excluded_reason for candidate in _of_project(rows))
    }
    return [project for project in projects if project.pk not in reached]


def _projects(meeting: Meeting, by: Any) -> Any:
    projects = Project.objects.active()
    if meeting.kind == Meeting.Kind.NATIONAL:
        return projects
    region_ids = {region.pk for region in meeting.regions.all()}
    access = access_of(by) if by is not None else None
    if access and not access.coordinates_all:
        region_ids = region_ids & access.coordinated_region_ids or region_ids
    return projects.filter(region__in=region_ids)


def _assignments(meeting: Meeting, by: Any) -> dict[int, list[ContactAssignment]]:
    rows = (
        ContactAssignment.objects.valid()
        .filter(project__in=_projects(meeting, by))
        .select_related("contact__organisation", "contact__successor__organisation", "project")
        .order_by("project__sort_key", "-is_primary", "is_deputy", "pk")
    )
    grouped: dict[int, list[ContactAssignment]] = {}
    for row in rows:
        if row.project_id is not None:
            grouped.setdefault(row.project_id, []).append(row)
    return grouped


def _of_project(rows: list[ContactAssignment]) -> Iterable[Candidate]:
    deputies = [row.contact for row in rows if row.is_deputy]
    for row in rows:
        function = "Hauptkontakt" if row.is_primary else row.get_function_display()
        if row.is_deputy:
            text = f"Vertretung im Projekt „{row.project}“; ist dabei, wenn der Hauptkontakt fehlt"
            for candidate in _reachable(row.contact, row.project, Invitation.Reason.PROJECT, text, []):
                yield replace(candidate, preselected=False)
            continue
        text = f"{function} im Projekt „{row.project}“"
        substitutes = deputies if row.is_primary else []
        yield from _reachable(row.contact, row.project, Invitation.Reason.PROJECT, text, substitutes)


def _reachable(
    contact: ContactPerson, project: Project | None, reason: str, text: str, deputies: list[ContactPerson]
) -> Iterable[Candidate]:
    """The person, or why not – and then who comes instead."""
    why_not = obstacle(contact)
    if not why_not:
        yield Candidate(contact, project, reason, text)
        return
    yield Candidate(contact, project, reason, text, preselected=False, excluded_reason=why_not)
    if contact.status == ContactPerson.Status.LEFT:
        if contact.successor is not None and not obstacle(contact.successor):
            yield Candidate(contact.successor, project, reason, f"Nachfolge von {contact.full_name}: {text}")
        return
    for deputy in deputies:
        if not obstacle(deputy):
            yield Candidate(
                deputy, project, reason, f"in Vertretung von {contact.full_name} ({obstacle(contact)}): {text}"
            )


def _merge(found: dict[int, Candidate], new: Candidate) -> None:
    """One row a person: a chosen one wins over a proposed one, reasons are joined."""
    old = found.get(new.contact.pk)
    if old is None:
        found[new.contact.pk] = new
        return
    if old.reason_text == new.reason_text:
        return
    first, second = (old, new) if old.preselected or not new.preselected else (new, old)
    joined = f"{first.reason_text}; {second.reason_text}"
    found[new.contact.pk] = replace(first, reason_text=joined[:300])


def _mark_known(meeting: Meeting, found: dict[int, Candidate], for_save_the_date: bool) -> None:
    """Nobody gets the same mail twice; who has the Save the Date is chosen for the invitation."""
    known = {row.email.lower(): row for row in meeting.invitations.all()}
    for pk, candidate in found.items():
        row = known.get(candidate.contact.email.lower())
        if row is None or candidate.excluded_reason:
            continue
        if row.withdrawn_at is None and row.is_only_noted and not for_save_the_date:
            found[pk] = replace(candidate, preselected=True)
        elif row.withdrawn_at is None:
            reason = _NOTED if row.is_only_noted else _INVITED
            found[pk] = replace(candidate, preselected=False, excluded_reason=reason)
        else:
            found[pk] = replace(candidate, preselected=False, reason_text=f"{candidate.reason_text} (war ausgeladen)")
