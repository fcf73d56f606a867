"""When the timetable's tasks last ran, for the page "Betrieb". Kept in the cache, which all processes share."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

SUCCESS = "SUCCESS"  # Celery's word


class Run(NamedTuple):
    """One entry of the timetable with its last run; `at` is None when it never ran."""

    name: str
    seconds: float
    at: datetime | None
    failed: bool

    @property
    def is_late(self) -> bool:
        """Three turns missed, at least five minutes."""
        if self.at is None:
            return True
        return (timezone.now() - self.at).total_seconds() > max(3 * self.seconds, 300)


def _key(task: str) -> str:
    return f"timetable:{task}"


def note(task: str, state: str) -> None:
    """Remember that a task of the timetable has run; other tasks are not kept."""
    if any(entry["task"] == task for entry in settings.CELERY_BEAT_SCHEDULE.values()):
        cache.set(_key(task), (timezone.now(), state), timeout=None)


def runs() -> list[Run]:
    """Every entry of the timetable, in its order."""
    entries = settings.CELERY_BEAT_SCHEDULE
    known = cache.get_many([_key(str(entry["task"])) for entry in entries.values()])
    found = []
    for name, entry in entries.items():
        at, state = known.get(_key(str(entry["task"])), (None, SUCCESS))
        found.append(Run(name, float(str(entry["schedule"])), at, state != SUCCESS))
    return found
