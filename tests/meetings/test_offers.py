from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from meetings import checks, incoming, registrations, scheduling, seats
from meetings.models import Invitation, Meeting, Registration
from meetings.models.invitation import PartStat
from meetings.offers import stands_until
from meetings.registrations import record_answer
from mobipro.outbox.models import OutboxMessage, State
from regions.models import FormReceipt
from tests.meetings import replies, world
from tests.meetings.world import BERLIN, at

pytestmark = pytest.mark.django_db


def accept(row, **more):
    return record_answer(invitation=row, partstat=PartStat.ACCEPTED, **more)


def decline(row):
    return record_answer(invitation=row, partstat=PartStat.DECLINED)


def status_of(*rows):
    found = [Registration.objects.get(invitation=row).status for row in rows]
    return found[0] if len(found) == 1 else found


def offer_to(row):
    return Registration.objects.get(invitation=row)


def text_of(response):
    return " ".join(response.content.decode().split())


def begins_in(meeting, **span):
    start = timezone.now() + timedelta(**span)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))


@pytest.fixture
def three(invited):
    """One seat, taken by the first; the second and the third wait."""
    Meeting.objects.filter(pk=invited.pk).update(capacity=1, max_per_project=9)
    rows = list(invited.invitations.order_by("pk"))
    for row in rows:
        accept(row)
    OutboxMessage.objects.update(state=State.SENT, sent_at=timezone.now())
    return rows


@pytest.fixture
def offered(three):
    decline(three[0])
    OutboxMessage.objects.update(state=State.SENT, sent_at=timezone.now())
    return three


@pytest.fixture
def url(offered):
    return reverse("meetings:answer", args=[world.token_of(offered[1])])


# --- how long ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days_left", "hours"), [(60, 48), (4, 48), (3, 36), (2, 24), (1, 12), (0.5, 6)], ids=lambda value: str(value)
)
def test_an_offer_stands_48_hours_and_never_more_than_half_of_the_time_left(days_left, hours):
    now = datetime(2031, 3, 3, 12, tzinfo=BERLIN)
    assert stands_until(now + timedelta(days=days_left), now) == now + timedelta(hours=hours)


def test_an_offer_ends_on_a_quarter_of_an_hour():
    now = datetime(2031, 3, 3, 12, 7, 31, tzinfo=BERLIN)
    assert stands_until(now + timedelta(days=30), now) == datetime(2031, 3, 5, 12, 0, tzinfo=BERLIN)


# --- the offer -----------------------------------------------------------------------------------
def test_a_freed_seat_is_offered_to_the_first_in_line_with_its_hour(offered):
    assert status_of(*offered) == ["cancelled", "offered", "waiting"]
    row = offer_to(offered[1])
    assert timedelta(hours=47) < row.held_until - timezone.now() <= timedelta(hours=48)
    mail = world.mails(kind="seat_offer").get()
    hour = f"{timezone.localtime(row.held_until):%d.%m.%Y, %H:%M} Uhr"
    assert mail.recipient == offered[1].email
    assert f"bitte bis {hour} annehmen" in mail.subject
    assert "Sie stehen nicht mehr auf der Warteliste" in mail.text
    assert mail.calendar == ""


def test_an_offered_seat_is_taken_so_nobody_overtakes(offered, invited):
    invited.refresh_from_db()
    assert seats.free_seats(invited) == 0
    late = world_guest(invited, "spaet@example.org")
    assert accept(late).registration.status == "waiting"


def world_guest(meeting, email):
    row = Invitation(meeting=meeting, name=email, greeting="Guten Tag", email=email, reason="guest")
    row.save()
    return row


def test_one_tap_takes_the_seat_and_the_calendar_entry_follows(client, url, offered):
    page = text_of(client.get(url))
    assert "Ein Platz ist frei" in page
    assert "Platz annehmen" in page
    done = client.post(url, {"form_id": FormReceipt.new_id(), "aktion": "antwort", "antwort": "ja"}, follow=True)
    assert "Ihr Platz ist bestätigt." in text_of(done)
    assert "Ein Platz ist frei" not in text_of(done)
    assert offer_to(offered[1]).held_until is None
    mail = world.mails(kind="confirmation", recipient=offered[1].email).last()
    assert "PARTSTAT=ACCEPTED" in world.unfolded(mail.calendar)


def test_giving_the_offer_back_lets_the_next_one_have_it(client, url, offered):
    client.post(url, {"form_id": FormReceipt.new_id(), "aktion": "antwort", "antwort": "nein"})
    assert status_of(*offered) == ["cancelled", "cancelled", "offered"]


def test_reading_the_link_of_the_mail_takes_nothing(client, url, offered):
    client.get(f"{url}?antwort=ja")
    assert status_of(offered[1]) == "offered"


def test_taking_an_offer_keeps_online_and_words(offered, invited):
    Meeting.objects.filter(pk=invited.pk).update(attendance_mode="mixed")
    Registration.objects.filter(invitation=offered[1]).update(mode="online", comment="Komme später")
    row = accept(offered[1]).registration
    assert (row.status, row.mode, row.comment) == ("confirmed", "online", "Komme später")


def test_a_yes_from_the_calendar_takes_the_offer(offered):
    offered[1].answers.update(received_at=timezone.now() - timedelta(hours=1))
    incoming.receive(replies.answer(offered[1], "ACCEPTED"))
    assert status_of(offered[1]) == "confirmed"


def test_the_offer_can_be_taken_after_the_end_of_registration(offered, invited):
    Meeting.objects.filter(pk=invited.pk).update(registration_deadline=timezone.now() - timedelta(days=1))
    assert accept(offered[1]).registration.status == "confirmed"


# --- no answer -----------------------------------------------------------------------------------
def test_an_offer_without_answer_lapses_and_the_next_one_has_it(client, url, offered, invited):
    until = offer_to(offered[1]).held_until
    assert seats.release_overdue(meeting=invited, now=until - timedelta(minutes=1)) == 0
    assert seats.release_overdue(meeting=invited, now=until) == 1
    assert status_of(*offered) == ["cancelled", "cancelled", "offered"]
    offered[1].refresh_from_db()
    assert offered[1].partstat == PartStat.NEEDS_ACTION
    assert "die Frist ist verstrichen" in world.mails(kind="seat", recipient=offered[1].email).get().text
    assert "Die Frist, den Platz zu bestätigen, ist verstrichen." in text_of(client.get(url))


def test_who_comes_back_after_the_hour_stands_at_the_end(offered, invited):
    seats.release_overdue(meeting=invited, now=offer_to(offered[1]).held_until)
    offered[1].refresh_from_db()
    result = accept(offered[1])
    assert (result.registration.status, result.place_in_line) == ("waiting", 1)


def test_a_yes_after_the_hour_counts_while_nobody_else_has_the_seat(offered):
    Registration.objects.filter(invitation=offered[1]).update(held_until=timezone.now() - timedelta(minutes=2))
    assert accept(offered[1]).registration.status == "confirmed"


def test_an_offer_whose_mail_never_went_out_is_made_anew(offered, invited):
    world.mails(kind="seat_offer").update(state=State.QUEUED, sent_at=None)
    until = offer_to(offered[1]).held_until
    assert seats.release_overdue(meeting=invited, now=until) == 1
    assert status_of(*offered[1:]) == ["offered", "waiting"]
    assert offer_to(offered[1]).held_until > until
    assert [mail.state for mail in world.mails(kind="seat_offer")] == [State.WITHDRAWN, State.QUEUED]


def test_the_mail_is_stopped_when_the_offer_is_gone(offered):
    mail = world.mails(kind="seat_offer").get()
    assert checks.still_offered(mail) is None
    decline(offered[1])
    assert checks.still_offered(mail) == "Das Angebot gilt nicht mehr."


# --- order and share -----------------------------------------------------------------------------
def test_an_offer_counts_in_the_share_of_the_project(three, invited):
    Meeting.objects.filter(pk=invited.pk).update(capacity=3, max_per_project=1)
    stranger = world_guest(invited, "gast@example.org")
    decline(three[0])
    assert status_of(*three[1:]) == ["offered", "waiting"]
    assert accept(stranger).registration.status == "confirmed"


def test_seats_left_over_in_a_pause_are_offered_by_the_clock(three, invited):
    Meeting.objects.filter(pk=invited.pk).update(status="postponed")
    Registration.objects.filter(invitation=three[0]).update(status="cancelled", confirmed_at=None)
    Meeting.objects.filter(pk=invited.pk).update(status="invited")
    seats.release_overdue(meeting=invited)
    assert status_of(*three[1:]) == ["offered", "waiting"]


def test_a_deputy_takes_the_offered_seat_within_its_hour(offered):
    until = offer_to(offered[1]).held_until
    deputy = registrations.name_deputy(invitation=offered[1], name="Dora Dachs", email="dora@example.org")
    assert (status_of(offered[1]), offer_to(offered[1]).held_until) == ("offered", until)
    assert "Der Platz wartet bis" in world.mails(recipient="dora@example.org").get().text
    accept(deputy)
    assert (status_of(offered[1]), status_of(deputy)) == ("cancelled", "confirmed")


def test_a_declining_deputy_does_not_prolong_the_offer(offered):
    until = offer_to(offered[1]).held_until
    deputy = registrations.name_deputy(invitation=offered[1], name="Dora Dachs", email="dora@example.org")
    decline(deputy)
    assert (status_of(offered[1]), offer_to(offered[1]).held_until) == ("offered", until)


def test_a_move_to_another_day_keeps_the_offer_until_the_new_deadline(offered, invited, overall):
    day = (2031, 4, 9)
    moved = scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason="Saal", by=overall
    )
    row = offer_to(offered[1])
    assert (row.status, row.held_until) == ("offered", moved.meeting.registration_deadline)


def test_the_coordinator_may_confirm_what_she_heard_on_the_phone(offered, overall):
    row = seats.confirm(registration=offer_to(offered[1]), by=overall)
    assert (row.status, row.held_until) == ("confirmed", None)


# --- the last hours ------------------------------------------------------------------------------
def test_in_the_last_hours_all_who_wait_are_told_and_the_first_yes_wins(client, three, invited):
    begins_in(invited, hours=10)
    decline(three[0])
    assert status_of(*three[1:]) == ["waiting", "waiting"]
    mails = world.mails(kind="seat_offer")
    assert {mail.recipient for mail in mails} == {three[1].email, three[2].email}
    assert all(checks.still_offered(mail) is None for mail in mails)
    assert "wer zuerst annimmt" in mails[0].subject
    page = reverse("meetings:answer", args=[world.token_of(three[1])])
    assert "Wer von der Warteliste zuerst annimmt" in text_of(client.get(page))
    three[2].refresh_from_db()
    assert accept(three[2]).registration.status == "confirmed"
    assert accept(three[1]).registration.status == "waiting"
    assert "Zurzeit ist kein Platz frei." in text_of(client.get(page))
    assert checks.still_offered(mails[0]) == "Das Angebot gilt nicht mehr."


def test_the_clock_does_not_tell_of_the_same_seat_again(three, invited):
    begins_in(invited, hours=10)
    decline(three[0])
    for _ in range(3):
        seats.release_overdue(meeting=invited)
    assert world.mails(kind="seat_offer").count() == 2


# --- the coordinator -----------------------------------------------------------------------------
def test_the_dossier_shows_offers_and_their_hour(client, offered, invited, overall):
    client.force_login(overall)
    page = text_of(client.get(reverse("admin:meetings_meeting_change", args=[invited.pk])))
    assert "0 von 1 Plätzen vergeben, 1 angeboten, 1 auf der Warteliste." in page
    until = timezone.localtime(offer_to(offered[1]).held_until)
    assert f"Platz angeboten bis {until:%d.%m.%Y, %H:%M} Uhr" in page


# --- many at once --------------------------------------------------------------------------------
def at_once(job, rows):
    def run(row):
        try:
            return job(row)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(rows)) as pool:
        return list(pool.map(run, rows))


def crowd(seat_count, total, **fields):
    world.make_programme()
    meeting = world.make_dated_meeting()
    Meeting.objects.filter(pk=meeting.pk).update(capacity=seat_count, status="invited", **fields)
    rows = [world_guest(meeting, f"gast{number:02d}@example.org") for number in range(total)]
    for row in rows:
        accept(row)
    return meeting, rows


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parallel_cancellations_offer_each_seat_once_and_in_order(base_data):
    _meeting, rows = crowd(8, 20)
    at_once(decline, rows[:8])
    assert status_of(*rows) == ["cancelled"] * 8 + ["offered"] * 8 + ["waiting"] * 4
    assert world.mails(kind="seat_offer").count() == 8


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_the_last_seat_before_the_start_give_one_winner(base_data):
    meeting, rows = crowd(1, 51)
    begins_in(meeting, hours=5)
    decline(rows[0])
    results = at_once(lambda row: accept(row).registration.status, rows[1:])
    assert sorted(results) == ["confirmed"] + ["waiting"] * 49


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_taking_an_offer_while_it_lapses_gives_one_seat(base_data):
    meeting, rows = crowd(1, 3)
    decline(rows[0])
    OutboxMessage.objects.update(state=State.SENT, sent_at=timezone.now())
    until = offer_to(rows[1]).held_until
    jobs = [lambda: accept(rows[1]), *[lambda: seats.release_overdue(meeting=meeting, now=until)] * 4]
    at_once(lambda job: job(), jobs)
    taken = Registration.objects.filter(status__in=seats.TAKING)
    assert taken.count() == 1


@pytest.mark.parametrize("again", ["moved", "reinstated"])
def test_whoever_waits_is_not_promised_a_seat_when_the_date_changes(three, invited, overall, again):
    invited.refresh_from_db()
    if again == "moved":
        day = (2031, 4, 9)
        span = {"starts_at": at(10, day=day), "ends_at": at(16, day=day)}
        scheduling.move(meeting=invited, **span, venue=invited.venue, reason="Saal belegt", by=overall)
    else:
        scheduling.cancel(meeting=invited, reason="Saal belegt", by=overall)
        OutboxMessage.objects.update(state=State.SENT, sent_at=timezone.now())
        scheduling.reinstate(meeting=invited, reason="Es geht doch.", by=overall)
    mails = [world.mails(kind="meeting_change", recipient=row.email).last() for row in three]
    for seated, waiting in [(mails[0].text, mails[1].text), (mails[0].html, mails[2].html)]:
        assert "reserviert" in seated
        assert "reserviert" not in waiting
        assert "Sie stehen auf der Warteliste; buchen Sie erst nach der Platzbestätigung." in waiting
