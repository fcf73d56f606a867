from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from meetings import registrations, requests, seats, tasks
from meetings.models import Answer, Invitation, Meeting, Registration, SupportNeed
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db


def add(meeting, email, **fields):
    row = Invitation(
        meeting=meeting, name=email, first_name="Gast", greeting="Guten Tag", email=email, reason="guest", **fields
    )
    row.save()
    return row


def seats_of(meeting):
    return list(Registration.objects.filter(meeting=meeting).order_by("pk").values_list("invitation__email", "status"))


def test_a_free_seat_is_confirmed_at_once_with_a_mail(invitation):
    result = record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert result.registration.status == "confirmed"
    mail = world.mails(kind="confirmation").get()
    assert "Ihre Zusage ist angekommen" in mail.text
    assert "Ihr Platz ist bestätigt." in mail.text
    assert "PARTSTAT=ACCEPTED" in world.unfolded(mail.calendar)
    assert Answer.objects.get().via == "link"


def test_a_full_meeting_has_a_waiting_list_that_moves_up(invited):
    Meeting.objects.filter(pk=invited.pk).update(capacity=1, max_per_project=9)
    first, second, third = invited.invitations.order_by("pk")
    record_answer(invitation=first, partstat=PartStat.ACCEPTED)
    assert record_answer(invitation=second, partstat=PartStat.ACCEPTED).place_in_line == 1
    assert record_answer(invitation=third, partstat=PartStat.ACCEPTED).place_in_line == 2
    waiting_mail = world.mails(kind="confirmation", recipient=third.email).get()
    assert "Platz 2 der Warteliste" in waiting_mail.text
    assert waiting_mail.calendar == ""
    record_answer(invitation=first, partstat=PartStat.DECLINED)
    assert Registration.objects.get(invitation=second).status == "offered"
    assert Registration.objects.get(invitation=third).status == "waiting"


def test_a_project_gets_no_more_than_its_share(invited):
    Meeting.objects.filter(pk=invited.pk).update(max_per_project=2)
    rows = list(invited.invitations.order_by("pk"))
    results = [record_answer(invitation=row, partstat=PartStat.ACCEPTED) for row in rows]
    assert [row.registration.status for row in results] == ["confirmed", "confirmed", "waiting"]


def test_perhaps_takes_no_seat(invitation):
    assert record_answer(invitation=invitation, partstat=PartStat.TENTATIVE).registration is None
    assert not Registration.objects.exists()


def test_seats_are_confirmed_one_by_one_where_the_meeting_says_so(invited, invitation, overall):
    Meeting.objects.filter(pk=invited.pk).update(confirm_seats_individually=True)
    result = record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert result.registration.status == "requested"
    assert seats.confirm(registration=result.registration, by=overall).status == "confirmed"
    with pytest.raises(seats.SeatError):
        seats.confirm(registration=result.registration, by=overall)


def test_a_form_sent_twice_has_one_effect(invitation):
    form_id = FormReceipt.new_id()
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        record_answer(invitation=invitation, partstat=PartStat.DECLINED, form_id=form_id)
    invitation.refresh_from_db()
    assert invitation.partstat == PartStat.ACCEPTED
    assert Answer.objects.count() == 1


def test_the_same_answer_again_sends_no_second_mail(invitation):
    for _ in range(3):
        record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert world.mails(kind="confirmation").count() == 1
    assert Answer.objects.count() == 3


def test_after_the_deadline_only_declining_is_possible(invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(registration_deadline=timezone.now() - timedelta(hours=1))
    with pytest.raises(registrations.DeadlinePassed, match="Anmeldefrist endete"):
        record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert record_answer(invitation=invitation, partstat=PartStat.DECLINED).registration is None


def test_a_late_yes_is_asked_for_and_granted(invited, invitation, overall):
    Meeting.objects.filter(pk=invited.pk).update(registration_deadline=timezone.now() - timedelta(hours=1))
    request = requests.request_late(invitation=invitation, message="Der Zug war schuld.")
    assert requests.request_late(invitation=invitation) == request
    requests.decide(request=request, accept=True, reply="", by=overall)
    assert Registration.objects.get().status == "confirmed"
    with pytest.raises(requests.RequestError):
        requests.decide(request=request, accept=False, reply="doch nicht", by=overall)


def test_a_declined_request_needs_a_text_that_is_mailed(invited, invitation, overall):
    request = requests.request_late(invitation=invitation)
    with pytest.raises(requests.RequestError, match="warum"):
        requests.decide(request=request, accept=False, reply="  ", by=overall)
    requests.decide(request=request, accept=False, reply="Leider ist alles belegt.", by=overall)
    assert "alles belegt" in world.mails(kind="invitation_request").last().text


def test_needs_are_kept_apart_and_deleted_on_time(invitation):
    result = record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, diet="vegetarisch")
    need = SupportNeed.objects.get()
    assert need.delete_on == timezone.localtime(result.invitation.meeting.ends_at).date() + timedelta(days=30)
    assert "vegetarisch" not in "".join(row.text + row.html for row in world.mails())
    SupportNeed.objects.update(delete_on=timezone.localdate())
    tasks.clock()
    assert not SupportNeed.objects.exists()


# --- deputies and colleagues ---------------------------------------------------------------------
def test_a_deputy_gets_her_own_invitation_saying_who_named_her(invitation):
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    invitation.refresh_from_db()
    assert invitation.partstat == PartStat.DELEGATED
    assert "Ana Arndt hat Sie als Vertretung benannt" in world.mails(recipient="dora@example.org").get().text
    record_answer(invitation=deputy, partstat=PartStat.ACCEPTED)
    assert dict(seats_of(invitation.meeting)) == {"erste@example.org": "cancelled", "dora@example.org": "confirmed"}


def test_a_declining_deputy_returns_the_seat_for_two_days(invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.DECLINED)
    registration = Registration.objects.get(invitation=invitation)
    assert registration.status == "confirmed"
    assert timedelta(hours=47) < registration.held_until - timezone.now() <= timedelta(hours=48)
    assert "kann nicht teilnehmen" in world.mails(kind="seat", recipient="erste@example.org").get().text
    Registration.objects.update(held_until=timezone.now() - timedelta(minutes=1))
    tasks.clock()
    registration.refresh_from_db()
    assert registration.status == "cancelled"


def test_a_deputys_late_yes_does_not_take_the_seat_promised_to_the_first_person(invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(capacity=1)
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.DECLINED)
    assert record_answer(invitation=deputy, partstat=PartStat.ACCEPTED).registration.status == "waiting"
    assert Registration.objects.get(invitation=invitation).status == "confirmed"


def test_the_returned_seat_is_kept_by_a_new_yes(invitation):
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.DECLINED)
    invitation.refresh_from_db()
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    assert Registration.objects.get(invitation=invitation).held_until is None


def test_coming_after_all_ends_the_deputys_invitation(invitation):
    deputy = registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    record_answer(invitation=deputy, partstat=PartStat.ACCEPTED)
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    deputy.refresh_from_db()
    assert deputy.withdrawn_at is not None
    assert dict(seats_of(invitation.meeting)) == {"erste@example.org": "confirmed", "dora@example.org": "cancelled"}


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [
        ("", "dora@example.org", "name"),
        ("Dora", "keine-adresse", "email"),
        ("Dora", "erste@example.org", "email"),
        ("Dora", "zweite@example.org", "email"),
        ("Dora", "dörte@example.org", "email"),
    ],
)
def test_a_wrong_deputy_is_told_at_the_field(invitation, name, email, field):
    with pytest.raises(registrations.RegistrationError) as caught:
        registrations.name_deputy(invitation=invitation, name=name, email=email)
    assert caught.value.field == field


def test_colleagues_are_registered_up_to_the_limit(invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    result = registrations.register_colleague(invitation=invitation, name="Kai Klug", email="kai@example.org")
    assert result.registration.status == "confirmed"
    assert "Ana Arndt hat Sie zu diesem Treffen angemeldet" in world.mails(recipient="kai@example.org").get().text
    with pytest.raises(registrations.RegistrationError, match="schon 2 Personen"):
        registrations.register_colleague(invitation=invitation, name="Noch Wer", email="noch@example.org")


def test_a_colleague_on_the_waiting_list_gets_no_calendar_entry(invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(capacity=1)
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    result = registrations.register_colleague(invitation=invitation, name="Kai Klug", email="kai@example.org")
    mail = world.mails(recipient="kai@example.org").get()
    assert result.place_in_line == 1
    assert mail.subject.startswith("Warteliste: ")
    assert "Sie stehen auf Platz 1 der Warteliste. Buchen Sie erst nach der Platzbestätigung." in mail.text
    assert mail.calendar == ""


def test_a_deputy_for_a_place_in_line_is_told_to_wait(invited, invitation):
    Meeting.objects.filter(pk=invited.pk).update(capacity=0)
    registrations.name_deputy(invitation=invitation, name="Dora Dachs", email="dora@example.org")
    mail = world.mails(recipient="dora@example.org").get()
    assert "Platz auf der Warteliste" in mail.text
    assert "RSVP=TRUE" in world.unfolded(mail.calendar)


@pytest.mark.parametrize("words", ["Gebärdensprache bitte", "Schriftdolmetschung", "DGS"])
def test_interpreters_become_one_task_without_a_name(invited, invitation, words):
    for _ in range(2):
        record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, assistance=words)
    task = invited.action_items.get()
    assert task.visibility == "coordination"
    assert "Arndt" not in task.title
    assert task.due_on == timezone.localtime(invited.starts_at).date() - timedelta(weeks=4)


def test_other_support_makes_no_task(invited, invitation):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED, assistance="Platz für einen Rollstuhl")
    assert not invited.action_items.exists()


# --- many at once --------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_the_last_seat_give_one_winner(base_data):
    world.make_programme()
    meeting = world.make_dated_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1, status="invited")
    rows = [add(meeting, f"gast{number}@example.org") for number in range(50)]

    def accept(row):
        try:
            return record_answer(invitation=row, partstat=PartStat.ACCEPTED).registration.status
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=50) as pool:
        results = list(pool.map(accept, rows))
    assert sorted(set(results)) == ["confirmed", "waiting"]
    assert results.count("confirmed") == 1
    assert Registration.objects.filter(status="confirmed").count() == 1
