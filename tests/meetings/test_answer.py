from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import invitations, registrations, scheduling
from meetings.models import Answer, Invitation, InvitationRequest, Meeting, Registration, SupportNeed
from meetings.models.invitation import PartStat
from regions.models import FormReceipt
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(invitation):
    return reverse("meetings:answer", args=[world.token_of(invitation)])


def post(client, url, **data):
    return client.post(url, {"form_id": FormReceipt.new_id(), "aktion": "antwort", **data}, follow=True)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_reading_changes_nothing_and_sets_no_cookie(client, url):
    response = client.get(f"{url}?antwort=ja")
    assert response.status_code == 200
    assert not response.cookies
    assert not Answer.objects.exists()
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_button_of_the_mail_presets_the_choice(client, url):
    assert client.get(f"{url}?antwort=nein").context["form"]["antwort"].value() == "nein"


def test_the_page_shows_the_first_name_and_no_address(client, url):
    page = text_of(client.get(url))
    assert "Guten Tag Ana," in page
    assert "Arndt" not in page
    assert "erste@example.org" not in page


def test_two_taps_accept_without_csrf_cookie(url, settings):
    from django.test import Client

    response = post(Client(enforce_csrf_checks=True), url, antwort="ja")
    page = text_of(response)
    assert response.redirect_chain[-1][1] == 302
    assert "Ihre Zusage ist angekommen (" in page
    assert "Ihr Platz ist bestätigt." in page


def test_the_same_form_posted_twice_answers_once(client, url):
    data = {"form_id": FormReceipt.new_id(), "aktion": "antwort", "antwort": "ja"}
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    assert Answer.objects.count() == 1


def test_the_waiting_list_names_the_place(client, url, invited):
    Meeting.objects.filter(pk=invited.pk).update(capacity=0)
    assert "Sie stehen auf Platz 1 der Warteliste. Buchen Sie erst nach der Platzbestätigung." in text_of(
        post(client, url, antwort="ja")
    )


def test_declining_and_changing_the_answer(client, url, invitation):
    assert "Ihre Absage ist angekommen" in text_of(post(client, url, antwort="nein"))
    assert "Antwort ändern" in text_of(client.get(url))
    post(client, url, antwort="ja")
    invitation.refresh_from_db()
    assert invitation.partstat == PartStat.ACCEPTED


def test_a_deputy_needs_name_and_address_at_the_field(client, url):
    response = post(client, url, antwort="vertretung")
    assert set(response.context["form"].errors) == {"name", "email"}
    response = post(client, url, antwort="vertretung", name="Dora Dachs", email="dora@example.org")
    assert "Ihre Vertretung ist eingeladen" in text_of(response)
    assert "dora@example.org" not in text_of(response)


def test_somebody_else_finds_where_to_name_a_deputy(client, url):
    assert "Nicht Sie? Vertretung angeben" in text_of(client.get(url))
    assert "Nicht Sie?" not in text_of(client.get(f"{url}?antwort=vertretung"))


def test_a_message_reaches_the_coordinators_with_every_answer(client, url, invitation):
    for word in ("nein", "vielleicht", "ja"):
        post(client, url, antwort=word, nachricht=f"Grund für {word}")
        assert invitation.answers.first().detail == f"Grund für {word}"


def test_a_message_is_kept_when_only_the_mode_changes(client, url, invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(attendance_mode="mixed")
    post(client, url, antwort="ja", teilnahme="onsite", nachricht="Komme später")
    post(client, url, antwort="ja", teilnahme="online")
    assert (invitation.registration.mode, invitation.registration.comment) == ("online", "Komme später")
    assert client.get(url).context["form"]["teilnahme"].value() == "online"


def test_an_online_meeting_registers_everybody_online(client, url, invited):
    Meeting.objects.filter(pk=invited.pk).update(attendance_mode="online")
    post(client, url, antwort="ja")
    assert Registration.objects.get().mode == "online"


def test_needs_are_stored_and_never_shown_again(client, url):
    page = text_of(post(client, url, antwort="ja", verpflegung="glutenfrei"))
    assert SupportNeed.objects.get().diet == "glutenfrei"
    assert "glutenfrei" not in page
    assert "Angaben zu Verpflegung/Unterstützung sind gespeichert und werden hier nicht angezeigt." in page
    assert "Neu angeben" in page
    assert client.get(f"{url}?antwort=ja&angaben=neu").context["wants_needs"]
    client.post(url, {"loeschen-form_id": FormReceipt.new_id(), "aktion": "loeschen"})
    assert not SupportNeed.objects.exists()


def test_a_colleague_is_registered_from_the_page(client, url):
    post(client, url, antwort="ja")
    data = {"aktion": "kollegin", "kollegin-form_id": FormReceipt.new_id()}
    response = client.post(url, {**data, "kollegin-name": "Kai Klug", "kollegin-email": "kai"})
    assert "email" in response.context["colleague_form"].errors
    response = client.post(url, {**data, "kollegin-name": "Kai Klug", "kollegin-email": "kai@example.org"})
    assert response.status_code == 302
    assert Invitation.objects.filter(email="kai@example.org", reason="colleague").exists()


# --- every text ----------------------------------------------------------------------------------
def test_a_moved_meeting_says_old_and_new(client, url, invited, invitation, overall):
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    page = text_of(client.get(url))
    assert "Verschoben: Mi, 12. März 2031, 10–16 Uhr" in page
    assert "Mi, 9. April 2031, 10–16 Uhr" in page
    assert "Ihre Zusage galt dem alten Termin." in page


def test_a_new_room_is_named_and_the_yes_stays(client, url, invited, invitation, overall):
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    scheduling.move(
        meeting=invited, starts_at=at(10), ends_at=at(16), venue=world.make_venue("Kiel"), reason="Saal", by=overall
    )
    page = text_of(client.get(url))
    assert "Neuer Ort: Haus der Begegnung Hamburg" in page
    assert "Ihre Zusage gilt weiter" in page
    assert "Verschoben:" not in page


def test_who_is_invited_after_the_move_hears_nothing_of_the_old_day(client, url, invited, invitation, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    Invitation.objects.filter(pk=invitation.pk).update(created_at=timezone.now() + timedelta(seconds=1))
    assert "Verschoben" not in text_of(client.get(url))


def test_a_reinstated_meeting_says_so_and_asks_again(client, url, invited, invitation, overall):
    registrations.record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    scheduling.cancel(meeting=invited, reason="Krankheit.", by=overall)
    scheduling.reinstate(meeting=invited, reason="Alle sind gesund.", by=overall)
    page = text_of(client.get(url))
    assert "Dieses Treffen findet doch statt." in page
    assert "Bitte antworten Sie neu. Ihr Platz ist bis" in page


def test_a_postponed_meeting_can_be_read_however_long_it_takes(client, url, invited, overall):
    scheduling.postpone(meeting=invited, reason="Krankheit.", by=overall)
    start = timezone.now() - timedelta(days=200)
    Meeting.objects.filter(pk=invited.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    assert "Neuer Termin folgt" in text_of(client.get(url))


def test_a_postponed_meeting_says_that_a_date_follows(client, url, invited, overall):
    scheduling.postpone(meeting=invited, reason="Krankheit.", by=overall)
    page = text_of(client.get(url))
    assert "Neuer Termin folgt" in page
    assert "Antwort senden" not in page
    assert "folgt" in text_of(post(client, url, antwort="ja"))


def test_a_cancelled_meeting_says_so(client, url, invited, overall):
    scheduling.cancel(meeting=invited, reason="Krankheit.", by=overall)
    assert "Dieses Treffen ist abgesagt." in text_of(client.get(url))
    assert post(client, url, antwort="ja").status_code == 200
    assert not Registration.objects.exists()


def test_after_the_deadline_a_button_asks_and_declining_stays(client, url, invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(registration_deadline=timezone.now() - timedelta(days=1))
    page = text_of(client.get(url))
    assert "Die Anmeldefrist endete am" in page
    assert "Späte Zusage anfragen" in page
    client.post(url, {"aktion": "anfrage", "anfrage-form_id": FormReceipt.new_id()})
    assert InvitationRequest.objects.get().kind == "late"
    assert "Ihre Anfrage liegt der Koordination vor." in text_of(client.get(url))
    assert "Ihre Absage ist angekommen" in text_of(post(client, url, antwort="nein"))


def held(meeting, days_ago):
    start = timezone.now() - timedelta(days=days_ago)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=start, ends_at=start + timedelta(hours=6), status="documented"
    )


def test_a_held_meeting_leads_to_its_documentation(client, url, invited):
    held(invited, 20)
    page = text_of(client.get(url))
    assert "Dieses Treffen hat stattgefunden." in page
    assert "Zur Dokumentation" in page
    assert "Wir erinnern Sie" not in page
    assert "schon begonnen" in text_of(post(client, url, antwort="ja")) or not Answer.objects.exists()


def test_ninety_days_later_the_link_has_expired(client, url, invited):
    held(invited, 91)
    response = client.get(url)
    assert response.status_code == 410
    assert "Dieser Link ist abgelaufen" in text_of(response)


@pytest.mark.parametrize(
    "token", ["x", "1.1.AAAAAAAAAAAAAAAAAAAAAA", "0.1.x", "9" * 300, "1.1.", "%00", "1.1.ä", "..", "1|1|1"]
)
def test_a_forged_link_is_invalid_and_offers_a_new_one(client, token, invitation):
    for method in (client.get, client.post):
        response = method(f"/treffen/antwort/{token}/")
        assert response.status_code == 404


def test_the_invalid_page_offers_a_new_link(client):
    page = text_of(client.get(reverse("meetings:answer", args=["1.1.falsch"])))
    assert "Dieser Link ist ungültig" in page
    assert "Neuen Link an meine Adresse senden" in page


def test_an_old_version_of_the_link_is_invalid(client, url, invitation):
    Invitation.objects.filter(pk=invitation.pk).update(link_version=2)
    assert client.get(url).status_code == 404


def test_the_reply_is_the_same_for_every_address(client, invitation):
    new = reverse("meetings:new_link")
    known, unknown = (client.post(new, {"email": email}) for email in ("erste@example.org", "niemand@example.org"))
    assert known.content == unknown.content
    assert world.mails(kind="new_link").get().recipient == "erste@example.org"
    client.post(new, {"email": "erste@example.org"})
    assert world.mails(kind="new_link").count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"antwort": "alles"},
        {"form_id": "kein-uuid", "antwort": "ja"},
        {"antwort": "ja", "nachricht": "x" * 10000},
        {"antwort": "ja", "nachricht": "a\x00b"},
        {"antwort": "vertretung", "name": "\u2028", "email": "a@b"},
        {"antwort": "vertretung", "name": "D" * 5000, "email": "x" * 5000},
        {"aktion": "kollegin"},
        {"aktion": "anfrage"},
        {"aktion": "loeschen"},
        {"aktion": "\x00", "antwort": "ja", "teilnahme": "Mars"},
    ],
)
def test_bad_input_is_answered_and_never_a_crash(client, url, data):
    response = client.post(url, data)
    assert response.status_code in (200, 302)


def test_the_page_and_its_styles_are_small(client, url):
    from django.contrib.staticfiles import finders

    size = len(client.get(url).content)
    for name in ("css/slim.css", "css/answer.css"):
        with open(finders.find(name), "rb") as file:
            size += len(file.read())
    assert size <= 30_000


def test_the_calendar_file_has_the_uid_of_the_mail(client, url, invitation):
    response = client.get(f"{url}kalender.ics")
    assert str(invitation.meeting.ics_uid).encode() in response.content
    assert b"ATTENDEE" not in response.content


def test_the_calendar_file_of_a_withdrawn_invitation_is_gone(client, url, invitation, overall):
    invitations.withdraw(invitation=invitation, by=overall)
    assert client.get(f"{url}kalender.ics").status_code == 410


@pytest.mark.parametrize("status", ["cancelled", "postponed", "documented", "invited"])
def test_every_state_names_a_contact_and_offers_a_new_link(client, url, invited, status):
    Meeting.objects.filter(pk=invited.pk).update(status=status, cancelled_at=timezone.now())
    page = text_of(client.get(url))
    assert "vernetzung@example.org" in page
    assert "Neuen Link an meine Adresse senden" in page
