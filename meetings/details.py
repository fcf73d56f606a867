"""Job: what a meeting is called, how many come, who is responsible, who sees it."""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from meetings import history, reminder_days, scheduling, seats
from meetings.models import Meeting

FIELDS = (
    "capacity",
    "max_per_project",
    "confirm_seats_individually",
    "reminder_days",
    "attendance_mode",
    "online_url",
    "host_organisation",
    "responsible",
    "moderator",
    "photo_planned",
    "visibility",
)
#: What stands in the calendar entry: the same SEQUENCE never shows other words.
IN_CALENDAR = ("attendance_mode", "online_url")


@transaction.atomic
def save(*, meeting: Meeting, values: Mapping[str, Any], by: Any, tell: bool = False, note: str = "") -> Meeting:
    """Keep the values; more places go to the waiting list at once. Raises SchedulingError for an impossible title.

    `tell`: the invited get title and place old → new with an update for their calendars; answers stay. `note` says why.
    """
    before = scheduling.lock(meeting)
    locked = _keep(copy(before), values, by)
    somebody = locked.invited_at is not None or locked.invitations.active().exists()  # or has the Save the Date
    is_known = somebody and locked.status in Meeting.OPEN_STATUSES
    if tell and is_known and scheduling.differs_in_calendar(before, locked):
        scheduling.correct(before=before, meeting=locked, note=note, by=by)
    return locked


def reminders(meeting: Meeting, wanted: str, now: datetime | None = None) -> str:
    """Other days for the reminders. Raises SchedulingError for days after the deadline, and new ones that are over."""
    days = scheduling.reminders_of(wanted, meeting.starts_at, meeting.registration_deadline)
    if meeting.starts_at is not None and meeting.invited_at is not None:
        over = reminder_days.past(days, meeting.reminder_days, meeting.starts_at, now or timezone.now())
        if over:
            raise scheduling.SchedulingError(over)
    return days


def _keep(locked: Meeting, values: Mapping[str, Any], by: Any) -> Meeting:
    if (values["title"], values["subtitle"]) != (locked.title, locked.subtitle):
        locked = scheduling.rename(meeting=locked, title=values["title"], subtitle=values["subtitle"], by=by)
    changed = [name for name in FIELDS if getattr(locked, name) != values[name]]
    if not changed:
        return locked
    if "reminder_days" in changed:
        values = {**values, "reminder_days": reminders(locked, values["reminder_days"])}
    more_places = values["capacity"] > locked.capacity
    for name in changed:
        setattr(locked, name, values[name])
    if locked.announced_at and set(changed) & set(IN_CALENDAR):
        locked.ics_sequence += 1
    fields = {field.name: str(field.verbose_name) for field in Meeting._meta.fields}
    words = ", ".join(fields[name] for name in changed)
    history.save(locked, by=by, reason=f"Geändert: {words}")
    if more_places:
        seats.fill(meeting=locked, by=by)
    return locked
