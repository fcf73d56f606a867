"""The Save the Date: a tentative entry for chosen people, whom the invitation asks later."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from documentation.figure_scope import Scope
from meetings import incoming, invitations, recipients, registrations, reminders, requests, save_the_date, scheduling
from meetings.admin.dossier import answers
from meetings.invitations import InvitationError
from meetings.models import IncomingMail, Invitation, Mailing, Registration
from meetings.models.invitation import PartStat
from meetings.registrations import RegistrationError
from mobipro.outbox import checks
from mobipro.outbox.models import State
from regions.models import FormReceipt
from tests.meetings import replies, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted(meeting, people, overall):
    """The meeting after a Save the Date to three people, whose mails are out."""
    save_the_date.send(meeting=meeting, contacts=people, by=overall)
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def person(noted):
    return noted.invitations.get(email="erste@example.org")


def invite(meeting, people, by):
    invitations.invite(meeting=meeting, contacts=people, by=by)
    meeting.refresh_from_db()


def move_day(meeting, by):
    start, end = world.at(10, day=(2031, 3, 19)), world.at(16, day=(2031, 3, 19))
    scheduling.move(
        meeting=meeting, starts_at=start, ends_at=end, venue=meeting.venue, reason="Das Haus ist belegt.", by=by
    )


# --- sending -------------------------------------------------------------------------------------
def test_mail_carries_a_tentative_entry_and_asks_nothing(meeting, people, overall):
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    mail = world.mails(kind="save_the_date").get()
    calendar = world.unfolded(mail.calendar)
    for line in ("METHOD:REQUEST", "STATUS:TENTATIVE", "RSVP=FALSE", f"UID:{meeting.ics_uid}", "SUMMARY:Vorgemerkt: "):
        assert line in calendar
    assert mail.subject.startswith("Save the Date: ")
    assert "Die Einladung mit Tagesordnung folgt" in mail.text
    assert meeting.get_absolute_url() in mail.text
    for body in (mail.text, mail.html, calendar):
        assert "antwort=" not in body
        assert "/t/" not in body


def test_mail_says_that_the_place_follows_while_it_is_open(meeting, people, overall):
    type(meeting).objects.filter(pk=meeting.pk).update(venue=None)
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    mail = world.mails(kind="save_the_date").get()
    assert "Ort folgt" in mail.text
    assert "Ort folgt" in mail.html


def test_sending_announces_the_meeting_and_waits_before_it_starts(meeting, people, overall):
    before = timezone.now()
    mailing = save_the_date.send(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    assert (meeting.status, meeting.invited_at) == ("save_the_date", None)
    assert meeting.announced_at is not None
    assert (mailing.kind, mailing.recipient_count) == (Mailing.Kind.SAVE_THE_DATE, 3)
    assert mailing.not_before >= before + timedelta(seconds=settings.SEND_DELAY_SECONDS)
    assert set(world.mails().values_list("group", flat=True)) == {mailing.group}
    assert invitations.hold(mailing=mailing, by=overall) == 3
    assert invitations.release(mailing=mailing, by=overall) == 3


def test_nobody_gets_it_twice(noted, people, overall):
    with pytest.raises(InvitationError, match="noch nicht hat"):
        save_the_date.send(meeting=noted, contacts=people, by=overall)
    found = recipients.candidates(noted, for_save_the_date=True)
    assert {row.excluded_reason for row in found} == {"hat schon das Save the Date"}


def test_it_is_refused_once_the_invitation_runs(invited, people, overall):
    with pytest.raises(InvitationError, match="nur vor der Einladung"):
        save_the_date.send(meeting=invited, contacts=people, by=overall)


def test_it_is_refused_without_a_date(people, overall):
    with pytest.raises(InvitationError, match="zuerst den Termin"):
        save_the_date.send(meeting=world.make_meeting(), contacts=people, by=overall)


def test_waiting_mail_is_stopped_when_the_person_is_invited_meanwhile(meeting, people, overall):
    save_the_date.send(meeting=meeting, contacts=people, by=overall)
    mail = world.mails(recipient="erste@example.org").get()
    assert checks.reason_against(mail) is None
    invite(meeting, people[:1], overall)
    mail.refresh_from_db()
    assert mail.state == State.WITHDRAWN
    assert "eingeladen" in checks.reason_against(mail)


# --- the invitation after it ---------------------------------------------------------------------
def test_invitation_goes_to_the_same_people_with_a_higher_sequence(noted, people, overall):
    assert all(row.preselected and not row.excluded_reason for row in recipients.candidates(noted))
    invite(noted, people, overall)
    mail = world.mails(kind="invitation", recipient="erste@example.org").get()
    calendar = world.unfolded(mail.calendar)
    for line in ("SEQUENCE:1", "STATUS:CONFIRMED", "RSVP=TRUE", f"UID:{noted.ics_uid}", "PARTSTAT=NEEDS-ACTION"):
        assert line in calendar
    assert Invitation.objects.filter(meeting=noted).count() == 3
    assert Invitation.objects.filter(invited_at=None).count() == 0


def test_who_is_invited_later_gets_a_newer_entry_than_the_noted_one(noted, people, overall):
    invite(noted, people[:1], overall)
    invite(noted, people[1:2], overall)
    second = world.unfolded(world.mails(kind="invitation", recipient="zweite@example.org").get().calendar)
    assert "SEQUENCE:2" in second
    assert "STATUS:CONFIRMED" in second


@pytest.mark.parametrize("partstat", [PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE])
def test_early_answer_never_suppresses_the_invitation(person, noted, people, overall, partstat):
    registrations.record_answer(invitation=person, partstat=partstat)
    invite(noted, people, overall)
    person.refresh_from_db()
    assert (person.partstat, person.answered_at) == (PartStat.NEEDS_ACTION, None)
    assert world.mails(kind="invitation", recipient=person.email).exists()
    assert person.answers.get().partstat == partstat


def test_late_reply_to_the_save_the_date_does_not_answer_the_invitation(person, noted, people, overall):
    invite(noted, people, overall)
    row = incoming.receive(replies.answer(person, "ACCEPTED", sequence=0))
    person.refresh_from_db()
    assert row.state == IncomingMail.State.IGNORED
    assert "Save the Date" in row.reason
    assert person.partstat == PartStat.NEEDS_ACTION


def test_nobody_is_reminded_right_after_an_invitation_that_followed_a_save_the_date(noted, people, overall):
    start = timezone.now() + timedelta(days=29)
    type(noted).objects.filter(pk=noted.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=60))
    invite(noted, people, overall)
    assert reminders.remind_due(meeting=noted, now=start - timedelta(days=28)) is None


# --- early answers -------------------------------------------------------------------------------
def test_early_yes_is_provisional_and_takes_no_seat(person):
    result = registrations.record_answer(invitation=person, partstat=PartStat.ACCEPTED)
    assert result.registration is None
    assert not Registration.objects.exists()
    mail = world.mails(kind="confirmation").get()
    assert "vorläufige" in mail.subject
    assert "belegt noch keinen Platz" in mail.text
    assert mail.calendar == ""
    assert person.answers.get().partstat == PartStat.ACCEPTED


def test_early_reply_of_a_calendar_program_is_provisional(person):
    row = incoming.receive(replies.answer(person, "ACCEPTED"))
    person.refresh_from_db()
    assert row.state == IncomingMail.State.DONE
    assert (person.partstat, person.is_only_noted) == (PartStat.ACCEPTED, True)
    assert not Registration.objects.exists()


def test_page_takes_an_early_answer_and_says_that_it_is_provisional(client, person):
    address = reverse("meetings:answer", args=[world.token_of(person)])
    page = client.get(address).content.decode()
    assert "Die Einladung mit Tagesordnung folgt" in page
    assert "Vertretung" not in page
    client.post(address, {"form_id": FormReceipt.new_id(), "aktion": "antwort", "antwort": "ja"})
    assert "Ihre vorläufige Antwort ist angekommen: zugesagt" in client.get(address).content.decode()


def test_nobody_names_others_before_the_invitation(person):
    with pytest.raises(RegistrationError, match="folgt noch"):
        registrations.name_deputy(invitation=person, name="Vera Vertretung", email="vera@example.org")
    with pytest.raises(RegistrationError, match="folgt noch"):
        registrations.register_colleague(invitation=person, name="Kim Kollege", email="kim@example.org")


def test_early_answer_to_another_day_is_void(person, noted, overall):
    registrations.record_answer(invitation=person, partstat=PartStat.ACCEPTED)
    move_day(noted, overall)
    person.refresh_from_db()
    assert (person.partstat, person.needs_reconfirmation) == (PartStat.NEEDS_ACTION, False)
    assert person.answers.count() == 1


# --- changes -------------------------------------------------------------------------------------
def test_moved_meeting_tells_them_tentatively_without_asking(noted, overall):
    move_day(noted, overall)
    mail = world.mails(kind="meeting_change", recipient="erste@example.org").get()
    calendar = world.unfolded(mail.calendar)
    for line in ("SEQUENCE:1", "STATUS:TENTATIVE", "RSVP=FALSE", "SUMMARY:Vorgemerkt: "):
        assert line in calendar
    assert "Die Einladung mit Tagesordnung folgt" in mail.text
    assert "antwort=" not in mail.html


def test_cancelled_meeting_takes_the_entry_away(noted, overall):
    scheduling.cancel(meeting=noted, reason="Zu wenige Träger.", by=overall)
    mails = world.mails(kind="meeting_cancellation")
    assert mails.count() == 3
    assert "STATUS:CANCELLED" in world.unfolded(mails[0].calendar)


def test_meeting_moved_before_the_mails_left_sends_the_new_date_instead(meeting, people, overall):
    save_the_date.send(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    move_day(meeting, overall)
    assert world.mails(kind="save_the_date", state=State.WITHDRAWN).count() == 3
    fresh = world.mails(kind="save_the_date", state=State.QUEUED)
    assert fresh.count() == 3
    assert "20310319T" in fresh[0].calendar
    assert not world.mails(kind="meeting_change").exists()


def test_noted_people_keep_a_tentative_entry_when_others_are_invited(noted, people, overall):
    invite(noted, people[:1], overall)
    move_day(noted, overall)
    mail = world.mails(kind="meeting_change", recipient="zweite@example.org").get()
    assert "STATUS:TENTATIVE" in world.unfolded(mail.calendar)


# --- counting ------------------------------------------------------------------------------------
def test_noted_people_are_not_counted_as_invited_and_not_reminded(noted, people, overall):
    assert answers(noted)["total"] == 0
    assert Scope(year=2031).invitations().count() == 0
    invite(noted, people[:1], overall)
    assert answers(noted)["total"] == 1
    assert Scope(year=2031).invitations().count() == 1
    reminders.remind(meeting=noted, by=overall)
    assert [mail.recipient for mail in world.mails(kind="reminder")] == ["erste@example.org"]


def test_accepted_request_of_a_noted_person_becomes_an_invitation(people, overall):
    meeting = world.make_dated_meeting("2031-BUND", kind="national")
    save_the_date.send(meeting=meeting, contacts=people[:1], by=overall)
    asked = requests.request_invitation(
        meeting=meeting, name="Ana Arndt", organisation_name="Haus", function="", email="erste@example.org"
    )
    requests.decide(request=asked, accept=True, reply="", by=overall)
    row = meeting.invitations.get()
    assert not row.is_only_noted
    assert row.sequence_sent == 1


# --- the step in the work area -------------------------------------------------------------------
def test_step_sends_to_the_chosen_and_shows_them_as_noted(client, kaya, meeting, people):
    client.force_login(kaya)
    dossier = reverse("admin:meetings_meeting_change", args=[meeting.pk])
    address = reverse("admin:meetings_save_the_date", args=[meeting.pk])
    assert address in client.get(dossier).content.decode()
    page = client.get(address).content.decode()
    assert "Save the Date an 3 Personen aus 1 Projekt senden" in page
    assert "Hauptkontakt im Projekt" in page
    client.post(address, {"contact": [people[0].pk, people[1].pk]})
    assert world.mails(kind="save_the_date").count() == 2
    page = client.get(dossier).content.decode()
    assert "2 Personen haben das Save the Date und noch keine Einladung" in page
    assert "Noch niemand ist eingeladen" in page
    assert "nur Save the Date" in page


def test_preview_shows_the_mail_and_saves_nothing(client, kaya, meeting, people):
    client.force_login(kaya)
    page = client.get(reverse("admin:meetings_save_the_date_preview", args=[meeting.pk, people[0].pk]))
    assert "Save the Date: " in page.content.decode()
    assert "STATUS:TENTATIVE" in page.content.decode()
    assert not Invitation.objects.exists()
    assert not world.mails().exists()
