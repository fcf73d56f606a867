"""Mailtexte in the work area: who edits them, errors beside the field, preview, two editors."""

import pytest
from django.test import Client
from django.urls import reverse

from meetings import invitations
from meetings.models import Invitation, MailText
from mobipro.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/meetings/mailtext/art/invitation/"
LIST = "/admin/meetings/mailtext/"


@pytest.fixture
def office(client, overall):
    client.force_login(overall)
    return client


def text(response):
    return response.content.decode()


def save(client, **data):
    return client.post(ADDRESS, {"step": "save", "seen_revision": "0", **data})


def test_only_the_overall_coordination_and_administrators_edit(client, kaya, overall, administrator, gross):
    for person, may in ((kaya, False), (gross, False), (overall, True), (administrator, True)):
        browser = Client()
        browser.force_login(person)
        for address in (LIST, ADDRESS):
            assert (browser.get(address).status_code == 200) is may, (person, address)
        save(browser, text=f"Text von {person.pk}")
        assert MailText.objects.filter(text=f"Text von {person.pk}").exists() is may, person
        MailText.objects.all().delete()
    assert client.get(ADDRESS).status_code == 302


def test_every_kind_is_listed_and_starts_with_its_standard_text(office, django_assert_max_num_queries):
    page = text(office.get(LIST))
    assert page.count("Standardtext") == len(MailText.Kind.values)
    assert "wir laden Sie herzlich ein zum {treffen}." in text(office.get(ADDRESS))
    assert office.get("/admin/meetings/mailtext/art/withdrawn/").status_code == 404
    for kind in MailText.Kind.values:
        MailText.objects.create(kind=kind, text="x")
    with django_assert_max_num_queries(10):
        assert text(office.get(LIST)).count("eigener Text vom") == len(MailText.Kind.values)


def test_saved_text_is_sent_and_restored_by_deleting(office, overall, meeting, people):
    assert save(office, subject="Neu: {titel}", text="Guten Morgen {vorname}").status_code == 302
    row = MailText.objects.get()
    assert row.history.get().history_user == overall
    invitations.invite(meeting=meeting, contacts=people[:1], by=overall)
    assert "Guten Morgen Ana" in OutboxMessage.objects.get().text
    address = reverse("admin:meetings_mailtext_delete", args=[row.pk])
    assert "Standardtext wiederherstellen?" in text(office.get(address))
    assert MailText.objects.exists()
    office.post(address, {"post": "yes"})
    assert not MailText.objects.exists()
    newest = MailText.history.first()
    assert (newest.history_type, newest.history_change_reason) == ("-", "Standardtext wiederhergestellt")
    assert newest.history_user == overall


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "{foo}"}, "Den Platzhalter {foo} gibt es hier nicht. Möglich sind: {vorname}"),
        ({"text": "{titel.__class__}"}, "Den Platzhalter {titel.__class__} gibt es hier nicht."),
        ({"text": "{% now %}"}, "Den Platzhalter {% now %} gibt es hier nicht."),
        ({"text": "{{titel}}"}, "Geschweifte Klammern stehen nur um einen Platzhalter"),
        ({"text": "a", "subject": "{foo}"}, "Den Platzhalter {foo} gibt es hier nicht."),
        ({"text": "a\x07b"}, "Steuerzeichen"),
        ({"text": "a", "subject": "a\x1bb"}, "Steuerzeichen"),
        ({"text": ""}, "Füllen Sie „Text“ aus."),
        ({"text": "x" * 2001}, "Kürzen Sie auf höchstens 2000 Zeichen (jetzt 2001)."),
        ({"text": "a", "subject": "x" * 161}, "Kürzen Sie auf höchstens 160 Zeichen (jetzt 161)."),
    ],
)
def test_a_wrong_text_is_refused_at_its_field(office, data, words):
    response = save(office, **data)
    assert response.status_code == 200
    assert words in text(response)
    assert not MailText.objects.exists()


def test_preview_shows_a_real_recipient_before_and_after_saving(office, invited):
    row = invited.invitations.get(email="zweite@example.org")
    choice = {"treffen": invited.pk, "person": f"e{row.pk}"}
    page = text(office.post(ADDRESS, {"step": "preview", "text": "Hallo {vorname}", "subject": "{titel}!", **choice}))
    assert "Text noch nicht gespeichert" in page
    assert "Hallo Birgit" in page
    assert "[persönlicher Link]" in page
    assert not MailText.objects.exists()
    framed = office.get(f"{ADDRESS}html/", {**choice, "entwurf": 1})
    assert "Hallo Birgit" in text(framed)
    assert "{link:" not in text(framed)
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "Hallo Birgit" not in text(office.get(f"{ADDRESS}html/", choice))
    after = save(office, text="Grüße an {vorname}", **choice)
    assert "Grüße an Birgit" in text(office.get(after["Location"]))


def test_preview_before_the_first_invitation_takes_a_candidate(office, meeting, people):
    page = text(office.post(ADDRESS, {"step": "preview", "text": "Hallo {vorname}", "treffen": meeting.pk}))
    assert "Hallo Ana" in page
    assert not Invitation.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_preview_is_refused_for_meetings_of_others(client, administrator, invited):
    client.force_login(administrator)  # coordinates nothing
    assert client.get(f"{ADDRESS}html/", {"treffen": invited.pk}).status_code == 404
    assert "Sie koordinieren zurzeit keines" in text(client.get(ADDRESS))
    page = text(client.post(ADDRESS, {"step": "preview", "text": "Hallo", "treffen": invited.pk}))
    assert "erste@example.org" not in page


@pytest.mark.parametrize("query", [{"treffen": "x"}, {"treffen": "9" * 30}, {"person": "\x00"}, {"entwurf": "1"}])
def test_odd_questions_get_an_answer(office, invited, query):
    assert office.get(ADDRESS, query).status_code == 200
    assert office.get(f"{ADDRESS}html/", query).status_code in (200, 404)


def test_second_of_two_editors_is_told_and_loses_nothing(office):
    row = MailText.objects.create(kind="invitation", text="Erste Fassung")
    seen = row.revision
    save(office, text="Fassung von A", seen_revision=seen)
    response = save(office, text="Fassung von B", seen_revision=seen)
    assert response.status_code == 200
    assert "inzwischen" in text(response)
    assert "Fassung von B" in text(response)
    assert "Gespeichert ist jetzt: „Fassung von A“" in text(response)
    row.refresh_from_db()
    assert row.text == "Fassung von A"


def test_two_first_texts_and_a_restored_one_are_no_silent_loss(office):
    save(office, text="Fassung von A")
    assert "inzwischen" in text(save(office, text="Fassung von B"))
    assert MailText.objects.get().text == "Fassung von A"
    seen = MailText.objects.get().revision
    MailText.objects.all().delete()
    response = save(office, text="Fassung von B", seen_revision=seen)
    assert "Inzwischen hat jemand den Standardtext wiederhergestellt." in text(response)
    assert not MailText.objects.exists()
    assert save(office, text="Fassung von B").status_code == 302


def test_a_sign_in_is_needed_for_every_address(client):
    for address in (LIST, ADDRESS, f"{ADDRESS}html/"):
        assert client.get(address).status_code == 302
