"""What the portal sees of a meeting's preparation, and the light of each task: read, never stored here.

Three colours, each with its word and its own shape; facts of any number of meetings cost five queries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Min, Q, QuerySet, TextChoices
from django.utils import timezone

from meetings.models import AgendaItem, Decision, Mailing, Meeting, MeetingChange, Milestone, PlanningTask

SOON: Final = timedelta(days=7)
RESTING: Final = (Meeting.Status.CANCELLED, Meeting.Status.POSTPONED)
#: Sendings by their kind.
SENDINGS: Final = {
    "save_the_date": Milestone.SAVE_THE_DATE_SENT,
    "topic_survey": Milestone.SURVEY_SENT,
    "reminder": Milestone.REMINDED,
    "participant_info": Milestone.PARTICIPANT_INFO_SENT,
    "thanks": Milestone.FEEDBACK_ASKED,
}
#: Milestones of mails that the portal does not send (yet): ticked by hand.
BY_HAND: Final = {milestone for kind, milestone in SENDINGS.items() if kind not in Mailing.Kind.values}
#: What a move to another day makes necessary again.
OF_ONE_DAY: Final = (Milestone.REMINDED, Milestone.PARTICIPANT_INFO_SENT)
#: Milestone → since when; None where nobody wrote the time down. What is missing has not happened.
Facts = dict[str, datetime | None]


class Light(TextChoices):
    DONE = "done", "erledigt"
    DROPPED = "dropped", "entfällt"
    PLANNED = "planned", "im Plan"
    SOON = "soon", "bald fällig"
    OVERDUE = "overdue", "überfällig"
    RESTING = "resting", "ruht"


OPEN_LIGHTS: Final = (Light.OVERDUE, Light.SOON, Light.PLANNED)


@dataclass(frozen=True)
class Seen:
    """A task as it stands now."""

    task: PlanningTask
    light: Light
    done_at: datetime | None = None
    is_auto: bool = False

    @property
    def is_open(self) -> bool:
        return self.light in OPEN_LIGHTS

    @property
    def closes_itself(self) -> bool:
        """Whether the portal will see it; else somebody ticks it."""
        return bool(self.task.milestone) and self.task.milestone not in BY_HAND

    @property
    def word(self) -> str:
        return str(self.light.label)


def facts_of(meetings: Iterable[Meeting]) -> dict[int, Facts]:
    """What has happened at each of these meetings; five queries."""
    found: dict[int, Facts] = {meeting.pk: _own(meeting) for meeting in meetings}
    moves = MeetingChange.objects.filter(meeting__in=found, answers_reset=True).order_by().values_list("meeting_id")
    moved = dict(moves.annotate(at=Max("made_at")))
    sent = Mailing.objects.filter(meeting__in=found, kind__in=SENDINGS).order_by().values_list("meeting_id", "kind")
    for pk, kind, first, last in sent.annotate(first=Min("not_before"), last=Max("not_before")):
        milestone = SENDINGS[kind]
        if milestone not in OF_ONE_DAY or pk not in moved:
            found[pk].setdefault(milestone, first)
        elif last > moved[pk]:
            found[pk].setdefault(milestone, last)
    points = AgendaItem.objects.filter(meeting__in=found).exclude(kind=AgendaItem.Kind.BREAK)
    for pk, kind, result in points.order_by().values_list("meeting_id", "kind", "result_text"):
        if kind != AgendaItem.Kind.FOLLOW_UP:  # the portal puts that point there itself
            found[pk].setdefault(Milestone.AGENDA_FIXED, None)
        if result.strip():
            found[pk].setdefault(Milestone.MINUTES_WRITTEN, None)
    for pk in Decision.objects.filter(meeting__in=found).order_by().values_list("meeting_id", flat=True).distinct():
        found[pk].setdefault(Milestone.MINUTES_WRITTEN, None)
    # The documentation is of the app above; only whether there is one is asked.
    for pk in Meeting.objects.filter(pk__in=found, documentation__isnull=False).order_by().values_list("pk", flat=True):
        found[pk].setdefault(Milestone.DOCUMENTATION_DRAFTED, None)
    return found


def _own(meeting: Meeting) -> Facts:
    """What the meeting's own fields say. Who is invited needs no Save the Date any more."""
    is_online = meeting.attendance_mode == Meeting.AttendanceMode.ONLINE
    facts: Facts = {}
    if meeting.online_url if is_online else meeting.venue_id:
        facts[Milestone.VENUE_SET] = None
    if meeting.invited_at:
        facts[Milestone.INVITED] = facts[Milestone.SAVE_THE_DATE_SENT] = meeting.invited_at
    if meeting.held_at or meeting.status in Meeting.HELD_STATUSES:
        facts[Milestone.ATTENDANCE_RECORDED] = meeting.held_at
    if meeting.status in (Meeting.Status.DOCUMENTED, Meeting.Status.CLOSED):
        facts[Milestone.DOCUMENTATION_PUBLISHED] = meeting.documented_at
    return facts


def see(task: PlanningTask, meeting: Meeting, facts: Facts, today: date) -> Seen:
    """The light of one task. A person's tick counts whatever the portal sees; what it saw may be gone again."""
    if task.state == PlanningTask.State.DROPPED:
        return Seen(task, Light.DROPPED)
    if task.state == PlanningTask.State.DONE and not task.auto:
        return Seen(task, Light.DONE, task.done_at)
    if task.milestone and task.milestone in facts:
        return Seen(task, Light.DONE, facts[task.milestone] or task.done_at, is_auto=True)
    if meeting.status in RESTING:
        return Seen(task, Light.RESTING)
    if task.due_on < today:
        return Seen(task, Light.OVERDUE)
    return Seen(task, Light.SOON if task.due_on <= today + SOON else Light.PLANNED)


def tasks_of(meeting: Meeting) -> list[Seen]:
    """All tasks of one meeting in order of their day; six queries."""
    facts, today = facts_of([meeting])[meeting.pk], timezone.localdate()
    return [see(task, meeting, facts, today) for task in meeting.planning_tasks.select_related("assignee", "done_by")]


def due(meetings: QuerySet[Meeting], *, most: int) -> list[Seen]:
    """The tasks of these meetings whose day has come, oldest first; a fixed number of queries."""
    today = timezone.localdate()
    open_now = Q(state=PlanningTask.State.OPEN, due_on__lte=today)
    rows = PlanningTask.objects.filter(open_now, meeting__in=meetings.values("pk")).exclude(meeting__status__in=RESTING)
    # More than are shown: the portal may see that some are done before the clock has written it down.
    tasks = list(rows.select_related("meeting", "assignee").order_by("due_on", "pk")[: 5 * most])
    facts = facts_of({task.meeting_id: task.meeting for task in tasks}.values()) if tasks else {}
    seen = [see(task, task.meeting, facts[task.meeting_id], today) for task in tasks]
    return [row for row in seen if row.is_open][:most]


def summary(rows: Iterable[Seen]) -> dict[str, Any]:
    """How far a meeting is: the number done and of all, what is overdue, and the next open task."""
    rows = [row for row in rows if row.light != Light.DROPPED]
    waiting = [row for row in rows if row.is_open]
    return {
        "done": sum(row.light == Light.DONE for row in rows),
        "all": len(rows),
        "overdue": sum(row.light == Light.OVERDUE for row in rows),
        "next": min(waiting, key=lambda row: (row.task.due_on, row.task.pk), default=None),
    }
