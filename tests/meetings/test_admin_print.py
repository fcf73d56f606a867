"""The print kit and the certificates in the work area."""

import pytest
from django.urls import reverse

from meetings import attendance
from meetings.models import Attendance, Meeting
from mobipro import pdf
from tests.meetings import world
from tests.pdfs import opened, words

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not pdf.is_available(), reason=pdf.missing_message() or "PDFs are possible"),
]
KINDS = ("teilnahmeliste", "namensschilder", "tuerschilder", "tagesordnung")


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


@pytest.fixture
def held(invited, overall):
    Meeting.objects.filter(pk=invited.pk).update(starts_at=world.in_days(-2), ends_at=world.in_days(-1))
    first = invited.invitations.get(email="erste@example.org")
    attendance.record(meeting=invited, states={first.pk: "present"}, walk_ins=[("Gerda Gast", "")], by=overall)
    return invited


def place(name, *args):
    return reverse(f"admin:meetings_{name}", args=args)


@pytest.mark.parametrize("kind", KINDS)
def test_each_part_opens_in_the_browser_and_is_kept_nowhere(office, invited, kind):
    response = office.get(place("print", invited.pk, kind))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith(f'inline; filename="{kind}-2031-nord-1.pdf"')
    assert response["Cache-Control"].startswith("private, no-store")
    assert response.content.startswith(b"%PDF")


def test_the_dossier_leads_to_each_part(office, invited):
    page = office.get(reverse("admin:meetings_meeting_change", args=[invited.pk])).content.decode()
    for kind in KINDS:
        assert place("print", invited.pk, kind) in page
    assert place("certificates", invited.pk) not in page


def test_an_unknown_part_is_not_found(office, invited):
    assert office.get(place("print", invited.pk, "platzkarten")).status_code == 404


def test_without_a_date_there_is_nothing_to_print(office):
    meeting = world.make_meeting()
    response = office.get(place("print", meeting.pk, "teilnahmeliste"), follow=True)
    assert "Legen Sie zuerst den Termin fest." in response.content.decode()


def test_the_certificates_of_all_are_one_file(office, held):
    listed = office.get(place("certificates", held.pk)).content.decode()
    assert "Alle 2 Bestätigungen" in listed
    with opened(office.get(place("certificates", held.pk), {"alle": "1"}).content) as document:
        assert len(document.pages) == 2
        assert "Gerda Gast" in words(document)


def test_one_certificate_is_one_persons(office, held):
    row = Attendance.objects.get(is_walk_in=True)
    with opened(office.get(place("certificate", held.pk, row.pk)).content) as document:
        assert "Gerda Gast" in words(document)
        assert "Arndt" not in words(document)


def test_an_absent_person_and_a_foreign_meeting_have_none(office, held):
    row = Attendance.objects.get(is_walk_in=True)
    other = world.make_dated_meeting("2031-NORD-2")
    assert office.get(place("certificate", other.pk, row.pk)).status_code == 404
    Attendance.objects.filter(pk=row.pk).update(state="absent")
    assert office.get(place("certificate", held.pk, row.pk)).status_code == 404


def test_a_meeting_nobody_came_to_says_so(office, invited):
    page = office.get(place("certificates", invited.pk)).content.decode()
    assert "Noch ist niemand als anwesend erfasst." in page
    assert office.get(place("certificates", invited.pk), {"alle": "1"})["Content-Type"].startswith("text/html")
