"""Job: count a meeting's tasks from its day, keep what the portal sees for itself, and what people do by hand."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from meetings import history, milestones
from meetings.models import Meeting, PlanningTask, TaskRole, TaskTemplate
from meetings.working_days import Calendar, due_days
from mobipro import html
from regions.models import FederalState, FormReceipt, RoleAssignment, User

State = PlanningTask.State
LONGEST_AHEAD = timedelta(days=730)  # after the meeting, or after today
SETTLED_AFTER = timedelta(days=180)  # after a meeting nothing of it changes by itself any more


class PreparationError(Exception):
    """The task cannot be changed like this; the text says why, in German."""


# --- counted from the meeting's day --------------------------------------------------------------
@transaction.atomic
def follow(*, meeting: Meeting, states: Iterable[FederalState | str], by: Any = None, today: date | None = None) -> int:
    """Bring the tasks to the meeting's day: create them when it gets its date, count open ones anew when it moves.

    For jobs that hold the meeting's lock; safe to repeat. Done and dropped tasks stay. Gives the number of changes.
    Due days follow the meeting's own change, which the history keeps: they get no history of their own.
    """
    day = meeting.starts_on
    if day is None:
        return 0
    today, calendar = today or timezone.localdate(), Calendar(states)
    if not meeting.planning_tasks.counted().exists():
        return _create(meeting, day, today, calendar, by)
    moved = meeting.planning_tasks.select_for_update().open().exclude(counted_from=day)
    counted = [task for task in moved if task.offset_days is not None]
    offsets = [task.offset_days or 0 for task in counted]
    for task, due in zip(counted, due_days(offsets, meeting_day=day, today=today, calendar=calendar), strict=True):
        task.due_on, task.is_shortened, task.counted_from = due.day, due.is_shortened, day
    own = [task for task in moved if task.offset_days is None]
    for task in own:
        shift = day - task.counted_from if task.counted_from else timedelta()
        task.due_on, task.counted_from = calendar.near(max(task.due_on + shift, today), timedelta(days=1)), day
    PlanningTask.objects.bulk_update([*counted, *own], ["due_on", "is_shortened", "counted_from"])
    return len(counted) + len(own)


def kind_of(meeting: Meeting) -> str:
    """Whose templates a meeting gets."""
    if meeting.kind == Meeting.Kind.NATIONAL:
        return TaskTemplate.Kind.NATIONAL
    is_online = meeting.attendance_mode == Meeting.AttendanceMode.ONLINE
    return TaskTemplate.Kind.ONLINE if is_online else TaskTemplate.Kind.REGIONAL


def _create(meeting: Meeting, day: date, today: date, calendar: Calendar, by: Any) -> int:
    templates = list(TaskTemplate.objects.filter(kind=kind_of(meeting), is_active=True))
    people = _people(meeting, by) if templates else {}
    offsets = [template.offset_days for template in templates]
    rows = [
        PlanningTask(
            meeting=meeting,
            template=template,
            title=template.title,
            offset_days=template.offset_days,
            role=template.role,
            milestone=template.auto_done_by,
            due_on=due.day,
            is_shortened=due.is_shortened,
            counted_from=day,
            assignee=people.get(template.role),
        )
        for template, due in zip(
            templates, due_days(offsets, meeting_day=day, today=today, calendar=calendar), strict=True
        )
    ]
    PlanningTask.objects.bulk_create(rows)
    return len(rows)


def _people(meeting: Meeting, by: Any) -> dict[str, User | None]:
    """Who takes what: the responsible person (else whoever sets the date), and the Gesamtkoordination if it is one."""
    author = by if isinstance(by, User) else None
    overall = RoleAssignment.objects.filter(role=RoleAssignment.Role.COORDINATOR, all_regions=True, is_deputy=False)
    heads = list(User.objects.filter(pk__in=overall.values("user"), is_active=True)[:2])
    return {
        TaskRole.COORDINATION: meeting.responsible or author,
        TaskRole.OVERALL: heads[0] if len(heads) == 1 else None,
    }


def without_tasks() -> Any:
    """Meetings to come whose tasks are missing or were counted from another day."""
    coming = Meeting.objects.filter(status__in=Meeting.OPEN_STATUSES, starts_at__gt=timezone.now())
    coming = coming.exclude(status=Meeting.Status.POSTPONED)
    missing = ~Q(pk__in=PlanningTask.objects.counted().values("meeting"))
    # The day in Berlin, as Meeting.starts_on.
    behind = PlanningTask.objects.open().exclude(counted_from=F("meeting__starts_at__date"))
    return coming.filter(missing | Q(pk__in=behind.values("meeting")))


# --- what the portal sees ------------------------------------------------------------------------
@transaction.atomic
def settle(*, meeting: Meeting, now: datetime | None = None) -> int:
    """Write down what the portal sees: tasks whose fact is there are done, those whose fact is gone are open again.

    Called by the clock, as often as it likes; gives the number of changes. Pages compute the same themselves.
    """
    now, changed = now or timezone.now(), 0
    tasks = meeting.planning_tasks.select_for_update().exclude(milestone="")
    facts = milestones.facts_of([meeting])[meeting.pk]
    for task in tasks.filter(Q(state=State.OPEN) | Q(state=State.DONE, auto=True)):
        has_happened = task.milestone in facts
        if has_happened == (task.state == State.DONE):
            continue
        task.auto = has_happened
        task.state, task.done_at = (State.DONE, facts[task.milestone] or now) if has_happened else (State.OPEN, None)
        history.save(task, by=None, reason="Vom Portal erkannt" if has_happened else "Gilt nicht mehr als erledigt")
        changed += 1
    return changed


def unsettled(now: datetime | None = None) -> Any:
    """The meetings whose tasks may still change by themselves."""
    since = (now or timezone.now()) - SETTLED_AFTER
    tasks = PlanningTask.objects.exclude(milestone="").exclude(state=State.DROPPED)
    return Meeting.objects.filter(pk__in=tasks.values("meeting"), ends_at__gte=since)


# --- by hand -------------------------------------------------------------------------------------
FormId = uuid.UUID | str | None


def _take(task: PlanningTask, form_id: FormId, by: Any, purpose: str) -> PlanningTask:
    if form_id is not None:
        FormReceipt.take(form_id, purpose=f"meetings.task_{purpose}", user=by)
    return PlanningTask.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=task.pk)


@transaction.atomic
def tick(*, task: PlanningTask, by: Any, form_id: FormId = None) -> PlanningTask:
    """Done, says a person. A task that is done already stays as it is."""
    locked = _take(task, form_id, by, "tick")
    if locked.state == State.DROPPED:
        raise PreparationError("Diese Aufgabe entfällt. Öffnen Sie sie zuerst wieder.")
    if locked.state == State.DONE:
        return locked
    locked.state, locked.auto, locked.done_at = State.DONE, False, timezone.now()
    locked.done_by = by if getattr(by, "pk", None) else None
    history.save(locked, by=by, reason="Erledigt")
    return locked


@transaction.atomic
def reopen(*, task: PlanningTask, by: Any, form_id: FormId = None) -> PlanningTask:
    """Take a tick or a "entfällt" back. Raises PreparationError for what the portal sees as done."""
    locked = _take(task, form_id, by, "reopen")
    if locked.state == State.DONE and locked.auto:
        raise PreparationError("Das Portal sieht, dass diese Aufgabe erledigt ist; sie lässt sich nicht wieder öffnen.")
    locked.state, locked.done_at, locked.done_by, locked.note = State.OPEN, None, None, ""
    history.save(locked, by=by, reason="Wieder offen")
    return locked


@transaction.atomic
def drop(*, task: PlanningTask, reason: str, by: Any, form_id: FormId = None) -> PlanningTask:
    """Not needed for this meeting; says why."""
    words = _words(reason, 300)
    if not words:
        raise PreparationError("Nennen Sie den Grund, warum die Aufgabe entfällt.")
    locked = _take(task, form_id, by, "drop")
    if locked.state == State.DONE:
        raise PreparationError("Diese Aufgabe ist schon erledigt.")
    locked.state, locked.note = State.DROPPED, words
    history.save(locked, by=by, reason=f"Entfällt: {words}")
    return locked


@transaction.atomic
def assign(*, task: PlanningTask, assignee: User | None, by: Any, form_id: FormId = None) -> PlanningTask:
    """Another person, or (None) the role again."""
    locked = _take(task, form_id, by, "assign")
    locked.assignee = assignee
    history.save(locked, by=by, reason=f"Übernimmt jetzt: {locked.who}")
    return locked


@transaction.atomic
def add(
    *, meeting: Meeting, title: str, due_on: date, by: Any, assignee: User | None = None, form_id: FormId = None
) -> PlanningTask:
    """A task of one's own; it moves with the meeting. Raises PreparationError for an empty or a past one."""
    words = _words(title, 160)
    if not words:
        raise PreparationError("Schreiben Sie auf, was zu tun ist.")
    today = timezone.localdate()
    if due_on < today:
        raise PreparationError(f"Der {due_on:%d.%m.%Y} liegt in der Vergangenheit. Wählen Sie einen späteren Tag.")
    if due_on > max(today, meeting.starts_on or today) + LONGEST_AHEAD:
        raise PreparationError(f"Der {due_on:%d.%m.%Y} liegt Jahre nach dem Treffen. Prüfen Sie das Jahr.")
    if form_id is not None:
        FormReceipt.take(form_id, purpose="meetings.task_add", user=by)
    task = PlanningTask(meeting=meeting, title=words, due_on=due_on, assignee=assignee, counted_from=meeting.starts_on)
    history.save(task, by=by, reason="Aufgabe angelegt")
    return task


def _words(text: str, longest: int) -> str:
    words = " ".join(html.plain(text).split())
    if len(words) > longest:
        raise PreparationError(f"Der Text ist zu lang (höchstens {longest} Zeichen, es sind {len(words)}).")
    return words
