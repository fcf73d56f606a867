"""The preparation of the demo's meetings: what lies behind is done, but for a few things that were left."""

from datetime import date, timedelta

from meetings import milestones, preparation, scheduling
from meetings.models import Meeting, PlanningTask
from mobipro.demo.build_meetings import local

PLANNED_AHEAD = timedelta(days=150)  # when a date of the demo was set
#: Left undone at meetings to come, so that red and yellow are to be seen.
LEFT_UNDONE = {"phone_list", "agenda_partners", "topics"}


def build(today: date, meetings: list[Meeting]) -> None:
    """Tasks of every meeting with a date; the ticks of the past are the responsible person's."""
    dated = [row for row in Meeting.objects.filter(pk__in=[row.pk for row in meetings]).for_list() if row.starts_on]
    for meeting in dated:
        planned_on = min(today, (meeting.starts_on or today) - PLANNED_AHEAD)
        states = scheduling.states_of(meeting, meeting.venue)
        preparation.follow(meeting=meeting, states=states, by=meeting.responsible, today=planned_on)
    facts = milestones.facts_of(dated)
    rows = list(PlanningTask.objects.filter(meeting__in=dated).select_related("meeting", "template"))
    for task in rows:
        known = facts[task.meeting_id]
        if task.milestone in known:
            task.state, task.auto = PlanningTask.State.DONE, True
            task.done_at = known[task.milestone] or local(min(task.due_on, today), 9)
        elif task.due_on < today and not _is_left(task, today):
            task.state, task.done_by = PlanningTask.State.DONE, task.meeting.responsible
            task.done_at = local(task.due_on, 11)
    PlanningTask.objects.bulk_update(rows, ["state", "auto", "done_at", "done_by"], batch_size=500)


def _is_left(task: PlanningTask, today: date) -> bool:
    """The portal would see these for itself; or nobody has come to it yet."""
    if task.milestone in ("documentation_published", "documentation_drafted", "invited", "attendance_recorded"):
        return True
    is_coming = (task.meeting.starts_on or today) >= today
    return is_coming and task.template is not None and task.template.key in LEFT_UNDONE
