"""Who answers for a project: the main contact, her successor or deputy, else whoever can be reached."""

import pytest

from regions.models import ContactAssignment, ContactPerson
from regions.reachability import obstacle, speaker_of
from tests import factories

pytestmark = pytest.mark.django_db
Status = ContactPerson.Status


@pytest.fixture
def project(base_data):
    return factories.make_project()


def task(project, name, function="project_lead", is_primary=False, is_deputy=False, **person):
    contact = factories.make_contact(f"{name}@example.org", last_name=name.title(), **person)
    row = ContactAssignment(
        contact=contact, project=project, function=function, is_primary=is_primary, is_deputy=is_deputy
    )
    row.save()
    return contact


def speaker(project):
    found = speaker_of(list(project.contact_assignments.select_related("contact__successor")))
    return (found.contact.last_name, found.reason) if found else None


def test_the_main_contact_speaks_for_the_project(project):
    task(project, "andere")
    task(project, "haupt", is_primary=True)
    task(project, "vertretung", is_deputy=True)
    assert speaker(project) == ("Haupt", "Hauptkontakt")


def test_the_deputy_steps_in_for_an_absent_main_contact(project):
    task(project, "haupt", is_primary=True, status=Status.ON_LEAVE)
    task(project, "andere")
    task(project, "vertretung", is_deputy=True)
    assert speaker(project) == ("Vertretung", "in Vertretung von Haupt (abwesend)")


def test_the_successor_follows_who_left(project):
    task(project, "haupt", is_primary=True, status=Status.LEFT, successor=factories.make_contact("neu@example.org"))
    assert speaker(project) == ("Muster", "Nachfolge von Haupt: Hauptkontakt")


def test_without_deputy_another_person_of_the_project_is_asked(project):
    task(project, "haupt", is_primary=True, bounced_at="2026-01-02T00:00Z")
    task(project, "andere", function="support_worker")
    assert speaker(project) == ("Andere", "Kümmerin oder Kümmerer")


def test_nobody_reachable_is_nobody(project):
    assert speaker(project) is None
    person = task(project, "haupt", is_primary=True, status=Status.LEFT)
    assert speaker(project) is None
    assert obstacle(person) == "ausgeschieden, keine Nachfolge eingetragen"
