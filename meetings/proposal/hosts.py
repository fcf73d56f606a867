"""Whose turn it is to host: the organisation that hosted least often, then longest ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Host:
    """An organisation that can host, how often it did and when last."""

    key: int
    name: str
    times: int = 0
    last: date | None = None


@dataclass(frozen=True)
class Turn:
    """The host proposed for one meeting, with the reason in words."""

    host: Host
    reason: str


def turns(hosts: Sequence[Host], meetings: int, taken: Sequence[int] = ()) -> list[Turn]:
    """Hosts for so many meetings, in turn; `taken` are those that already host one in this year and come last."""
    order = sorted(hosts, key=lambda row: (row.key in set(taken), row.times, row.last or date.min, row.name))
    return [
        Turn(order[number % len(order)], _reason(order[number % len(order)]))
        for number in range(meetings if order else 0)
    ]


def _reason(host: Host) -> str:
    if host.last is None:
        return f"{host.name} war noch nie Gastgeber."
    times = "einmal" if host.times == 1 else f"{host.times}-mal"
    return f"{host.name} war {times} Gastgeber, zuletzt am {host.last:%d.%m.%Y}."
