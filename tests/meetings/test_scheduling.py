from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from meetings import scheduling
from meetings.models import Meeting, MeetingChange
from meetings.models.invitation import PartStat
from meetings.registrations import record_answer
from mobipro.outbox.models import State
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world
from tests.meetings.world import at

pytestmark = pytest.mark.django_db
REASON = "Der Saal ist nicht frei."


def sent(meeting):
    """As if the workers had handed over everything."""
    world.mails().update(state=State.SENT, sent_at=timezone.now())


def test_the_deadline_is_two_weeks_before_at_the_end_of_the_day(meeting):
    assert timezone.localtime(meeting.registration_deadline).strftime("%d.%m. %H:%M") == "26.02. 23:59"


def test_a_holiday_in_any_land_of_the_region_warns(overall):
    meeting = world.make_meeting("2031-NORD-2")
    with pytest.raises(scheduling.HolidayWarning) as caught:
        scheduling.set_date(
            meeting=meeting, starts_at=at(10, day=(2031, 3, 8)), ends_at=at(16, day=(2031, 3, 10)), venue=None, by=None
        )
    assert "Frauentag" in str(caught.value)
    assert "Mecklenburg-Vorpommern" in str(caught.value)


def test_a_reason_lets_the_holiday_pass_and_is_kept(overall):
    meeting = world.make_meeting("2031-NORD-2")
    day = (2031, 5, 22)  # Christi Himmelfahrt
    done = scheduling.set_date(
        meeting=meeting,
        starts_at=at(10, day=day),
        ends_at=at(16, day=day),
        venue=None,
        by=overall,
        override_reason="Wunsch aller Träger",
    )
    assert done.holiday_override == "Wunsch aller Träger"


def test_a_national_meeting_asks_all_sixteen_laender():
    meeting = world.make_meeting("2031-BUND", kind=Meeting.Kind.NATIONAL)
    day = (2031, 9, 20)
    with pytest.raises(scheduling.HolidayWarning, match="Thüringen"):
        scheduling.set_date(meeting=meeting, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, by=None)


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        (at(10, day=(2027, 4, 10)), "27.03.2027 23:59 CET"),
        (at(10, day=(2027, 4, 11)), "28.03.2027 23:59 CEST"),
        (at(10, day=(2027, 11, 13)), "30.10.2027 23:59 CEST"),
        (at(10, day=(2027, 11, 14)), "31.10.2027 23:59 CET"),
    ],
)
def test_the_deadline_counts_days_of_the_calendar_also_when_clocks_change(start, deadline):
    with time_machine.travel("2027-01-11 09:00+01:00"):
        found = scheduling.default_deadline(start)
    assert timezone.localtime(found).strftime("%d.%m.%Y %H:%M %Z") == deadline


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ((2027, 3, 28), "gibt es nicht"),
        ((2031, 3, 30), "gibt es nicht"),
        ((2027, 10, 31), "gibt es zweimal"),
        ((2031, 10, 26), "gibt es zweimal"),
    ],
)
def test_the_missing_and_the_double_hour_are_refused(day, what):
    with pytest.raises(scheduling.SchedulingError, match=what):
        scheduling.aware(datetime(*day, 2, 30))  # noqa: DTZ001 - as a form gives it


def test_a_time_given_in_utc_is_read_in_berlin():
    assert scheduling.aware(datetime(2031, 7, 1, 8, tzinfo=UTC)).hour == 10


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "text"),
    [
        (at(16), at(10), "nach dem Beginn"),
        (at(10, day=(2020, 3, 4)), at(12, day=(2020, 3, 4)), "Vergangenheit"),
        (at(10), at(10, day=(2031, 4, 12)), "höchstens 5 Tage"),
    ],
)
def test_impossible_dates_are_refused_in_german(starts_at, ends_at, text):
    meeting = world.make_meeting("2031-NORD-2")
    with pytest.raises(scheduling.SchedulingError, match=text):
        scheduling.set_date(meeting=meeting, starts_at=starts_at, ends_at=ends_at, venue=None, by=None)


def test_announcing_shows_the_meeting_and_fixes_the_organizer(meeting, overall):
    done = scheduling.announce(meeting=meeting, by=overall)
    assert (done.status, done.organizer_email) == ("save_the_date", "vernetzung@example.org")
    assert Meeting.objects.public().get() == done
    with pytest.raises(scheduling.SchedulingError):
        scheduling.announce(meeting=meeting, by=overall)


def test_moving_to_another_day_asks_everybody_again_and_keeps_the_seats(invited, invitation, overall):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    sent(invited)
    before = invited.ics_sequence
    day = (2031, 4, 9)
    change = scheduling.move(
        meeting=invited,
        starts_at=at(10, day=day),
        ends_at=at(16, day=day),
        venue=invited.venue,
        reason=REASON,
        by=overall,
    )
    invitation.refresh_from_db()
    assert change.answers_reset
    assert invitation.needs_reconfirmation
    assert invitation.registration.status == "confirmed"
    assert invitation.registration.held_until == change.meeting.registration_deadline
    assert change.meeting.ics_sequence == before + 1
    mail = world.mails(kind="meeting_change", recipient="erste@example.org").get()
    assert "12. März 2031" in mail.text
    assert "9. April 2031" in mail.text
    assert REASON in mail.text
    event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert event["SEQUENCE"] == change.sequence


def test_those_who_declined_are_left_alone_when_the_tick_is_taken_away(invited, invitation, overall):
    record_answer(invitation=invitation, partstat=PartStat.DECLINED)
    sent(invited)
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited,
        starts_at=at(10, day=day),
        ends_at=at(16, day=day),
        venue=invited.venue,
        reason=REASON,
        by=overall,
        ask_declined=False,
    )
    invitation.refresh_from_db()
    assert not invitation.needs_reconfirmation
    calendar = Calendar.from_ical(world.mails(kind="meeting_change", recipient="erste@example.org").get().calendar)
    attendee = calendar.walk("VEVENT")[0]["ATTENDEE"]
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("DECLINED", "FALSE")


def test_who_never_got_the_invitation_is_invited_to_the_new_day_and_told_nothing_else(invited, overall):
    scheduling.postpone(meeting=invited, reason=REASON, by=overall)
    assert not world.mails(kind="meeting_change").exists()
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason=REASON, by=overall
    )
    assert not world.mails(kind="meeting_change").exists()
    assert world.mails(kind="invitation", state="queued").count() == 3


def test_moving_only_the_room_keeps_answers_and_asks_nothing(invited, invitation, overall):
    record_answer(invitation=invitation, partstat=PartStat.ACCEPTED)
    sent(invited)
    change = scheduling.move(
        meeting=invited,
        starts_at=invited.starts_at,
        ends_at=invited.ends_at,
        venue=world.make_venue("Kiel", "DE-SH"),
        reason=REASON,
        by=overall,
    )
    invitation.refresh_from_db()
    assert not change.answers_reset
    assert not invitation.needs_reconfirmation
    event = Calendar.from_ical(world.mails(kind="meeting_change", recipient="erste@example.org").get().calendar)
    attendee = event.walk("VEVENT")[0]["ATTENDEE"]
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("ACCEPTED", "FALSE")


def test_a_move_needs_a_reason_and_a_difference(invited, overall):
    same = {"starts_at": invited.starts_at, "ends_at": invited.ends_at, "venue": invited.venue, "by": overall}
    with pytest.raises(scheduling.SchedulingError, match="Grund"):
        scheduling.move(meeting=invited, reason=" ", **same)
    with pytest.raises(scheduling.SchedulingError, match="dieselben"):
        scheduling.move(meeting=invited, reason=REASON, **same)


def test_a_postponed_meeting_is_never_cancelled_in_calendars(invited, overall):
    sent(invited)
    scheduling.postpone(meeting=invited, reason=REASON, by=overall)
    mail = world.mails(kind="meeting_change").first()
    assert mail.calendar_method == "REQUEST"
    assert "STATUS:TENTATIVE" in mail.calendar
    assert "RSVP=FALSE" in world.unfolded(mail.calendar)


def test_a_postponed_meeting_gets_its_new_day_by_a_move(invited, overall):
    scheduling.postpone(meeting=invited, reason=REASON, by=overall)
    day = (2031, 5, 7)
    change = scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason=REASON, by=overall
    )
    assert change.meeting.status == "invited"
    assert change.answers_reset


def test_cancelling_sends_cancel_to_everybody_who_has_an_entry(invited, overall):
    sent(invited)
    scheduling.cancel(meeting=invited, reason=REASON, by=overall)
    rows = world.mails(kind="meeting_cancellation")
    assert rows.count() == 3
    assert all("METHOD:CANCEL" in row.calendar and "STATUS:CANCELLED" in row.calendar for row in rows)
    assert MeetingChange.objects.get().reason == REASON


def test_who_never_got_the_invitation_gets_no_cancellation(invited, overall):
    scheduling.cancel(meeting=invited, reason=REASON, by=overall)
    assert not world.mails(kind="meeting_cancellation").exists()
    assert set(world.mails(kind="invitation").values_list("state", flat=True)) == {State.WITHDRAWN}


def test_a_move_before_the_sending_sends_one_new_invitation_instead(invited, overall):
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason=REASON, by=overall
    )
    waiting = world.mails(state=State.QUEUED)
    assert [row.kind for row in waiting] == ["invitation"] * 3
    assert all("9. April 2031" in row.text for row in waiting)


def test_the_sequence_never_falls_or_repeats(invited, overall):
    seen = [invited.ics_sequence]
    day = (2031, 4, 9)
    scheduling.move(
        meeting=invited, starts_at=at(10, day=day), ends_at=at(16, day=day), venue=None, reason=REASON, by=overall
    )
    steps = [scheduling.postpone, scheduling.cancel, scheduling.reinstate, scheduling.cancel]
    for step in [None, *steps]:
        if step:
            step(meeting=invited, reason=REASON, by=overall)
        seen.append(Meeting.objects.get(pk=invited.pk).ics_sequence)
    scheduling.reinstate(meeting=invited, reason=REASON, by=overall)
    seen.append(scheduling.rename(meeting=invited, title="Neuer Titel", by=overall).ics_sequence)
    assert seen == sorted(set(seen))


def test_steps_in_the_wrong_state_are_refused_in_german(meeting, overall):
    for step in (scheduling.postpone, scheduling.reinstate):
        with pytest.raises(scheduling.SchedulingError):
            step(meeting=meeting, reason=REASON, by=overall)
    scheduling.cancel(meeting=meeting, reason=REASON, by=overall)
    with pytest.raises(scheduling.SchedulingError):
        scheduling.cancel(meeting=meeting, reason=REASON, by=overall)


def test_a_form_sent_twice_moves_once(invited, overall):
    form_id = FormReceipt.new_id()
    scheduling.postpone(meeting=invited, reason=REASON, by=overall, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        scheduling.postpone(meeting=invited, reason=REASON, by=overall, form_id=form_id)
    assert MeetingChange.objects.count() == 1


def test_the_history_names_person_and_reason(invited, overall):
    scheduling.postpone(meeting=invited, reason=REASON, by=overall)
    row = invited.history.first()
    assert row.history_user == overall
    assert REASON in row.history_change_reason


def test_a_near_meeting_gets_a_deadline_before_its_start():
    soon = timezone.now() + timedelta(days=1)
    assert scheduling.default_deadline(soon) <= soon
