"""Tasks counted from the meeting's day: created, moved with it, done by themselves or by hand."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from meetings import invitations, milestones, preparation, scheduling
from meetings.milestones import Light
from meetings.models import AgendaItem, Mailing, Meeting, PlanningTask, TaskTemplate
from meetings.preparation import PreparationError
from meetings.tasks import clock
from regions.models import AlreadyReceived, FormReceipt
from tests.meetings import world

pytestmark = pytest.mark.django_db

LATER = {"starts_at": world.at(10, day=(2031, 4, 9)), "ends_at": world.at(16, day=(2031, 4, 9))}


def task_of(meeting, key):
    return meeting.planning_tasks.get(template__key=key)


def light(meeting, key):
    return next(row for row in milestones.tasks_of(meeting) if row.task.template and row.task.template.key == key).light


def days_of(meeting):
    return dict(meeting.planning_tasks.values_list("template__key", "due_on"))


def move(meeting, by, **day):
    scheduling.announce(meeting=meeting, by=by)
    scheduling.move(meeting=meeting, **(day or LATER), venue=meeting.venue, reason="Das Haus ist belegt.", by=by)
    meeting.refresh_from_db()


# --- from the date -------------------------------------------------------------------------------
def test_setting_the_date_creates_the_tasks_of_this_kind_of_meeting(meeting):
    expected = set(TaskTemplate.objects.filter(kind="regional").values_list("key", flat=True))
    assert set(meeting.planning_tasks.values_list("template__key", flat=True)) == expected
    assert days_of(meeting)["venue"] == date(2030, 11, 20)  # sixteen weeks before 12 March 2031
    assert days_of(meeting)["review"] == date(2031, 4, 15)  # 30 days after is Good Friday: the day after Easter
    assert not meeting.planning_tasks.filter(is_shortened=True).exists()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"kind": "national"}, "national"), ({"attendance_mode": "online"}, "online"), ({}, "regional")],
)
def test_each_kind_of_meeting_has_its_own_tasks(fields, kind):
    meeting = world.make_dated_meeting(**fields)
    assert set(meeting.planning_tasks.values_list("template__kind", flat=True)) == {kind}


def test_an_inactive_template_gives_no_task_and_an_edited_one_is_for_later_meetings():
    first = world.make_dated_meeting()
    TaskTemplate.objects.filter(kind="regional", key="phone_list").update(is_active=False)
    TaskTemplate.objects.filter(kind="regional", key="venue").update(title="Saal bestätigen")
    second = world.make_dated_meeting("2031-NORD-2")
    assert task_of(first, "venue").title != task_of(second, "venue").title == "Saal bestätigen"
    assert not second.planning_tasks.filter(template__key="phone_list").exists()


def test_the_responsible_person_gets_the_tasks_of_the_coordination(kaya):
    meeting = world.make_dated_meeting(responsible=kaya)
    assert task_of(meeting, "invitation").assignee == kaya
    assert task_of(meeting, "catering").who == "Gastgeber"


def test_a_late_plan_is_marked_and_not_red_on_its_first_day():
    with time_machine.travel("2031-02-10 09:00+01:00"):
        meeting = world.make_dated_meeting()
        rows = milestones.tasks_of(meeting)
        assert Light.OVERDUE not in {row.light for row in rows}
        assert task_of(meeting, "save_the_date").is_shortened
        assert not task_of(meeting, "attendance").is_shortened


def test_setting_the_date_again_moves_the_tasks_and_adds_none(meeting):
    number = meeting.planning_tasks.count()
    scheduling.set_date(meeting=meeting, **LATER, venue=meeting.venue, by=None)
    meeting.refresh_from_db()
    assert meeting.planning_tasks.count() == number
    assert days_of(meeting)["venue"] == date(2030, 12, 18)


def test_a_move_takes_open_tasks_along_and_leaves_done_and_dropped_ones(meeting, overall):
    venue, topics = task_of(meeting, "venue"), task_of(meeting, "topics")
    preparation.tick(task=venue, by=overall)
    preparation.drop(task=topics, reason="Die Themen stehen fest.", by=overall)
    own = preparation.add(meeting=meeting, title="Banner leihen", due_on=date(2031, 3, 3), by=overall)
    move(meeting, overall)
    assert days_of(meeting)["venue"] == venue.due_on
    assert days_of(meeting)["topics"] == topics.due_on
    assert days_of(meeting)["invitation"] == date(2031, 2, 26)
    own.refresh_from_db()
    assert own.due_on == date(2031, 3, 31)


def test_another_hour_on_the_same_day_changes_no_task(meeting, overall):
    before = days_of(meeting)
    move(meeting, overall, starts_at=world.at(11), ends_at=world.at(16))
    assert days_of(meeting) == before


def test_the_clock_plans_a_meeting_whose_date_was_set_without_tasks(meeting):
    meeting.planning_tasks.all().delete()
    clock()
    assert meeting.planning_tasks.exists()
    Meeting.objects.filter(pk=meeting.pk).update(**LATER)
    clock()
    assert days_of(meeting)["invitation"] == date(2031, 2, 26)
    number = PlanningTask.objects.count()
    clock()
    assert PlanningTask.objects.count() == number


def test_a_template_gives_a_meeting_one_task_only(meeting):
    task = meeting.planning_tasks.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanningTask.objects.create(meeting=meeting, template=task.template, title="Doppelt", due_on=task.due_on)


# --- what the portal sees ------------------------------------------------------------------------
def test_what_the_portal_sees_is_done_without_anybody_s_tick(meeting, people, overall):
    assert light(meeting, "venue") == Light.DONE
    assert light(meeting, "invitation") == Light.PLANNED
    AgendaItem.objects.create(meeting=meeting, title="Auftakt", kind="welcome")
    assert light(meeting, "agenda") == Light.DONE
    invitations.invite(meeting=meeting, contacts=people, by=overall)
    meeting.refresh_from_db()
    assert light(meeting, "invitation") == Light.DONE
    assert light(meeting, "save_the_date") == Light.DONE  # whoever is invited needs none any more
    assert light(meeting, "reminder") == Light.PLANNED


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"status": "held", "held_at": world.at(17)}, "attendance"),
        ({"status": "documented", "documented_at": world.at(17)}, "publication"),
    ],
)
def test_the_meeting_s_own_state_is_seen(meeting, values, key):
    Meeting.objects.filter(pk=meeting.pk).update(**values)
    meeting.refresh_from_db()
    assert light(meeting, key) == Light.DONE


def test_a_break_alone_is_no_agenda_and_a_result_is_seen(meeting):
    AgendaItem.objects.create(meeting=meeting, title="Mittag", kind="break")
    assert light(meeting, "agenda") == Light.PLANNED
    AgendaItem.objects.create(meeting=meeting, title="Austausch", result_text="Wir bleiben dran.")
    assert light(meeting, "minutes") == Light.DONE


def test_a_sending_is_seen_with_its_time(meeting, overall):
    at = timezone.now() - timedelta(days=1)
    Mailing.objects.create(meeting=meeting, kind="reminder", not_before=at)
    row = next(row for row in milestones.tasks_of(meeting) if row.task.milestone == "reminded")
    assert (row.light, row.done_at, row.is_auto) == (Light.DONE, at, True)


def test_a_reminder_before_the_move_is_none_for_the_new_day(meeting, overall):
    at = timezone.now() - timedelta(days=1)
    Mailing.objects.create(meeting=meeting, kind="reminder", not_before=at)
    move(meeting, overall)
    assert light(meeting, "reminder") == Light.PLANNED
    Mailing.objects.create(meeting=meeting, kind="reminder", round=2, not_before=timezone.now() + timedelta(minutes=2))
    assert light(meeting, "reminder") == Light.DONE


def test_settling_writes_it_down_once_and_takes_it_back(meeting):
    assert preparation.settle(meeting=meeting) == 1  # the venue
    assert preparation.settle(meeting=meeting) == 0
    task = task_of(meeting, "venue")
    assert (task.state, task.auto) == ("done", True)
    assert task.history.first().history_change_reason == "Vom Portal erkannt"
    Meeting.objects.filter(pk=meeting.pk).update(venue=None)
    meeting.refresh_from_db()
    assert light(meeting, "venue") == Light.PLANNED
    assert preparation.settle(meeting=meeting) == 1
    assert task_of(meeting, "venue").state == "open"


def test_a_person_s_tick_stays_whatever_the_portal_sees(meeting, kaya):
    preparation.tick(task=task_of(meeting, "invitation"), by=kaya)
    preparation.settle(meeting=meeting)
    task = task_of(meeting, "invitation")
    assert (task.state, task.auto, task.done_by) == ("done", False, kaya)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2030-11-01", Light.PLANNED),
        ("2031-01-23", Light.SOON),
        ("2031-01-29", Light.SOON),
        ("2031-01-30", Light.OVERDUE),
    ],
)
def test_the_light_follows_the_day(meeting, today, expected):
    with time_machine.travel(f"{today} 09:00+01:00"):
        assert light(meeting, "invitation") == expected  # due on 29 January 2031


@pytest.mark.parametrize("status", ["postponed", "cancelled"])
def test_tasks_of_a_meeting_that_is_off_rest(meeting, status):
    Meeting.objects.filter(pk=meeting.pk).update(status=status, cancelled_at=timezone.now())
    meeting.refresh_from_db()
    with time_machine.travel("2031-02-10 09:00+01:00"):
        assert light(meeting, "invitation") == Light.RESTING
        assert milestones.due(Meeting.objects.all(), most=8) == []


# --- by hand -------------------------------------------------------------------------------------
def test_ticking_twice_has_one_effect(meeting, kaya):
    task, form_id = task_of(meeting, "phone_list"), FormReceipt.new_id()
    preparation.tick(task=task, by=kaya, form_id=form_id)
    with pytest.raises(AlreadyReceived):
        preparation.tick(task=task, by=kaya, form_id=form_id)
    preparation.tick(task=task, by=kaya)
    assert task.history.count() == 1


def test_a_task_is_dropped_only_with_a_reason_and_can_come_back(meeting, kaya):
    task = task_of(meeting, "catering")
    with pytest.raises(PreparationError, match="Nennen Sie den Grund"):
        preparation.drop(task=task, reason="  ", by=kaya)
    preparation.drop(task=task, reason="Das Haus hat eine Kantine.", by=kaya)
    assert light(meeting, "catering") == Light.DROPPED
    with pytest.raises(PreparationError, match="Öffnen Sie sie zuerst"):
        preparation.tick(task=task, by=kaya)
    assert preparation.reopen(task=task, by=kaya).note == ""
    assert light(meeting, "catering") == Light.PLANNED


def test_what_the_portal_sees_cannot_be_opened_again(meeting, kaya):
    preparation.settle(meeting=meeting)
    with pytest.raises(PreparationError, match="Das Portal sieht"):
        preparation.reopen(task=task_of(meeting, "venue"), by=kaya)


def test_a_task_is_handed_over(meeting, kaya, overall):
    task = preparation.assign(task=task_of(meeting, "agenda"), assignee=overall, by=kaya)
    assert task.who == overall
    assert preparation.assign(task=task, assignee=None, by=kaya).who == "Koordination"


@pytest.mark.parametrize(
    ("title", "due_on", "error"),
    [
        ("   ", date(2031, 1, 1), "Schreiben Sie auf"),
        ("Banner", date(2020, 1, 1), "Vergangenheit"),
        ("Banner", date(2999, 1, 1), "Prüfen Sie das Jahr"),
        ("x" * 161, date(2031, 1, 1), "zu lang"),
    ],
)
def test_a_task_of_one_s_own_needs_words_and_a_day_to_come(meeting, kaya, title, due_on, error):
    with time_machine.travel("2030-06-01 09:00+02:00"), pytest.raises(PreparationError, match=error):
        preparation.add(meeting=meeting, title=title, due_on=due_on, by=kaya)
