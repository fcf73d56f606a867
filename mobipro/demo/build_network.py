"""Invented Träger, projects and contacts."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.text import slugify

from mobipro.demo.texts import load
from regions.models import (
    Cohort,
    ContactAssignment,
    ContactPerson,
    FederalState,
    Organisation,
    ParticipantFigure,
    Phase,
    Project,
    ProjectLocation,
    ProjectOrganisation,
    RegionState,
    SourceCountry,
    TrainingOccupation,
)

UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ł": "l", "Ł": "L", "ø": "o"}
)
Function = ContactAssignment.Function
# The cases a coordinator must have met, each in one project.
WITHOUT_CONTACT, LEAD_ON_LEAVE, LEAD_BOUNCES = "Revier International", "Hafen der Talente", "Wein und Gast"
WITHOUT_DEPUTY = (1, 4, 8)  # last digits of a project's place in the list
PHONE = "030 23125 {:03d}"  # numbers that the Bundesnetzagentur keeps free for films and stories


def german_slug(text: str) -> str:
    return slugify(text.translate(UMLAUTS))


def build(today: date, copy: int = 0) -> None:
    """Everything of one copy of the network; copies after the first carry their number in every name."""
    suffix = f" {copy + 1}" if copy else ""
    data = load("network")
    states = {state.iso_code: state for state in FederalState.objects.all()}
    regions = {row.federal_state_id: row.region for row in RegionState.objects.current().select_related("region")}
    names = _names(data, copy)
    numbers = itertools.count(1 + copy * 1000)
    organisations = {}
    projects = []
    for place, row in enumerate(data["traeger"]):
        organisation = _organisation(row, states, suffix, PHONE.format(100 + place))
        organisations[row["name"]] = organisation
        for project_row in row["projects"]:
            state = states[project_row.get("state", row["state"])]
            projects.append(_project(project_row, organisation, state, regions, today, suffix))
    for row in data["joint_projects"]:
        lead, partner = organisations[row["lead"]], organisations[row["partner"]]
        joint = {**row, "occupations": ["Koch/Köchin"], "countries": ["ES", "IT"], "places": 16}
        project = _project(joint, lead, states[row["state"]], regions, today, suffix)
        ProjectOrganisation(project=project, organisation=partner, role=ProjectOrganisation.Role.PARTNER).save()
        projects.append(project)
    if not copy:
        _gross()
    for index, project in enumerate(projects):
        _contacts(project, project.title.removesuffix(suffix), index, names, numbers, today)
    _partners(data, suffix)


def _organisation(row: dict[str, Any], states: dict[str, FederalState], suffix: str, phone: str) -> Organisation:
    organisation = Organisation(
        name=row["name"] + suffix,
        short_name=row["short"] + suffix,
        slug=german_slug(row["short"] + suffix),
        kind=Organisation.Kind.TRAEGER,
        street="Musterstraße 1",
        city=row["city"],
        federal_state=states[row["state"]],
        general_email=f"info.{german_slug(row['short'] + suffix)}@example.org",
        phone=phone,
        about=row["about"],
    )
    organisation.save()
    return organisation


def _project(
    row: dict[str, Any],
    organisation: Organisation,
    state: FederalState,
    regions: dict[int, Any],
    today: date,
    suffix: str,
) -> Project:
    project = Project(
        title=row["title"] + suffix,
        slug=german_slug(row["title"] + suffix),
        region=regions[state.pk],
        phase=Phase.objects.order_by("position")[3 + len(row["title"]) % 3],
        planned_places=row["places"],
        starts_on=today - timedelta(days=700),
        ends_on=today + timedelta(days=580),
        summary=f"{row['places']} junge Menschen lernen in {row['city']} einen Beruf. Träger: {organisation.name}.",
        last_confirmed_on=today - timedelta(days=40 + len(row["title"])),
    )
    project.save()
    ProjectOrganisation(project=project, organisation=organisation).save()
    ProjectLocation(project=project, city=row["city"], federal_state=state, is_main=True).save()
    occupations = list(TrainingOccupation.objects.filter(name__in=row["occupations"]))
    project.training_occupations.set(occupations)
    project.occupational_fields.set({occupation.field_id for occupation in occupations})
    project.source_countries.set(SourceCountry.objects.filter(iso_code__in=row["countries"]))
    project.cohorts.set(Cohort.objects.filter(year__in=[2015, 2016][: 1 + len(row["title"]) % 2]))
    _figure(project, today)
    return project


def _figure(project: Project, today: date) -> None:
    places = project.planned_places or 0
    gone = len(project.title) % 5
    ParticipantFigure(
        project=project, as_of=today - timedelta(days=55), in_training=places - gone, dropped_out=gone
    ).save()


def _names(data: dict[str, Any], copy: int) -> Iterator[tuple[str, str, str]]:
    """Endless (salutation, first name, last name), each pair of names once in a long while."""
    women, men, last = data["first_names_f"], data["first_names_m"], data["last_names"]
    for index in itertools.count(copy * 97):
        is_woman = index % 2 == 0
        first = women if is_woman else men
        yield "Frau" if is_woman else "Herr", first[(index // 2) % len(first)], last[(index * 7) % len(last)]


def _gross() -> None:
    traeger = Organisation.objects.get(short_name="Werkstatt Leer")
    contact = ContactPerson(
        salutation="Herr",
        first_name="Jürgen",
        last_name="Groß",
        organisation=traeger,
        email="gross@example.org",
        phone=PHONE.format(17),
    )
    contact.save()
    for project in Project.objects.filter(organisations=traeger):
        ContactAssignment(contact=contact, project=project, function=Function.SUPPORT_WORKER, is_primary=True).save()


def _contacts(project: Project, title: str, index: int, names: Iterator, numbers: Iterator[int], today: date) -> None:
    """A main contact and mostly a deputy; one project has none, one main contact is away, one address bounces."""
    lead = project.lead
    if lead is None or title == WITHOUT_CONTACT:
        return
    if not project.contact_assignments.exists():
        main = _contact(lead, names, numbers)
        if title == LEAD_ON_LEAVE:
            main.status, main.on_leave_until = ContactPerson.Status.ON_LEAVE, today + timedelta(days=45)
        if title == LEAD_BOUNCES:
            main.bounced_at = f"{today - timedelta(days=12)}T09:14:00+00:00"
        main.save()
        ContactAssignment(contact=main, project=project, function=Function.PROJECT_LEAD, is_primary=True).save()
    if index % 10 not in WITHOUT_DEPUTY:
        deputy = _contact(lead, names, numbers)
        deputy.save()
        ContactAssignment(contact=deputy, project=project, function=Function.SUPPORT_WORKER, is_deputy=True).save()


def _contact(organisation: Organisation, names: Iterator, numbers: Iterator[int]) -> ContactPerson:
    salutation, first, last = next(names)
    number = next(numbers)
    mailbox = f"{german_slug(first)[0]}.{german_slug(last)}{number}"
    return ContactPerson(
        salutation=salutation,
        first_name=first,
        last_name=last,
        organisation=organisation,
        email=f"{mailbox}@example.org",
        phone=PHONE.format(200 + number % 800),
    )


def _partners(data: dict[str, Any], suffix: str) -> None:
    for row in data["partners"]:
        organisation = Organisation(
            name=row["name"] + suffix, slug=german_slug(row["name"] + suffix), kind=row["kind"], city=row["city"]
        )
        organisation.save()
        for person in row["contacts"]:
            mailbox = person["mailbox"] + suffix.strip()
            fields = {key: person[key] for key in ("salutation", "title", "first_name", "last_name")}
            ContactPerson(**fields, organisation=organisation, email=f"{mailbox}@example.org").save()
