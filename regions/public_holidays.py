"""Public holidays of the Länder, from the `holidays` library; no call to the network."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

from regions.models import FederalState


@dataclass(frozen=True)
class Holiday:
    """One public holiday and the Länder (ISO 3166-2) among those asked for in which it is one."""

    day: date
    name: str
    iso_codes: tuple[str, ...]


@lru_cache(maxsize=256)
def _of_state(iso_code: str, year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv=iso_code[3:], years=year, language="de"))


def public_holidays(states: Iterable[FederalState | str], year: int) -> list[Holiday]:
    """All public holidays of a year in any of these Länder, in order of the day."""
    codes = [state if isinstance(state, str) else state.iso_code for state in states]
    found: dict[tuple[date, str], list[str]] = {}
    for code in codes:
        for day, name in _of_state(code, year).items():
            found.setdefault((day, name), []).append(code)
    return [Holiday(day, name, tuple(where)) for (day, name), where in sorted(found.items())]


def holidays_on(day: date, states: Iterable[FederalState | str]) -> list[Holiday]:
    """The public holidays on one day in any of these Länder; empty on a working day."""
    return [holiday for holiday in public_holidays(states, day.year) if holiday.day == day]
