"""The steps on the day and after: tick list, results, agreements, tasks."""

import pytest
from django.urls import reverse

from meetings.models import ActionItem, AgendaItem, Attendance, Decision, Meeting
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


@pytest.fixture
def held(invited):
    span = {"starts_at": world.in_days(-2), "ends_at": world.in_days(-1)}
    Meeting.objects.filter(pk=invited.pk).update(**span)
    invited.refresh_from_db()
    return invited


def place(name, meeting):
    return reverse(f"admin:meetings_{name}", args=[meeting.pk])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_who_said_yes_is_ticked_as_present(office, held):
    held.invitations.filter(email="erste@example.org").update(partstat="accepted", answered_at=world.in_days(-9))
    page = text(office.get(place("attendance", held)))
    assert page.count('value="present" checked') == 1
    first = held.invitations.get(email="erste@example.org")
    assert f'name="state-{first.pk}" value="present" checked' in page


def test_the_tick_list_is_stored_once_with_people_who_just_came(office, held):
    page = office.get(place("attendance", held))
    first, second, _ = held.invitations.order_by("email")
    data = {
        f"state-{first.pk}": "present",
        f"state-{second.pk}": "absent",
        "walk_in": ["Gudrun Gast", "", ""],
        "walk_in_organisation": ["Berufsschule", "", ""],
        "form_id": page.context["form_id"],
    }
    for _ in range(2):
        assert office.post(place("attendance", held), data).status_code == 302
    assert Attendance.objects.count() == 3
    held.refresh_from_db()
    assert held.status == Meeting.Status.HELD


def test_a_wrong_tick_is_told_and_the_names_stay(office, held):
    first = held.invitations.first()
    data = {f"state-{first.pk}": "quatsch", "walk_in": ["Gudrun Gast"], "walk_in_organisation": ["Berufsschule"]}
    page = text(office.post(place("attendance", held), data))
    assert "Wählen Sie für jede Person eine Angabe aus der Liste." in page
    assert 'value="Gudrun Gast"' in page
    assert not Attendance.objects.exists()


def test_a_list_before_the_day_is_told(office, invited):
    assert "wenn das Treffen begonnen hat" in text(office.post(place("attendance", invited), {}))


def test_results_of_two_editors_are_both_shown(office, held):
    item = AgendaItem.objects.create(meeting=held, title="Punkt", result_text="Von der anderen")
    data = {f"result-{item.pk}": "Von mir", f"minutes-{item.pk}": "", f"revision-{item.pk}": item.revision + 7}
    page = text(office.post(place("minutes", held), {**data, "step": "items"}))
    assert "Ihre nicht gespeicherte Fassung" in page
    assert "Von mir" in page
    assert "Von der anderen" in page


def test_a_huge_result_is_told_and_kept(office, held):
    item = AgendaItem.objects.create(meeting=held, title="Punkt")
    data = {f"result-{item.pk}": "x" * 20_001, f"minutes-{item.pk}": "", f"revision-{item.pk}": item.revision}
    page = text(office.post(place("minutes", held), {**data, "step": "items"}))
    assert "1 Zeichen zu lang" in page
    assert "x" * 20_001 in page


def test_an_agreement_and_a_task_belong_to_a_point(office, held):
    item = AgendaItem.objects.create(meeting=held, title="Punkt")
    address = place("minutes", held)
    office.post(address, {"step": "decision", "decision-text": "Wir treffen uns.", "decision-agenda_item": item.pk})
    task = {"action-title": "Raum suchen", "action-owner_name": "Frau Kaya", "action-due_on": "01.03.2031"}
    office.post(address, {"step": "action", **task, "action-agenda_item": item.pk})
    assert Decision.objects.get().agenda_item == item
    assert ActionItem.objects.get().agenda_item == item
    assert "(TOP 1)" in text(office.get(address))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"step": "decision", "decision-text": ""}, "Schreiben Sie auf, was vereinbart wurde."),
        ({"step": "decision", "decision-text": "x" * 2001}, "höchstens 2000 Zeichen"),
        ({"step": "decision", "decision-text": "a\x07"}, "Steuerzeichen"),
        (
            {"step": "decision", "decision-text": "Ja", "decision-agenda_item": "999999"},
            "Diesen Punkt gibt es nicht mehr.",
        ),
        (
            {"step": "action", "action-title": "T", "action-owner_name": "K", "action-due_on": "31.02.2026"},
            "Den 31.02.2026",
        ),
        ({"step": "action", "action-title": "", "action-owner_name": "", "action-due_on": ""}, "was zu tun ist"),
    ],
)
def test_wrong_agreements_and_tasks_are_told(office, held, data, words):
    assert words in text(office.post(place("minutes", held), data))
    assert not Decision.objects.exists()
    assert not ActionItem.objects.exists()


@pytest.mark.parametrize("step", ["remove-decision-999", "remove-action-abc", "remove-", "remove-decision-" + "9" * 40])
def test_removing_what_is_not_there_is_404(office, held, step):
    assert office.post(place("minutes", held), {"step": step}).status_code == 404
