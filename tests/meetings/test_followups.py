"""What was agreed comes back: one mail to the owner, a point on the next agenda, a state that can be corrected."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from meetings import agenda, followups, milestones, minutes, tasks
from meetings.emails.followups import action_of
from meetings.models import ActionItem, AgendaItem, Meeting, Milestone
from mobipro.outbox import checks
from regions.models import AlreadyReceived, FormReceipt
from tests import factories
from tests.meetings import world

pytestmark = pytest.mark.django_db


def moved_to(meeting, days):
    """The meeting takes place that many days from now."""
    start = world.in_days(days)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + timedelta(hours=6))
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def held(meeting):
    return moved_to(meeting, -3)


@pytest.fixture
def following():
    return moved_to(world.make_meeting("2031-NORD-2"), 90)


@pytest.fixture
def owner(people):
    return people[0]


def agreed(meeting, owner=None, days=30, title="Liste der Betriebe schicken", **fields):
    name = {} if owner else {"owner_name": "Frau Kaya"}
    due = timezone.localdate() + timedelta(days=days)
    return minutes.add_action(meeting=meeting, title=title, due_on=due, by=None, owner=owner, **name, **fields)


def points(meeting):
    return [(item.position, item.kind, item.duration_min) for item in meeting.agenda.order_by("position")]


def reminders(**filters):
    return world.mails(kind="action_due", **filters)


def later(**span):
    return timezone.now() + timedelta(**span)


FOLLOW_UP = AgendaItem.Kind.FOLLOW_UP


def test_an_open_action_stands_on_the_next_agenda_and_its_owner_got_one_mail(held, following, owner):
    action = agreed(held, owner, days=30, visibility="public")
    assert points(following) == [(1, FOLLOW_UP, 20)]
    assert list(ActionItem.objects.open().earlier_than(following)) == [action]
    for day in (10, 22, 24, 25, 29, 31, 40):
        with time_machine.travel(later(days=day)):
            tasks.clock()
            tasks.clock()
    mail = reminders().get()
    assert mail.recipient == owner.email
    assert action.title in mail.text
    assert action.title in mail.subject
    assert points(following) == [(1, FOLLOW_UP, 20)]


# --- the mail ------------------------------------------------------------------------------------
def test_the_mail_goes_a_week_before_and_not_earlier(held, owner):
    agreed(held, owner, days=10)
    for days, number in ((2, 0), (4, 1), (9, 1)):
        followups.remind_owners_due(now=later(days=days))
        assert reminders().count() == number


def test_what_was_just_written_down_rests_before_it_is_mailed(held, owner):
    agreed(held, owner, days=2)
    assert followups.remind_owners_due(now=later(hours=1)) == 0
    assert followups.remind_owners_due(now=later(hours=13)) == 1


def test_another_due_day_asks_once_more(held, owner):
    action = agreed(held, owner, days=5)
    followups.remind_owners_due(now=later(days=1))
    action.due_on += timedelta(days=20)
    action.save()
    followups.remind_owners_due(now=later(days=2))
    assert reminders().count() == 1
    for _ in range(2):
        followups.remind_owners_due(now=later(days=20))
    assert reminders().count() == 2


def test_nobody_is_asked_for_what_is_done_past_or_without_an_owner(held, owner):
    done, _past, _nobody = agreed(held, owner, 5), agreed(held, owner, -1), agreed(held, days=5)
    followups.set_status(action=done, status="done", by=None)
    assert followups.remind_owners_due(now=later(days=1)) == 0
    assert not reminders().exists()


def test_who_left_is_stood_in_for_by_her_successor(held, owner, people):
    agreed(held, owner, 5)
    owner.status, owner.successor = "left", people[1]
    owner.save()
    followups.remind_owners_due(now=later(days=1))
    mail = reminders().get()
    assert mail.recipient == people[1].email
    assert f"hat {owner.full_name} diese Aufgabe übernommen" in mail.text


def test_who_is_away_is_stood_in_for_by_the_deputy_of_her_project(held, owner, project):
    deputy = world.make_project_person("vertretung@example.org", project, "Zander", is_deputy=True)
    agreed(held, owner, 5)
    owner.status = "on_leave"
    owner.save()
    followups.remind_owners_due(now=later(days=1))
    assert reminders().get().recipient == deputy.email


def test_nobody_to_reach_is_no_mail_and_no_error(held, owner):
    agreed(held, owner, 5)
    owner.status = "left"
    owner.save()
    assert followups.remind_owners_due(now=later(days=1)) == 0


def test_a_mail_that_waits_is_held_back_when_the_task_is_done_or_moved(held, owner):
    action = agreed(held, owner, 5)
    followups.remind_owners_due(now=later(days=1))
    mail = reminders().get()
    assert action_of(mail) == action
    assert checks.reason_against(mail) is None
    ActionItem.objects.filter(pk=action.pk).update(due_on=date(2040, 1, 1))
    assert "anderen Tag" in checks.reason_against(mail)
    ActionItem.objects.filter(pk=action.pk).update(due_on=action.due_on)
    followups.set_status(action=action, status="done", by=None)
    assert "erledigt" in checks.reason_against(mail)
    action.delete()
    assert "nicht mehr" in checks.reason_against(mail)


# --- the state -----------------------------------------------------------------------------------
def test_the_state_is_stored_once_with_who_and_how(held, owner, kaya):
    action = agreed(held, owner)
    form = FormReceipt.new_id()
    followups.set_status(action=action, status="done", result="  Liste ist\nraus ", by=None, form_id=form)
    with pytest.raises(AlreadyReceived):
        followups.set_status(action=action, status="dropped", by=None, form_id=form)
    followups.set_status(action=action, status="done", result="Liste ist raus", by=None)
    action.refresh_from_db()
    assert (action.status, action.result) == ("done", "Liste ist raus")
    assert action.history.count() == 2
    assert action.history.first().history_change_reason == "erledigt, über den Link in der Mail"
    followups.set_status(action=action, status="in_progress", by=kaya)
    newest = action.history.first()
    assert (newest.history_user, newest.history_change_reason) == (kaya, "in Arbeit, eingetragen")


@pytest.mark.parametrize(
    ("values", "words"),
    [({"status": "vielleicht"}, "Wählen Sie"), ({"status": "done", "result": "x" * 501}, "1 Zeichen zu lang")],
)
def test_a_state_that_is_none_and_a_result_too_long_are_told(held, values, words):
    action = agreed(held)
    with pytest.raises(followups.FollowUpError, match=words):
        followups.set_status(action=action, by=None, **values)


# --- the point on the agenda ---------------------------------------------------------------------
def test_the_point_comes_after_the_welcome_and_the_others_move_down(held, following):
    for position, kind in enumerate(("welcome", "input", "outlook"), start=1):
        AgendaItem(meeting=following, kind=kind, title=kind, position=position, duration_min=30).save()
    agreed(held)
    assert points(following) == [(1, "welcome", 30), (2, FOLLOW_UP, 20), (3, "input", 30), (4, "outlook", 30)]


def test_the_point_alone_is_no_agenda_yet(held, following):
    agreed(held)
    assert points(following)
    assert Milestone.AGENDA_FIXED not in milestones.facts_of([following])[following.pk]


def test_an_agreement_is_reported_about_too(held, following):
    minutes.add_decision(meeting=held, text="Wir treffen uns im Mai.", by=None)
    assert points(following) == [(1, FOLLOW_UP, 20)]


def test_a_removed_point_does_not_come_back(held, following, kaya):
    agreed(held)
    agenda.save(meeting=following, items=[], removed=list(following.agenda.all()), texts={}, by=kaya)
    agreed(held, title="Noch eine")
    tasks.clock()
    assert points(following) == []


def test_a_point_that_is_there_already_is_enough(held, following):
    AgendaItem(meeting=following, kind=FOLLOW_UP, title="Was wurde daraus?", duration_min=45).save()
    agreed(held)
    assert points(following) == [(1, FOLLOW_UP, 45)]


def test_only_the_next_meeting_of_the_region_gets_it(held, following):
    after_next = moved_to(world.make_meeting("2031-NORD-3"), 200)
    foreign = moved_to(world.make_meeting("2031-BY-1", "BY"), 60)
    national = moved_to(world.make_meeting("2031-BUND", kind=Meeting.Kind.NATIONAL), 50)
    agreed(held)
    tasks.clock()
    assert points(following)
    assert not AgendaItem.objects.filter(meeting__in=[after_next, foreign, national]).exists()
    assert not ActionItem.objects.earlier_than(foreign).exists()
    assert not ActionItem.objects.earlier_than(national).exists()


def test_a_meeting_that_gets_its_date_later_gets_it_by_the_clock(held):
    later_one = world.make_meeting("2031-NORD-2")
    agreed(held)
    assert points(later_one) == []
    moved_to(later_one, 90)
    tasks.clock()
    assert points(later_one) == [(1, FOLLOW_UP, 20)]


def test_a_cancelled_next_meeting_is_passed_over(held, following):
    Meeting.objects.filter(pk=following.pk).update(status="cancelled", cancelled_at=timezone.now())
    after_next = moved_to(world.make_meeting("2031-NORD-3"), 200)
    agreed(held)
    assert points(after_next) == [(1, FOLLOW_UP, 20)]
    assert points(following) == []


def test_what_only_prepares_a_meeting_or_is_the_offices_is_no_topic(held, following):
    agreed(held, visibility="coordination")
    agreed(following)
    tasks.clock()
    assert points(following) == []


def test_done_tasks_are_no_topic_and_drop_out_of_the_list(held, following):
    action = agreed(held)
    followups.set_status(action=action, status="done", by=None)
    assert not ActionItem.objects.open().earlier_than(following).exists()


def test_a_stranger_reads_public_tasks_only(held, following):
    agreed(held, title="Intern")
    public = agreed(held, title="Öffentlich", visibility="public")
    rows = ActionItem.objects.visible_to(AnonymousUser()).open().earlier_than(following)
    assert list(rows) == [public]


def test_the_clock_asks_the_same_for_one_and_three_tasks(held, following, owner, django_assert_num_queries):
    agreed(held, owner, 5)
    followups.remind_owners_due(now=later(days=1))
    with django_assert_num_queries(2):
        followups.remind_owners_due(now=later(days=1))
    agreed(held, owner, 5, title="Zwei")
    agreed(held, owner, 5, title="Drei")
    followups.remind_owners_due(now=later(days=1))
    with django_assert_num_queries(2):
        followups.remind_owners_due(now=later(days=1))
    assert factories.region("NORD") in followups.next_meetings()[0].places
