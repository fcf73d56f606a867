"""The Terminabfrage: dates, votes, reminders, and the winner that becomes the meeting's date."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from meetings import invitations, polls, scheduling
from meetings.models import DatePoll, Mailing, Meeting, PollVote, PollVoter
from meetings.poll_results import counts_of, result_of
from meetings.polls import PollError
from meetings.scheduling import SchedulingError
from meetings.tasks import clock
from mobipro import retention
from mobipro.outbox import checks
from mobipro.outbox.models import State
from regions.models import AlreadyReceived, BlockedPeriod, FederalState, FormReceipt
from tests import factories
from tests.meetings import world
from tests.meetings.polling import days_from_now, span, start, vote, voter

pytestmark = pytest.mark.django_db


# --- start ---------------------------------------------------------------------------------------
def test_each_person_gets_her_own_mail_after_the_usual_pause(poll, undated):
    mails = world.mails(kind="date_poll")
    everybody = {f"{name}@example.org" for name in ("erste", "zweite", "dritte")}
    assert set(mails.values_list("recipient", flat=True)) == everybody
    mail = mails.get(recipient="erste@example.org")
    assert mail.not_before >= mail.created_at + timedelta(seconds=settings.SEND_DELAY_SECONDS - 1)
    for body in (mail.text, mail.html):
        assert "Mi, 12. März 2031, 10–16 Uhr" in body
        assert "zweite@example.org" not in body
        assert "{link:" in body  # filled only at hand-over
    assert mail.calendar == ""
    mailing = undated.mailings.get(kind=Mailing.Kind.DATE_POLL)
    assert mailing.recipient_count == 3
    assert invitations.hold(mailing=mailing, by=None) == 3


@pytest.mark.parametrize(
    ("days", "error"),
    [
        ([(2031, 3, 12)], "2 bis 6 Termine"),
        ([(2031, 3, day) for day in (4, 5, 6, 11, 12, 13, 18)], "2 bis 6 Termine"),
        ([(2031, 3, 12), (2031, 3, 12)], "zweimal"),
        ([(2031, 3, 12), (2020, 3, 12)], "Vergangenheit"),
        ([(2031, 3, 12), (2031, 4, 14)], "Ostermontag"),
    ],
)
def test_impossible_dates_are_refused_and_nothing_is_sent(undated, people, overall, days, error):
    with pytest.raises(PollError, match=error):
        start(undated, people, overall, days)
    assert not DatePoll.objects.exists()
    assert not world.mails().exists()


def test_the_refused_date_is_named_by_its_row(undated, people, overall):
    with pytest.raises(PollError) as problem:
        start(undated, people, overall, [(2031, 3, 12), (2020, 3, 12)])
    assert problem.value.row == 1


def test_the_missing_hour_is_refused_and_the_day_of_the_change_is_kept_as_typed(undated, people, overall):
    missing = [(datetime(2031, 3, 30, 2, 30), datetime(2031, 3, 30, 9)), span((2031, 3, 12))]  # noqa: DTZ001
    with pytest.raises(PollError, match="Die Uhr wird umgestellt"):
        polls.start(meeting=undated, spans=missing, closes_at=days_from_now(5), contacts=people, by=overall)
    poll = start(undated, people, overall, [(2031, 3, 12), (2031, 4, 2)])  # before and after the change
    hours = {timezone.localtime(option.starts_at).hour for option in poll.options.all()}
    assert hours == {10}


def test_school_holidays_need_a_reason_as_public_ones_do(undated, people, overall):
    BlockedPeriod.objects.create(
        federal_state=FederalState.objects.get(iso_code="DE-HH"),
        kind=BlockedPeriod.Kind.SCHOOL_HOLIDAY,
        name="Frühjahrsferien",
        starts_on="2031-03-10",
        ends_on="2031-03-14",
    )
    with pytest.raises(PollError, match=r"Frühjahrsferien \(Hamburg\)"):
        start(undated, people, overall)
    poll = start(undated, people, overall, override_reason="Der Gastgeber kann nur dann.")
    assert [bool(option.override_reason) for option in poll.options.all()] == [True, False, False]


@pytest.mark.parametrize("days", [-1, 2000])
def test_the_poll_ends_between_now_and_the_first_date(undated, people, overall, days):
    with pytest.raises(PollError, match=r"Vergangenheit|vor dem ersten Termin"):
        start(undated, people, overall, closes_at=days_from_now(days))


def test_partners_and_the_host_may_be_asked_and_people_out_of_reach_may_not(undated, people, overall):
    host = factories.make_traeger("Kammer Beispiel", "Kammer", kind="chamber")
    contact = factories.make_contact("gastgeber@example.org", organisation=host)
    world.make_partner()
    people[2].status = "left"
    people[2].save()
    undated.host_organisation = host
    undated.save()
    rows = {row.contact.email: row for row in polls.candidates(undated, overall)}
    assert rows["gastgeber@example.org"].reason_text == "Gastgeber"
    assert rows["partner@example.org"].preselected
    assert rows["dritte@example.org"].excluded_reason
    assert start(undated, [contact], overall).voters.get().email == "gastgeber@example.org"


def test_there_is_one_running_poll_a_meeting(poll, undated, people, overall):
    with pytest.raises(PollError, match="läuft schon"):
        start(undated, people, overall)
    with pytest.raises(IntegrityError), transaction.atomic():
        DatePoll.objects.create(meeting=undated, closes_at=world.in_days(3))


def test_an_announced_meeting_is_not_asked_about(meeting, people, overall):
    scheduling.announce(meeting=meeting, by=overall)
    with pytest.raises(PollError, match="solange keiner"):
        start(meeting, people, overall)


# --- votes ---------------------------------------------------------------------------------------
def test_an_answer_to_each_date_is_stored_and_can_be_changed(poll):
    vote(poll, "erste", "yes", "no", "maybe", comment="Am liebsten nachmittags.")
    vote(poll, "erste", "no", "no", "yes")
    row = voter(poll)
    assert list(row.votes.order_by("option__starts_at").values_list("answer", flat=True)) == ["no", "no", "yes"]
    assert (row.comment, PollVote.objects.count()) == ("", 3)
    assert row.answered_at is not None


@pytest.mark.parametrize("answers", [("yes",), ("yes", "no", "perhaps"), ()])
def test_an_incomplete_answer_is_refused(poll, answers):
    with pytest.raises(PollError, match="zu jedem Termin"):
        vote(poll, "erste", *answers)
    assert not PollVote.objects.exists()


def test_the_same_form_twice_has_one_effect(poll):
    form_id = FormReceipt.new_id()
    vote(poll, "erste", "yes", "yes", "yes", form_id=form_id)
    with pytest.raises(AlreadyReceived):
        vote(poll, "erste", "no", "no", "no", form_id=form_id)
    assert set(PollVote.objects.values_list("answer", flat=True)) == {"yes"}


def test_after_the_end_no_answer_counts(poll, overall):
    with time_machine.travel(poll.closes_at + timedelta(seconds=1)), pytest.raises(PollError, match="geschlossen"):
        vote(poll, "erste", "yes", "yes", "yes")
    polls.close(poll=poll, by=overall)
    with pytest.raises(PollError, match="geschlossen"):
        vote(poll, "erste", "yes", "yes", "yes")


# --- the matrix ----------------------------------------------------------------------------------
def test_a_traeger_counts_once_and_a_partner_does_not_count_as_one(undated, people, overall):
    other = factories.make_project("Zweites Projekt", "NORD", lead=factories.make_traeger("Haus Nord", "Haus Nord"))
    world.make_project_person("vierte@example.org", other, "Dorn", is_primary=True)
    partner = world.make_partner()
    fourth = other.contact_assignments.get().contact
    poll = start(undated, [*people, partner, fourth], overall)
    for name, answers in {
        "erste": ("yes", "no", "maybe"),
        "zweite": ("yes", "no", "no"),
        "partner": ("yes", "yes", "yes"),
        "vierte": ("no", "no", "yes"),
    }.items():
        vote(poll, name, *answers)
    first, second, third = result_of(poll).columns
    assert [len(column.able) for column in (first, second, third)] == [1, 0, 2]
    assert (first.traeger, first.percent, first.is_viable) == (2, 50, False)
    assert (third.percent, third.is_viable, third.is_best) == (100, True, True)
    assert (first.yes, first.no, second.yes) == (3, 1, 1)
    assert [row.email for row in result_of(poll).missing] == ["dritte@example.org"]


def test_voters_see_counts_and_no_names(poll):
    vote(poll, "erste", "yes", "no", "maybe")
    vote(poll, "zweite", "yes", "yes", "no")
    counts = list(counts_of(poll).values())
    assert counts == [{"yes": 2, "maybe": 0, "no": 0}, {"yes": 1, "maybe": 0, "no": 1}, {"yes": 0, "maybe": 1, "no": 1}]


@pytest.mark.parametrize("number", [1, 3])
def test_the_matrix_costs_a_fixed_number_of_queries(undated, people, overall, number, django_assert_num_queries):
    poll = start(undated, people[:number], overall)
    for row in people[:number]:
        vote(poll, row.email.split("@")[0], "yes", "yes", "no")
    poll = DatePoll.objects.select_related("meeting").get(pk=poll.pk)
    with django_assert_num_queries(5):
        result_of(poll)


# --- reminders -----------------------------------------------------------------------------------
def test_only_those_without_an_answer_are_reminded_and_once_by_hand(poll, overall):
    vote(poll, "erste", "yes", "yes", "yes")
    polls.remind(poll=poll, by=overall)
    mails = world.mails(kind="date_poll_reminder")
    assert set(mails.values_list("recipient", flat=True)) == {"zweite@example.org", "dritte@example.org"}
    with pytest.raises(PollError, match="schon einmal"):
        polls.remind(poll=poll, by=overall)


def test_nobody_is_reminded_when_all_have_answered(poll, overall):
    for name in ("erste", "zweite", "dritte"):
        vote(poll, name, "yes", "yes", "yes")
    with pytest.raises(PollError, match="Alle haben geantwortet"):
        polls.remind(poll=poll, by=overall)
    with time_machine.travel(poll.closes_at - timedelta(hours=47)):
        clock()
    assert not world.mails(kind="date_poll_reminder").exists()


def test_the_clock_reminds_once_two_days_before_the_end_and_closes_afterwards(poll):
    for hours, number in ((49, 0), (47, 3), (40, 3), (1, 3)):
        with time_machine.travel(poll.closes_at - timedelta(hours=hours)):
            clock()
        assert world.mails(kind="date_poll_reminder").count() == number
    with time_machine.travel(poll.closes_at + timedelta(minutes=1)):
        clock()
        clock()
    poll.refresh_from_db()
    assert poll.state == "closed"
    assert world.mails(kind="date_poll_reminder").count() == 3


def test_a_short_poll_is_not_reminded_on_its_first_day(undated, people, overall):
    poll = start(undated, people, overall, closes_at=days_from_now(1))
    clock()
    assert not world.mails(kind="date_poll_reminder").exists()
    assert poll.voters.count() == 3


def test_waiting_mails_do_not_go_out_after_the_end_or_after_the_answer(poll, overall):
    ask = world.mails(kind="date_poll").first()
    polls.remind(poll=poll, by=overall)
    reminder = world.mails(kind="date_poll_reminder", recipient="erste@example.org").get()
    assert checks.reason_against(ask) is None
    assert checks.reason_against(reminder) is None
    vote(poll, "erste", "yes", "yes", "yes")
    assert "geantwortet" in checks.reason_against(reminder)
    polls.close(poll=poll, by=overall)
    assert "geschlossen" in checks.reason_against(ask)


# --- the winner ----------------------------------------------------------------------------------
def test_the_winner_becomes_the_date_and_who_answered_is_told(poll, undated, overall):
    vote(poll, "erste", "no", "yes", "no")
    vote(poll, "zweite", "no", "no", "no")
    option = poll.options.all()[1]
    meeting = polls.choose(poll=poll, option=option, by=overall)
    assert (meeting.starts_at, meeting.ends_at, meeting.status) == (option.starts_at, option.ends_at, "idea")
    assert meeting.planning_tasks.exists()  # counted back from the new day
    poll.refresh_from_db()
    assert (poll.state, poll.chosen) == ("decided", option)
    mails = world.mails(kind="date_poll_result")
    assert set(mails.values_list("recipient", flat=True)) == {"erste@example.org", "zweite@example.org"}
    assert mails[0].subject.startswith("Der Termin steht: ")
    assert checks.reason_against(mails[0]) is None
    with pytest.raises(PollError, match="schon gewählt"):
        polls.choose(poll=poll, option=option, by=overall)


def test_a_result_that_is_no_longer_true_is_not_sent(poll, undated, overall):
    vote(poll, "erste", "yes", "yes", "yes")
    polls.choose(poll=poll, option=poll.options.first(), by=overall)
    undated.refresh_from_db()
    start_at, end_at = span((2031, 5, 7))
    scheduling.set_date(meeting=undated, starts_at=start_at, ends_at=end_at, venue=None, by=overall)
    assert "ein anderer" in checks.reason_against(world.mails(kind="date_poll_result").get())


def test_a_postponed_meeting_is_moved_to_the_winner(invited, people, overall):
    world.mails().update(state=State.SENT, sent_at=timezone.now())
    scheduling.postpone(meeting=invited, reason="Das Haus ist belegt.", by=overall)
    partner = world.make_partner()
    poll = start(invited, [*people, partner], overall, [(2031, 5, 7), (2031, 5, 14)])
    for name in ("erste", "partner"):
        vote(poll, name, "yes", "yes")
    meeting = polls.choose(poll=poll, option=poll.options.first(), by=overall)
    assert meeting.status == "invited"
    assert meeting.changes.first().kind == "moved"
    assert meeting.ics_sequence > 1
    # The invited get the move with their calendar entry, and no second mail about the same date.
    assert world.mails(kind="date_poll_result").get().recipient == "partner@example.org"


def test_a_date_that_has_passed_meanwhile_cannot_be_chosen(poll, overall):
    with time_machine.travel("2031-03-15 09:00+01:00"):
        with pytest.raises(SchedulingError, match="Vergangenheit"):
            polls.choose(poll=poll, option=poll.options.first(), by=overall)
        poll.refresh_from_db()
        assert poll.state == "open"


def test_a_date_of_another_poll_is_refused(poll, people, overall):
    other = start(world.make_meeting("2031-NORD-2"), people, overall)
    with pytest.raises(PollError, match="nicht zur Wahl"):
        polls.choose(poll=poll, option=other.options.first(), by=overall)
    assert Meeting.objects.exclude(starts_at=None).count() == 0


def test_an_address_is_asked_once_a_poll(poll):
    with pytest.raises(IntegrityError), transaction.atomic():
        PollVoter.objects.create(poll=poll, name="Noch einmal", greeting="Guten Tag", email="Erste@example.org")


def test_names_and_votes_are_deleted_ninety_days_after_the_end(poll, overall):
    vote(poll, "erste", "yes", "yes", "yes")
    for days, number in ((89, 3), (91, 0)):
        retention.run(now=poll.closes_at + timedelta(days=days))
        assert PollVoter.objects.count() == number
    assert (PollVote.objects.count(), poll.options.count()) == (0, 3)
