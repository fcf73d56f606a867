"""Charts as SVG strings: the same string goes into pages and PDFs.

Attributes only: the Content-Security-Policy forbids style attributes, and WeasyPrint applies no page CSS
inside inline SVG. Ink is `currentColor` unless the caller names a colour, so dark mode needs nothing.
A chart with a label is one image with title and description; without one it is decoration (aria-hidden).
Beside every chart the page shows the same facts as a list or table.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString

from mobipro.ring import Node, cover_svg, ring
from mobipro.svg import DEEP, GOLD, number, picture, tag, text

__all__ = [
    "STATES", "Break", "Lane", "Mark", "Node", "bar_chart", "cover_svg", "german_date", "network_year", "ring", "sign",
]  # fmt: skip

MONTHS = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")


# --- the year of the network ---------------------------------------------------------------------
@dataclass(frozen=True)
class Lane:
    """One row of the ribbon: a region with its public number."""

    label: str
    number: int


@dataclass(frozen=True)
class Mark:
    """One meeting. `lane_number` None is the national lane; `state` is a key of STATES."""

    lane_number: int | None
    date: dt.date
    state: str
    label: str
    url: str = ""


@dataclass(frozen=True)
class Break:
    """Days that are shaded, such as school holidays; `lane_number` None shades every lane."""

    start: dt.date
    end: dt.date
    label: str = ""
    lane_number: int | None = None


# State → sign and word. Signs differ in shape and filling; colour says nothing that they do not.
STATES: dict[str, tuple[str, str]] = {
    "idea": ("dashed-circle", "geplant"),
    "save_the_date": ("circle", "Termin vorgemerkt"),
    "invited": ("dotted-circle", "Einladung läuft"),
    "registration_closed": ("dotted-circle", "Einladung läuft"),
    "moved": ("diamond", "verschoben"),
    "postponed": ("dashed-diamond", "neuer Termin offen"),
    "cancelled": ("cross", "abgesagt"),
    "held": ("full-circle", "durchgeführt"),
    "documenting": ("half-square", "Dokumentation in Arbeit"),
    "documented": ("full-square", "dokumentiert"),
    "closed": ("full-square", "dokumentiert"),
}
_UNKNOWN = ("circle", "geplant")

_LEFT, _MONTH, _TOP, _ROW = 236, 64, 46, 30
_SIGN = 8.0


def _diamond(x: float, y: float, radius: float) -> str:
    r = number(radius)
    return f"M{number(x)} {number(y - radius)}l{r} {r}-{r} {r}-{r}-{r}z"


def _cross(x: float, y: float, arm: float) -> str:
    length = number(2 * arm)
    return f"M{number(x - arm)} {number(y - arm)}l{length} {length}m0-{length}l-{length} {length}"


def sign(name: str, x: float, y: float, *, ink: str = "currentColor", radius: float = _SIGN) -> str:
    """The sign of a state around a point, as an SVG fragment."""
    outline: dict[str, str | float | None] = {"fill": "none", "stroke": ink, "stroke_width": 2}
    dashes = "3 2.4"
    side = {"x": x - radius * 0.9, "y": y - radius * 0.9, "width": radius * 1.8, "height": radius * 1.8, "rx": 1.5}
    draw: dict[str, Callable[[], str]] = {
        "circle": lambda: tag("circle", cx=x, cy=y, r=radius, **outline),
        "dashed-circle": lambda: tag("circle", cx=x, cy=y, r=radius, stroke_dasharray=dashes, **outline),
        "dotted-circle": lambda: (
            tag("circle", cx=x, cy=y, r=radius, **outline) + tag("circle", cx=x, cy=y, r=radius * 0.42, fill=ink)
        ),
        "full-circle": lambda: tag("circle", cx=x, cy=y, r=radius + 1, fill=ink),
        "diamond": lambda: tag("path", d=_diamond(x, y, radius * 1.25), **outline),
        "dashed-diamond": lambda: tag("path", d=_diamond(x, y, radius * 1.25), stroke_dasharray=dashes, **outline),
        "half-square": lambda: (
            tag("rect", **side, **outline)
            + tag("rect", x=side["x"], y=y, width=side["width"], height=radius * 0.9, fill=ink)
        ),
        "full-square": lambda: tag("rect", **side, fill=ink, stroke=ink, stroke_width=2),
        "cross": lambda: tag(
            "path",
            d=_cross(x, y, radius * 0.75),
            **{**outline, "stroke_width": 2.6},
        ),
    }
    return draw[name]()


def _place(year: int, day: dt.date) -> float:
    """The horizontal place of a day: every month is equally wide."""
    if day.year != year:
        return _LEFT + (0 if day.year < year else 12 * _MONTH)
    length = (dt.date(year + day.month // 12, day.month % 12 + 1, 1) - day.replace(day=1)).days
    return _LEFT + (day.month - 1 + (day.day - 0.5) / length) * _MONTH


def german_date(day: dt.date) -> str:
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"


def network_year(
    year: int,
    lanes: Sequence[Lane],
    marks: Iterable[Mark],
    today: dt.date | None = None,
    holidays: Iterable[Break] = (),
    *,
    ink: str = "currentColor",
    gold: str = GOLD,
    linked: bool = False,
    today_word: str = "heute",
) -> SafeString:
    """ "Das Netzwerkjahr": twelve months, one lane a region and one for the national meeting.

    Marks outside the year are left out. `linked` makes the marks mouse targets and the whole picture
    aria-hidden: only beside a list with the same links.
    """
    shown = sorted(
        (mark for mark in marks if mark.date.year == year), key=lambda mark: (mark.date, mark.lane_number or 0)
    )
    words = _Words(ink, gold, today_word)
    return _drawn_year(year, tuple(lanes), tuple(shown), today, tuple(holidays), words, linked)


class _Words(NamedTuple):
    """What the drawing of a year is written and coloured with."""

    ink: str
    gold: str
    today: str


@lru_cache(maxsize=64)
def _drawn_year(
    year: int,
    lanes: tuple[Lane, ...],
    shown: tuple[Mark, ...],
    today: dt.date | None,
    holidays: tuple[Break, ...],
    words: _Words,
    linked: bool,
) -> SafeString:
    """Kept by everything that it shows: the same year is drawn on several pages, for every visitor alike."""
    ink, gold = words.ink, words.gold
    rows: dict[int, float] = {lane.number: _TOP + index * _ROW for index, lane in enumerate(lanes)}
    national = _TOP + len(lanes) * _ROW
    bottom = national + _ROW
    parts = [_lanes(lanes, rows, national, ink), _breaks(year, holidays, rows, bottom, ink), _months(bottom, ink)]
    for mark in shown:
        top = national if mark.lane_number is None else rows.get(mark.lane_number)
        if top is not None:
            parts.append(_mark(mark, _place(year, mark.date), top + _ROW / 2, ink, linked))
    if today and today.year == year:
        parts.append(_today(_place(year, today), bottom, gold, ink, words.today))
    shading = next((days.label for days in holidays if days.label), "")
    legend, legend_rows = _legend(shown, bottom + 26, ink, shading)
    return picture(
        "".join([*parts, legend]),
        width=_LEFT + 12 * _MONTH + 8,
        height=bottom + 16 + 26 * legend_rows,
        label="" if linked else f"Das Netzwerkjahr {year}: {len(shown)} Treffen",
        description=_spoken_year(lanes, shown),
        name="network-year",
    )


def _spoken_year(lanes: Sequence[Lane], marks: Sequence[Mark]) -> str:
    names = {lane.number: lane.label for lane in lanes}
    said = []
    for mark in marks:
        word = STATES.get(mark.state, _UNKNOWN)[1]
        said.append(f"{german_date(mark.date)}, {names.get(mark.lane_number or 0, 'bundesweit')}: {word}")
    return "; ".join(said) + "." if said else "Noch keine Treffen."


def _lanes(lanes: Sequence[Lane], rows: dict[int, float], national: float, ink: str) -> str:
    parts = []
    for index, lane in enumerate(lanes):
        top = rows[lane.number]
        if index % 2 == 0:
            parts.append(tag("rect", x=0, y=top, width=_LEFT + 12 * _MONTH, height=_ROW, fill=ink, fill_opacity=0.05))
        parts.append(tag("circle", cx=14, cy=top + _ROW / 2, r=9.5, fill="none", stroke=ink, stroke_width=1.4))
        parts.append(
            text(14, top + _ROW / 2 + 4, str(lane.number), size=11.5, fill=ink, text_anchor="middle", font_weight="600")
        )
        parts.append(text(32, top + _ROW / 2 + 4.5, lane.label, size=13, fill=ink))
    parts.append(tag("rect", x=0, y=national, width=_LEFT + 12 * _MONTH, height=_ROW, fill=ink, fill_opacity=0.12))
    parts.append(text(32, national + _ROW / 2 + 4.5, "Bundesweit", size=13, fill=ink, font_weight="600"))
    return "".join(parts)


def _months(bottom: float, ink: str) -> str:
    parts = []
    for index, month in enumerate(MONTHS):
        left = _LEFT + index * _MONTH
        parts.append(tag("line", x1=left, y1=_TOP, x2=left, y2=bottom, stroke=ink, stroke_opacity=0.18, stroke_width=1))
        parts.append(
            text(left + _MONTH / 2, _TOP - 10, month, size=13, fill=ink, text_anchor="middle", font_weight="600")
        )
    return "".join(parts)


def _breaks(year: int, holidays: Iterable[Break], rows: dict[int, float], bottom: float, ink: str) -> str:
    """Shaded days: one path for all of them, because eight lanes have some fifty such stretches."""
    drawn = []
    for days in holidays:
        top = _TOP if days.lane_number is None else rows.get(days.lane_number)
        if top is None or days.end.year < year or days.start.year > year:
            continue
        left, right = _place(year, days.start), _place(year, days.end)
        height = number(bottom - _TOP if days.lane_number is None else _ROW)
        width = number(max(2, right - left))
        drawn.append(f"M{number(left)} {number(top)}h{width}v{height}h-{width}z")
    if not drawn:
        return ""
    return tag("path", d="".join(drawn), fill=ink, fill_opacity=0.15, **{"class": "break"})


def _mark(mark: Mark, x: float, y: float, ink: str, linked: bool) -> str:
    shape, word = STATES.get(mark.state, _UNKNOWN)
    title = f"<title>{escape(f'{german_date(mark.date)}: {mark.label} ({word})')}</title>"
    target = tag("circle", cx=x, cy=y, r=13, fill=ink, fill_opacity=0)
    drawn = title + target + tag("g", sign(shape, x, y, ink=ink), **{"class": f"sign sign--{shape}"})
    if linked and mark.url:
        return tag("a", drawn, href=mark.url, tabindex="-1")
    return tag("g", drawn)


def _today(x: float, bottom: float, gold: str, ink: str, said: str) -> str:
    width = 12 + 6 * len(said)
    plate = tag("rect", x=x - width / 2, y=0, width=width, height=16, rx=8, fill=gold)
    word = text(x, 12, said, size=11.5, fill=DEEP, text_anchor="middle", font_weight="600")
    edge = tag("line", x1=x, y1=16, x2=x, y2=bottom, stroke=ink, stroke_width=4.5, stroke_opacity=0.35)
    return edge + tag("line", x1=x, y1=16, x2=x, y2=bottom, stroke=gold, stroke_width=2.5) + plate + word


def _legend(marks: Sequence[Mark], top: float, ink: str, shading: str = "") -> tuple[str, int]:
    """The signs in use with their words, the shading if there is any, and how many rows they take."""
    used = {STATES.get(mark.state, _UNKNOWN) for mark in marks}
    keys = [pair for pair in dict.fromkeys(STATES.values()) if pair in used]
    parts, x, row = [], 12.0, 0
    for shape, word in [*keys, *([("shading", shading)] if shading else [])]:
        width = 46 + len(word) * 6.8
        if x + width > _LEFT + 12 * _MONTH:
            x, row = 12.0, row + 1
        y = top + row * 26
        if shape == "shading":
            plate = tag("rect", x=x - 8, y=y - 8, width=18, height=16, fill=ink, fill_opacity=0.15)
            drawn = tag("g", plate, **{"class": "break"})
        else:
            drawn = tag("g", sign(shape, x, y, ink=ink, radius=6.5), **{"class": f"sign sign--{shape}"})
        parts.append(drawn + text(x + 15, y + 4.5, word, size=13, fill=ink))
        x += width
    return "".join(parts), row + 1


# --- figures -------------------------------------------------------------------------------------
def bar_chart(
    rows: Sequence[tuple[str, int | float | None]],
    title: str,
    unit: str,
    *,
    ink: str = "currentColor",
    bar: str = "#2145AA",
) -> SafeString:
    """Horizontal bars, each below its name, with the figure beside it; None is a figure withheld ("unter 5").

    Names stand above the bars so that the picture is narrow enough to be read on a phone.
    """
    length, step = 300.0, 44.0
    largest = max([value for _, value in rows if value is not None], default=0) or 1
    parts, said = [], []
    for index, (name, value) in enumerate(rows):
        y = index * step
        written = "unter 5" if value is None else f"{value:,}".replace(",", "\u202f").replace(".", ",")
        said.append(f"{name}: {written} {unit}".strip())
        parts.append(text(0, y + 14, name, size=14, fill=ink))
        width = 0.0 if value is None else max(0.0, length * value / largest)
        if value is None:
            parts.append(
                tag("rect", x=0.5, y=y + 21, width=15, height=15, fill="none", stroke=ink, stroke_dasharray="3 2.4")
            )
            width = 16
        elif width:
            parts.append(
                tag("rect", x=0, y=y + 20, width=width, height=16, rx=2, fill=bar, stroke=ink, stroke_width=0.6)
            )
        parts.append(text(width + 7, y + 33, written, size=14, fill=ink, font_weight="600"))
    return picture(
        "".join(parts),
        width=length + 60,
        height=max(len(rows), 1) * step,
        label=title,
        description="; ".join(said) + ".",
        name="bar-chart",
    )
