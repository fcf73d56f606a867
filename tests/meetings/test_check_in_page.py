"""The check-in page and its endpoint, as a browser without script and as the script uses them."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings.models import Attendance, CheckIn, Meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(invited):
    start = timezone.now() - timedelta(hours=3)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    return Meeting.objects.get(pk=invited.pk)


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def address(meeting, name="check_in"):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def entry(person, state="present", **more):
    now = int(timezone.now().timestamp() * 1000)
    return {"id": str(uuid.uuid4()), "person": person, "state": state, "at": now, **more}


def send(client, meeting, rows, **options):
    body = rows if isinstance(rows, str) else json.dumps({"entries": rows})
    return client.post(address(meeting, "check_in_entries"), body, content_type="application/json", **options)


def first(meeting):
    return meeting.invitations.get(email="erste@example.org")


# --- without script ------------------------------------------------------------------------------
def test_a_button_ticks_a_person_and_takes_it_back(office, running):
    person = f"i-{first(running).pk}"
    for expected in (1, 0):
        page = office.get(address(running))
        value = re.search(
            rf'value="({person} \w*)" aria-pressed="(?:true|false)" data-do="here"', page.content.decode()
        )[1]
        form = {"tun": value, "form_id": page.context["form_id"]}
        response = office.post(address(running), form)
        assert response["Location"] == f"{address(running)}#{person}"
        assert Attendance.objects.count() == expected
        office.post(address(running), form)  # a double tap
        assert Attendance.objects.count() == expected


def test_a_person_who_just_came_is_added_for_somebody_and_left_early(office, running):
    form = {"tun": "neu", "name": "Gudrun Gast", "einrichtung": "Berufsschule", "anstelle": first(running).pk}
    office.post(address(running), {**form, "form_id": str(uuid.uuid4())})
    guest = Attendance.objects.get(is_walk_in=True)
    assert (guest.name, guest.organisation_name) == ("Gudrun Gast", "Berufsschule")
    assert Attendance.objects.get(invitation=first(running)).state == "excused"
    office.post(address(running), {"tun": f"w-{guest.walk_in_key} left_early"})
    guest.refresh_from_db()
    assert guest.state == "left_early"


def test_a_missing_name_is_told_and_the_house_stays(office, running):
    page = office.post(address(running), {"tun": "neu", "name": " ", "einrichtung": "Kammer"}).content.decode()
    assert "Geben Sie den Namen der Person ein." in page
    assert 'value="Kammer"' in page
    assert "<title>Fehler: Check-in" in page


@pytest.mark.parametrize(
    "tun",
    [
        "",
        "x",
        "i-",
        "i-987654 present",
        "i-1 quatsch",
        "w-1 present",
        "w-5a1c9d0e-7c1b-4b0e-9a55-0d6f1a2b3c4d present",
        "i-\x00 present",
    ],
)
def test_nonsense_is_told_and_changes_nothing(office, running, tun):
    assert 'role="alert"' in office.post(address(running), {"tun": tun}).content.decode()
    assert not Attendance.objects.exists()


def test_the_end_of_the_list_records_the_attendance(office, running):
    office.post(address(running), {"tun": f"i-{first(running).pk} present"})
    form = {"abschliessen": "1", "form_id": str(uuid.uuid4())}
    for _ in range(2):
        page = office.post(address(running), form, follow=True).content.decode()
        assert "Die Liste ist abgeschlossen" in page
    running.refresh_from_db()
    assert running.status == "held"


def test_the_list_cannot_end_before_the_meeting_begins(office, running):
    Meeting.objects.filter(pk=running.pk).update(starts_at=timezone.now() + timedelta(hours=1))
    page = office.post(address(running), {"abschliessen": "1"}).content.decode()
    assert "wenn das Treffen begonnen hat" in page


def test_before_the_door_opens_the_page_says_when(office, invited):
    page = office.get(address(invited)).content.decode()
    assert "Er öffnet vier Stunden vor dem Treffen" in page
    assert "check-in.js" not in page


def test_the_page_costs_the_same_for_one_and_three_people(office, running, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as many:
        office.get(address(running))
    running.invitations.exclude(pk=first(running).pk).delete()
    with django_assert_max_num_queries(20) as one:
        office.get(address(running))
    assert len(one) == len(many)


# --- for the script ------------------------------------------------------------------------------
def test_entries_are_taken_and_the_answer_is_the_list_of_all_phones(office, running):
    key = uuid.uuid4()
    rows = [entry(f"i-{first(running).pk}"), entry(f"w-{key}", name="Gudrun Gast", organisation="Kammer")]
    answer = send(office, running, rows).json()
    assert sorted(answer["taken"]) == sorted(row["id"] for row in rows)
    assert answer["people"] == {f"i-{first(running).pk}": "present"}
    assert answer["came"] == [
        {"person": f"w-{key}", "name": "Gudrun Gast", "organisation": "Kammer", "state": "present"}
    ]
    assert abs(answer["now"] - timezone.now().timestamp() * 1000) < 60_000
    assert office.get(address(running, "check_in_entries")).json()["people"] == answer["people"]
    send(office, running, rows)
    assert CheckIn.objects.count() == 2


def test_an_unreadable_entry_is_refused_by_its_id_and_the_others_are_taken(office, running):
    good, bad = entry(f"i-{first(running).pk}"), {"id": "kaputt", "person": "i-1"}
    answer = send(office, running, [bad, good, "text", None]).json()
    assert answer["taken"] == [good["id"]]
    assert answer["refused"][0] == ["kaputt", "Diese Eingabe ließ sich nicht lesen."]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"entries": 5', "null", "[" * 10_000, '"x"', "x" * 600_000])
def test_an_unreadable_sending_is_told(office, running, body):
    answer = send(office, running, body)
    assert answer.status_code == 409
    assert answer.json()["problem"]


def test_without_a_login_the_phone_is_told_to_log_in(client, running):
    assert send(client, running, [entry("i-1")]).status_code == 401
    assert client.get(address(running, "check_in_entries")).status_code == 401
    assert client.get(address(running)).status_code == 302


def test_an_entry_from_another_site_is_refused(kaya, running):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(kaya)
    assert send(strict, running, [entry(f"i-{first(running).pk}")]).status_code == 403
    token = strict.get(address(running, "check_in_entries")).json()["csrf"]
    assert send(strict, running, [entry(f"i-{first(running).pk}")], headers={"X-CSRFToken": token}).status_code == 200


@pytest.mark.parametrize("name", ["gross", "lindner", "bavarian", "administrator"])
def test_a_foreign_meeting_is_not_found(client, request, running, name):
    client.force_login(request.getfixturevalue(name))
    assert client.get(address(running)).status_code == 404
    assert send(client, running, [entry(f"i-{first(running).pk}")]).status_code == 404
    assert not CheckIn.objects.exists()


def test_the_worker_governs_the_check_in_and_nothing_else(client, office, running):
    worker = address(running, "check_in_worker")
    response = office.get(worker)
    assert response["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in response
    assert worker.startswith(address(running))
    client.logout()
    assert client.get(worker).status_code == 302


def test_the_content_policy_lets_the_worker_start():
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert "worker-src" not in policy  # then script-src decides, and that is our own site
    assert "'self'" in policy["script-src"]


def test_logging_out_empties_the_phone(office):
    response = office.post(reverse("account_logout"))
    assert response["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in office.get(reverse("home"))
