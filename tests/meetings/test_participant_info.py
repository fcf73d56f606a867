"""The participant info: whom it concerns, what it says, and whether it is still right when it goes out."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import checks, circulars, participant_info, registrations, scheduling
from meetings.invitations import InvitationError
from meetings.models import AgendaItem, Invitation, Meeting
from meetings.models.invitation import PartStat
from mobipro.outbox.models import State
from tests.meetings import world

pytestmark = pytest.mark.django_db
INFO = participant_info.CIRCULAR


def by_mail(meeting):
    return {row.invitation.email: row for row in circulars.recipients(INFO, meeting)}


@pytest.fixture
def ready(invited):
    """Three invited, an agenda; Ana has a seat."""
    AgendaItem.objects.create(meeting=invited, title="Auftakt und Vorstellung", duration_min=30)
    registrations.record_answer(invitation=invited.invitations.get(email="erste@example.org"), partstat="accepted")
    return invited


def send(meeting, overall):
    return circulars.send(circular=INFO, meeting=meeting, by=overall)


# --- whom it concerns ----------------------------------------------------------------------------
def test_who_has_a_confirmed_seat_gets_it_and_the_silent_do_not(ready):
    assert {email: row.why for email, row in by_mail(ready).items()} == {"erste@example.org": "Platz bestätigt"}


def test_speakers_and_the_hosting_house_get_it_without_a_seat(ready, people):
    Meeting.objects.filter(pk=ready.pk).update(host_organisation=people[1].organisation)
    ready.refresh_from_db()
    Invitation.objects.filter(meeting=ready, email="dritte@example.org").update(reason="speaker")
    found = by_mail(ready)
    assert found["zweite@example.org"].why == "gehört zum gastgebenden Haus"
    assert found["dritte@example.org"].why == "trägt etwas vor"


def test_a_speaker_who_declined_does_not_get_it(ready):
    row = ready.invitations.get(email="dritte@example.org")
    Invitation.objects.filter(pk=row.pk).update(reason="speaker")
    registrations.record_answer(invitation=row, partstat=PartStat.DECLINED)
    assert "dritte@example.org" not in by_mail(ready)


def test_waiting_list_perhaps_and_unconfirmed_are_named_with_the_reason(ready):
    second, third = (ready.invitations.get(email=f"{name}@example.org") for name in ("zweite", "dritte"))
    Meeting.objects.filter(pk=ready.pk).update(capacity=1)
    registrations.record_answer(invitation=second, partstat=PartStat.ACCEPTED)
    registrations.record_answer(invitation=third, partstat=PartStat.TENTATIVE)
    Invitation.objects.filter(meeting=ready, email="erste@example.org").update(needs_reconfirmation=True)
    reasons = {email: row.excluded_reason for email, row in by_mail(ready).items()}
    assert reasons == {
        "erste@example.org": "muss die Zusage zum neuen Termin noch bestätigen",
        "zweite@example.org": "steht auf der Warteliste",
        "dritte@example.org": "hat „vielleicht“ geantwortet",
    }


def test_a_bounced_address_is_left_out_and_somebody_on_leave_is_not(ready, people):
    people[0].status, people[0].on_leave_until = "on_leave", timezone.localdate() + timedelta(days=30)
    people[0].save()
    assert by_mail(ready)["erste@example.org"].excluded_reason == ""
    people[0].bounced_at = timezone.now()
    people[0].save()
    assert by_mail(ready)["erste@example.org"].excluded_reason.startswith("Mail unzustellbar seit")


# --- what it says --------------------------------------------------------------------------------
def test_mail_has_agenda_way_costs_contact_and_no_names_of_others(ready, overall):
    Meeting.objects.filter(pk=ready.pk).update(travel_cost_note="Bahn, 2. Klasse.")
    second = ready.invitations.get(email="zweite@example.org")
    registrations.record_answer(invitation=second, partstat=PartStat.ACCEPTED)
    send(ready, overall)
    mail = world.mails(kind="participant_info", recipient="erste@example.org").get()
    for part in (mail.text, mail.html):
        for words in (
            "Auftakt und Vorstellung",
            "Acht Minuten zu Fuß.",
            "Bahn, 2. Klasse.",
            "Haus der Begegnung Hamburg, Beispielweg 1, 20095 Hamburg",
            "vernetzung@example.org",
            "2 Personen",
        ):
            assert words in part, words
        assert "Birgit" not in part
    assert mail.calendar == ""


def test_access_is_for_those_who_are_online(ready, people, overall):
    Meeting.objects.filter(pk=ready.pk).update(attendance_mode="mixed", online_url="https://raum.example.org/abc")
    second = ready.invitations.get(email="zweite@example.org")
    registrations.record_answer(invitation=second, partstat=PartStat.ACCEPTED, mode="online")
    ready.refresh_from_db()
    assert by_mail(ready)["zweite@example.org"].why == "Platz bestätigt, online"
    send(ready, overall)
    on_site, online = (
        world.mails(kind="participant_info", recipient=f"{name}@example.org").get() for name in ("erste", "zweite")
    )
    for part in ("text", "html"):
        assert "raum.example.org" in getattr(online, part)
        assert "raum.example.org" not in getattr(on_site, part)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "save_the_date"}, "erst nach der Einladung"),
        ({"status": "cancelled", "cancelled_at": timezone.now()}, "Stand des Treffens: abgesagt"),
        ({"venue": None}, "zuerst den Veranstaltungsort"),
        ({"attendance_mode": "online"}, "den Zugang online"),
        ({"starts_at": world.in_days(-1), "ends_at": world.in_days(1)}, "hat schon begonnen"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(ready, overall, changes, words):
    Meeting.objects.filter(pk=ready.pk).update(**changes)
    with pytest.raises(InvitationError, match=words):
        send(ready, overall)
    assert not world.mails(kind="participant_info").exists()


def test_without_an_agenda_it_is_refused(ready, overall):
    ready.agenda.all().delete()
    with pytest.raises(InvitationError, match="Legen Sie zuerst die Tagesordnung an"):
        send(ready, overall)


# --- at the last moment --------------------------------------------------------------------------
def test_check_withdraws_it_when_the_seat_is_gone_or_the_meeting_changed(ready, overall):
    send(ready, overall)
    mail = world.mails(kind="participant_info").get()
    assert checks.still_seated(mail) is None
    row = ready.invitations.get(email="erste@example.org")
    registrations.record_answer(invitation=row, partstat=PartStat.DECLINED)
    assert checks.still_seated(mail) == "Die Person nimmt nicht mehr teil."


def test_check_withdraws_it_when_the_meeting_was_moved_meanwhile_and_everybody_gets_a_new_one(ready, overall):
    send(ready, overall)
    mail = world.mails(kind="participant_info").get()
    assert by_mail(ready)["erste@example.org"].excluded_reason == circulars.HAVE_MAIL
    hours = {"starts_at": world.at(11), "ends_at": world.at(17)}
    scheduling.move(meeting=ready, **hours, venue=ready.venue, reason="Bahnstreik", by=overall)
    assert checks.still_seated(mail) == "Das Treffen ist inzwischen geändert; senden Sie die Teilnahmeinfo neu."
    ready.refresh_from_db()
    assert by_mail(ready)["erste@example.org"].excluded_reason == ""
    send(ready, overall)
    assert "11–17 Uhr" in world.mails(kind="participant_info").last().text


def test_check_withdraws_it_when_the_meeting_is_off(ready, overall):
    send(ready, overall)
    mail = world.mails(kind="participant_info").get()
    scheduling.cancel(meeting=ready, reason="Wasserschaden", by=overall)
    assert "abgesagt" in checks.still_seated(mail)


# --- the next step -------------------------------------------------------------------------------
def test_it_is_the_next_step_in_the_last_five_days_until_everybody_has_it(client, kaya, ready, overall):
    client.force_login(kaya)
    dossier = reverse("admin:meetings_meeting_change", args=[ready.pk])
    address = reverse("admin:meetings_circular", args=[ready.pk, "teilnahmeinfo"])
    primary = f'class="step-primary" href="{address}"'
    assert primary not in client.get(dossier).content.decode()
    Meeting.objects.filter(pk=ready.pk).update(starts_at=world.in_days(4), ends_at=world.in_days(5))
    assert primary in client.get(dossier).content.decode()
    send(ready, overall)
    assert primary not in client.get(dossier).content.decode()
    assert world.mails(kind="participant_info", state=State.QUEUED).count() == 1
