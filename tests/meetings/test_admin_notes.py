"""The page "Themenspeicher und Risiken"."""

import uuid

import pytest
from django.urls import reverse

from meetings import noting
from meetings.models import AgendaItem, Meeting, ParkedTopic, RiskNote
from tests.meetings import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


def address(meeting):
    return reverse("admin:meetings_notes", args=[meeting.pk])


def test_a_topic_and_a_risk_are_entered_once_and_belong_to_a_point(office, meeting):
    item = AgendaItem.objects.create(meeting=meeting, title="Punkt")
    topic = {"step": "topic", "topic-text": "Wohnen", "topic-agenda_item": item.pk, "form_id": str(uuid.uuid4())}
    risk = {"step": "risk", "risk-text": "Kurse fallen aus", "risk-category": "language", "form_id": str(uuid.uuid4())}
    for form in (topic, topic, risk, risk):
        assert office.post(address(meeting), form).status_code == 302
    assert ParkedTopic.objects.get().agenda_item == item
    assert RiskNote.objects.get().category == "language"
    page = office.get(address(meeting)).content.decode()
    assert "Wohnen" in page
    assert "Sprache: Kurse fallen aus" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"step": "topic", "topic-text": ""}, "welches Thema später"),
        ({"step": "topic", "topic-text": "x" * 301}, "höchstens 300 Zeichen"),
        ({"step": "topic", "topic-text": "a\x07"}, "Steuerzeichen"),
        ({"step": "risk", "risk-text": "Regen", "risk-category": "wetter"}, "Bereich aus der Liste"),
        ({"step": "risk", "risk-text": "", "risk-category": "exam"}, "was gesagt wurde"),
        ({"step": "topic", "topic-text": "Ja", "topic-agenda_item": "999999"}, "Diesen Punkt gibt es nicht mehr."),
    ],
)
def test_wrong_entries_are_told_and_nothing_is_kept(office, meeting, form, words):
    page = office.post(address(meeting), form).content.decode()
    assert words in page
    assert not ParkedTopic.objects.exists()
    assert not RiskNote.objects.exists()


def test_what_waits_is_shown_at_the_next_meeting_and_settled_there(office, meeting, overall):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=world.in_days(-3), ends_at=world.in_days(-2))
    topic = noting.park(meeting=meeting, text="Wohnen im zweiten Jahr", by=overall)
    following = world.make_dated_meeting("2031-NORD-2")
    dossier = reverse("admin:meetings_meeting_change", args=[following.pk])
    assert "Wohnen im zweiten Jahr" in office.get(dossier).content.decode()
    office.post(address(following), {"step": f"taken-{topic.pk}"})
    topic.refresh_from_db()
    assert topic.status == "taken"
    assert "Wohnen im zweiten Jahr" not in office.get(dossier).content.decode()


@pytest.mark.parametrize("step", ["taken-999", "remove-topic-999", "remove-risk-x", "quatsch", "dropped-" + "9" * 40])
def test_what_is_not_there_is_not_found(office, meeting, step):
    assert office.post(address(meeting), {"step": step}).status_code == 404


def test_a_topic_of_another_region_cannot_be_settled_here(office, meeting, overall):
    foreign = world.make_dated_meeting("2031-NRW-1", region_code="NRW")
    topic = noting.park(meeting=foreign, text="Fremd", by=overall)
    assert office.post(address(meeting), {"step": f"taken-{topic.pk}"}).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("bavarian", 403), ("gross", 302), ("lindner", 302)])
def test_only_its_coordinators_read_and_write(client, request, meeting, name, status):
    client.force_login(request.getfixturevalue(name))
    assert client.get(address(meeting)).status_code == status
    assert client.post(address(meeting), {"step": "topic", "topic-text": "Ja"}).status_code == status
    assert not ParkedTopic.objects.exists()
