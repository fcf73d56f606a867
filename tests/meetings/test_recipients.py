import pytest
from django.utils import timezone

from meetings import recipients
from meetings.models import Meeting
from regions.models import ContactPerson
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db


def by_email(meeting, by=None):
    return {row.contact.email: row for row in recipients.candidates(meeting, by)}


def test_everybody_reachable_is_proposed_with_a_reason(meeting, people):
    found = by_email(meeting)
    assert set(found) == {"erste@example.org", "zweite@example.org", "dritte@example.org"}
    assert found["erste@example.org"].reason_text == "Hauptkontakt im Projekt „Ankommen in Hamburg“"
    assert all(row.preselected for row in found.values())


def test_the_number_of_queries_does_not_grow_with_people(meeting, people, project, django_assert_num_queries):
    world.make_partner()
    with django_assert_num_queries(5):
        recipients.candidates(Meeting.objects.get(pk=meeting.pk))
    for number in range(5):
        world.make_project_person(f"mehr{number}@example.org", project)
    with django_assert_num_queries(5):
        recipients.candidates(Meeting.objects.get(pk=meeting.pk))


def test_a_bounced_address_is_named_and_not_proposed(meeting, people, project):
    ContactPerson.objects.filter(email="erste@example.org").update(bounced_at=timezone.now())
    row = by_email(meeting)["erste@example.org"]
    assert not row.preselected
    assert "unzustellbar" in row.excluded_reason


def test_the_deputy_comes_when_the_main_contact_is_away(meeting, people, project):
    world.make_project_person("vertretung@example.org", project, "Diaz", is_deputy=True)
    assert not by_email(meeting)["vertretung@example.org"].preselected
    ContactPerson.objects.filter(email="erste@example.org").update(status="on_leave")
    found = by_email(meeting)
    assert found["vertretung@example.org"].preselected
    assert "in Vertretung von Ana Arndt" in found["vertretung@example.org"].reason_text
    assert found["erste@example.org"].excluded_reason == "abwesend"


def test_the_successor_of_somebody_who_left_is_proposed(meeting, people):
    successor = factories.make_contact("neu@example.org", last_name="Neu", first_name="Nia")
    ContactPerson.objects.filter(email="erste@example.org").update(status="left", successor=successor)
    assert "Nachfolge von Ana Arndt" in by_email(meeting)["neu@example.org"].reason_text


def test_a_person_of_two_projects_stands_once_with_both_reasons(meeting, people):
    second = factories.make_project("Zweites Projekt", "NORD")
    second.contact_assignments.create(contact=people[0], function="project_lead")
    row = by_email(meeting)["erste@example.org"]
    assert "Ankommen in Hamburg" in row.reason_text
    assert "Zweites Projekt" in row.reason_text


def test_partners_are_proposed(meeting):
    world.make_partner()
    assert by_email(meeting)["partner@example.org"].reason_text == "Partner: BMAS"


def test_each_coordinator_invites_the_people_of_her_own_region(meeting, people, kaya, bavarian, overall):
    meeting.regions.add(factories.region("BY"))
    world.make_project_person("sued@example.org", factories.make_project("In Bayern", "BY"))
    assert set(by_email(meeting, bavarian)) == {"sued@example.org"}
    assert len(by_email(meeting, overall)) == 4
    assert len(by_email(meeting, kaya)) == 4  # Nord and, as deputy, Bayern


def test_a_project_without_anybody_is_counted(meeting, people):
    lonely = factories.make_project("Niemand da", "NORD")
    assert recipients.unreachable_projects(meeting) == [lonely]
