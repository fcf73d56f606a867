"""The dossier: one next step, boxes, what can still be stopped, and who may act."""

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings import invitations, registrations, scheduling
from meetings.models import AgendaItem, Invitation, Meeting, Registration
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from mobipro.outbox.models import State
from tests.meetings import world

pytestmark = pytest.mark.django_db


def address(meeting):
    return reverse("admin:meetings_meeting_change", args=[meeting.pk])


def dossier(client, meeting):
    return client.get(address(meeting)).content.decode()


@pytest.fixture
def office(client, kaya):
    client.force_login(kaya)
    return client


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"starts_at": None, "ends_at": None}, "Termin und Ort festlegen"),
        ({}, "Tagesordnung anlegen"),
        ({"status": "postponed"}, "Neuen Termin festlegen"),
        ({"status": "held"}, "Ergebnisse eintragen"),
        ({"status": "invited", "starts_at": "past"}, "Teilnahme erfassen"),
    ],
)
def test_there_is_one_primary_step_for_each_state(office, meeting, changes, step):
    if changes.get("starts_at") == "past" or changes.get("status") == "held":
        changes = {**changes, "starts_at": world.in_days(-2), "ends_at": world.in_days(-1)}
    Meeting.objects.filter(pk=meeting.pk).update(**changes)
    page = dossier(office, meeting)
    assert page.count("step-primary") == 1
    assert step in page


def test_with_an_agenda_the_next_step_is_to_invite(office, meeting):
    AgendaItem.objects.create(meeting=meeting, title="Auftakt")
    assert "Einladen …" in dossier(office, meeting)


def test_a_cancelled_meeting_has_no_next_step(office, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(status="cancelled", cancelled_at=timezone.now())
    page = dossier(office, meeting)
    assert "step-primary" not in page
    assert "Findet doch statt …" in page


def test_waiting_mails_can_be_held_and_held_ones_released(office, invited):
    page = dossier(office, invited)
    assert "3 Mails warten" in page
    assert "Anhalten" in page
    mailing = invited.mailings.get()
    office.post(reverse("admin:meetings_mailing", args=[invited.pk, mailing.pk, "anhalten"]))
    assert set(world.mails().values_list("state", flat=True)) == {State.HELD}
    assert "3 Mails sind angehalten" in dossier(office, invited)
    office.post(reverse("admin:meetings_mailing", args=[invited.pk, mailing.pk, "freigeben"]))
    assert set(world.mails().values_list("state", flat=True)) == {State.QUEUED}


def test_sent_mails_cannot_be_held_any_more(office, invited):
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    page = dossier(office, invited)
    assert "Anhalten" not in page
    assert "3 von 3 zugestellt" in page


def test_another_region_s_coordinator_reads_and_may_not_act(client, invited, bavarian):
    client.force_login(bavarian)
    page = dossier(client, invited)
    assert "Sie lesen mit." in page
    assert "<form" not in page.split('id="content"')[1]
    for name in ("date", "agenda", "invite", "move", "details", "attendance", "minutes"):
        assert client.get(reverse(f"admin:meetings_{name}", args=[invited.pk])).status_code == 403
    assert client.post(reverse("admin:meetings_step", args=[invited.pk, "erinnern"])).status_code == 403


@pytest.mark.parametrize("number", ["0", "abc", "999999", "9" * 40])
def test_a_meeting_that_does_not_exist_is_404(office, number):
    assert office.get(f"/admin/meetings/meeting/{number}/change/").status_code == 404


def test_the_silent_are_reminded_once_for_a_double_click(office, invited):
    page = office.get(address(invited))
    data = {"form_id": page.context["form_id"]}
    for _ in range(2):
        office.post(reverse("admin:meetings_step", args=[invited.pk, "erinnern"]), data)
    assert world.mails(kind="reminder").count() == 3


def test_a_meeting_is_announced_by_a_button(office, meeting):
    office.post(reverse("admin:meetings_step", args=[meeting.pk, "ankuendigen"]))
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.SAVE_THE_DATE
    page = office.post(reverse("admin:meetings_step", args=[meeting.pk, "ankuendigen"]), follow=True)
    assert "schon angekündigt" in page.content.decode()


def test_a_person_is_uninvited_with_a_reason(office, invited, invitation):
    place = reverse("admin:meetings_person", args=[invited.pk, invitation.pk, "ausladen"])
    assert office.get(place).status_code == 405
    office.post(place, {"reason": "Doppelt eingeladen"})
    invitation.refresh_from_db()
    assert invitation.withdrawn_at
    page = office.post(place, follow=True)
    assert "schon ausgeladen" in page.content.decode()


def test_a_waiting_seat_is_confirmed_by_a_button(office, invited, invitation):
    waiting = {"status": Registration.Status.REQUESTED, "queued_at": timezone.now()}
    Registration.objects.create(meeting=invited, invitation=invitation, **waiting)
    place = reverse("admin:meetings_person", args=[invited.pk, invitation.pk, "bestaetigen"])
    assert place in dossier(office, invited)
    office.post(place)
    assert Registration.objects.get().status == Registration.Status.CONFIRMED


def test_the_dossier_takes_the_same_queries_for_one_and_three_people(
    office, meeting, people, overall, django_assert_max_num_queries
):
    invitations.invite(meeting=meeting, contacts=people[:1], by=overall)
    dossier(office, meeting)
    with django_assert_max_num_queries(36) as one:
        dossier(office, meeting)
    invitations.invite(meeting=meeting, contacts=people[1:], by=overall)
    with django_assert_max_num_queries(36) as three:
        dossier(office, meeting)
    assert Invitation.objects.count() == 3
    assert len(one) == len(three)


def test_steps_name_who_did_them_in_the_history(office, meeting, kaya):
    scheduling.announce(meeting=meeting, by=kaya)
    assert "Angekündigt (Derya Kaya)" in dossier(office, meeting)


def answer(invitation, partstat="accepted", **more):
    registrations.record_answer(invitation=invitation, partstat=partstat, **more)


def test_the_words_of_an_answer_stand_beside_it_for_the_coordinator(office, client, invited, invitation, bavarian):
    answer(invitation, comment="Ich komme erst um 11 Uhr.")
    assert "<q>Ich komme erst um 11 Uhr.</q>" in dossier(office, invited)
    answer(invitation, partstat="declined", comment="Leider krank.")
    page = dossier(office, invited)
    assert "<q>Leider krank.</q>" in page
    assert "erst um 11" not in page
    client.force_login(bavarian)
    assert "Leider krank." not in dossier(client, invited)


def test_diet_and_assistance_are_summed_without_names_for_the_coordinator(office, client, invited, bavarian):
    rows = list(invited.invitations.all())
    for row in rows[:2]:
        answer(row, diet="vegetarisch")
    answer(rows[2], assistance="Gebärdensprache")
    page = dossier(office, invited)
    assert "Verpflegung: 2 Angaben, Unterstützung: 1 Angabe<" in page
    assert "2 × vegetarisch" in page
    assert "1 × Gebärdensprache" in page
    client.force_login(bavarian)
    assert "vegetarisch" not in dossier(client, invited)


def test_reminding_and_uninviting_say_what_happens_before_their_button(office, invited, invitation, settings):
    settings.SEND_DELAY_SECONDS = 5
    page = dossier(office, invited)
    remind = page[page.index("3 Personen ohne Antwort erinnern …</summary>") :]
    assert remind.index("Der Versand beginnt nach 5 Sekunden") < remind.index("Erinnerung an 3 Personen senden")
    assert "der Kalendereintrag wird zurückgenommen" in page
    invitations.withdraw(invitation=invitation, reason="", by=None)
    assert "2 Personen ohne Antwort erinnern …" in dossier(office, invited)


def test_the_button_counts_also_those_whose_answer_was_for_another_day(office, invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    Invitation.objects.filter(pk=invitation.pk).update(needs_reconfirmation=True)
    page = dossier(office, invited)
    assert "1 zugesagt" in page
    assert "1 davon muss neu bestätigen." in page
    assert "Erinnerung an 3 Personen senden" in page


def test_nobody_is_invited_to_what_is_over(office, invited, overall):
    assert "Gäste einladen" in dossier(office, invited)
    scheduling.cancel(meeting=invited, reason="Krankheit", by=overall)
    assert "Gäste einladen" not in dossier(office, invited)


def test_who_takes_part_online_is_told_so_and_counted(office, invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(attendance_mode="mixed")
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, mode="online")
    assert "Ihr Platz ist bestätigt. Sie nehmen online teil." in world.mails(kind="confirmation").get().text
    assert "1 von 40 Plätzen vergeben, davon 1 online" in dossier(office, invited)


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 Sekunde"), (5, "5 Sekunden"), (60, "1 Minute"), (120, "2 Minuten")]
)
def test_the_invite_page_names_the_pause_that_really_applies(office, meeting, people, settings, seconds, words):
    settings.SEND_DELAY_SECONDS = seconds
    page = office.get(reverse("admin:meetings_invite", args=[meeting.pk])).content.decode()
    assert f"Der Versand beginnt nach {words};" in page
