"""How many days before a meeting the silent are reminded. Pure: text and moments in, moments and words out.

Counted in days of the calendar in Berlin, at the hour at which the meeting starts: never in multiples of 24 hours,
so a reminder before the clocks change comes at the same hour as one after it.
"""

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from mobipro.templatetags.portal import day

BERLIN = ZoneInfo("Europe/Berlin")
DEFAULT: Final = "28, 17"  # walks.md: T-28 and T-17
MOST, LONGEST = 3, 120
REST_DAYS = 3  # nobody is reminded so soon after a mail that has just asked
_SHAPE = re.compile(r"[0-9]{1,3}(?:(?:\s*[,;]\s*|\s+)[0-9]{1,3})*")
_EXAMPLE = f"Bitte so: {DEFAULT}."


def parse(text: str) -> tuple[int, ...]:
    """The days of "28, 17", farthest first. Raises ValueError with a German text that says what to do."""
    plain = text.strip().rstrip(",;")
    if not _SHAPE.fullmatch(plain):
        raise ValueError(f"Schreiben Sie ein bis drei Zahlen, durch Komma getrennt. {_EXAMPLE}")
    days = [int(number) for number in re.findall("[0-9]+", plain)]
    if len(days) > MOST:
        raise ValueError(f"Höchstens {MOST} Erinnerungen sind möglich. {_EXAMPLE}")
    if not all(1 <= number <= LONGEST for number in days):
        raise ValueError(f"Wählen Sie Zahlen von 1 bis {LONGEST}. {_EXAMPLE}")
    if len(set(days)) < len(days):
        raise ValueError(f"Nennen Sie jede Zahl nur einmal. {_EXAMPLE}")
    return tuple(sorted(days, reverse=True))


def validate(text: str) -> None:
    try:
        parse(text)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


def written(days: tuple[int, ...]) -> str:
    """As the meeting keeps them: "28, 17"."""
    return ", ".join(str(number) for number in days)


def moment(starts_at: datetime, days: int) -> datetime:
    """So many calendar days before, at the hour of the start."""
    local = starts_at.astimezone(BERLIN)
    return datetime.combine(local.date() - timedelta(days=days), local.time(), tzinfo=BERLIN)


def too_late(text: str, starts_at: datetime, deadline: datetime | None) -> str:
    """What to say when a reminder would come after the deadline; empty when all are in time."""
    if deadline is None:
        return ""
    late = [number for number in parse(text) if moment(starts_at, number) > deadline]
    if not late:
        return ""
    first = max(late)
    return (
        f"Die Erinnerung {first} {'Tag' if first == 1 else 'Tage'} vorher ({day(moment(starts_at, first))}) käme nach "
        f"der Anmeldefrist ({day(deadline)}). Wählen Sie eine größere Zahl."
    )


def past(text: str, before: str, starts_at: datetime, now: datetime) -> str:
    """What to say when a day that was not among those `before` is over; empty when none is."""
    for number in parse(text):
        if number not in parse(before) and moment(starts_at, number) <= now:
            when = day(moment(starts_at, number))
            return f"{number} Tage vorher war {when}, dieser Tag ist vorbei. Wählen Sie eine kleinere Zahl."
    return ""


def in_words(text: str, starts_at: datetime, *, asked_at: datetime | None = None, now: datetime) -> str:
    """ "Erinnerung am Di, 12. Januar 2027 und am …". `asked_at`: when a mail asked last, which drops those before."""
    days = [moment(starts_at, number) for number in parse(text)]
    coming = [f"am {day(one)}" for one in days if one > now and not is_dropped(one, asked_at)]
    gone = [f"am {day(one)}" for one in days if one > now and is_dropped(one, asked_at)]
    parts = [f"Erinnerung {_listed(coming)}"] if coming else ["Keine weitere Erinnerung"]
    if gone:
        parts.append(f"{_listed(gone)} entfällt: zu kurz nach der letzten Mail")
    return "; ".join(parts) + "."


def is_dropped(when: datetime, asked_at: datetime | None) -> bool:
    """Whether the mail of that time makes this reminder superfluous."""
    return asked_at is not None and asked_at > when - timedelta(days=REST_DAYS)


def _listed(parts: list[str]) -> str:
    return " und ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
