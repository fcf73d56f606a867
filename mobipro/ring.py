"""The ring of the regions: the portal's mark, the hero's picture of the network and the covers."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString

from mobipro.svg import DEEP, GOLD, NAVY, PALE, picture, tag, text


class Node(NamedTuple):
    """One region on the ring; a plain (number, label) pair is as good."""

    number: int
    label: str


def ring(
    nodes: Sequence[tuple[int, str]],
    lines: Iterable[tuple[int, int]] = (),
    gold: int | Collection[int] | None = None,
    size: float = 480,
    label: str = "",
    *,
    named: bool = True,
    ink: str = "currentColor",
    ground: str = "none",
    accent: str = GOLD,
) -> SafeString:
    """The regions on a ring and what joins them; `lines` are pairs of node numbers (repeated ones are drawn wider),
    `gold` the node(s) that matter now.

    `named` writes each region's name beside its node: the picture is then wider than high.
    """
    of = tuple(Node(*node) for node in nodes), tuple(lines), frozenset(_golden(gold))
    return _ring(*of, size, label, named=named, ink=ink, ground=ground, accent=accent)


@lru_cache(maxsize=128)
def _ring(
    regions: tuple[Node, ...],
    pairs: tuple[tuple[int, int], ...],
    gold: frozenset[int],
    size: float,
    label: str,
    *,
    named: bool,
    ink: str,
    ground: str,
    accent: str,
) -> SafeString:
    """Kept by everything that it shows."""
    width, height = (size * 1.66, size * 1.12) if named else (size, size)
    radius = size * (0.4 if named else 0.43)
    drawn = _ring_at(regions, pairs, gold, width / 2, height / 2, radius, ink=ink, ground=ground, accent=accent)
    if named:
        drawn += "".join(_names(regions, width / 2, height / 2, radius, size / 26, ink))
    return picture(
        drawn,
        width=width,
        height=height,
        label=label,
        description=_spoken_ring(regions, pairs, gold) if label else "",
        name="ring",
    )


def _golden(gold: int | Collection[int] | None) -> set[int]:
    if gold is None:
        return set()
    return {gold} if isinstance(gold, int) else set(gold)


def _spoken_ring(nodes: Sequence[Node], lines: Iterable[tuple[int, int]], gold: int | Collection[int] | None) -> str:
    names = {node.number: node.label for node in nodes}
    said = ["Regionen: " + ", ".join(f"{node.number} {node.label}" for node in nodes) + "."]
    counted = Counter(pair for pair in lines if pair[0] in names and pair[1] in names)
    joined = [
        f"{names[first]} mit {names[second]}" + (f" ({times}-mal)" if times > 1 else "")
        for (first, second), times in counted.items()
    ]
    if joined:
        said.append("Verbunden: " + "; ".join(joined) + ".")
    marked = [names[number] for number in sorted(_golden(gold)) if number in names]
    if marked:
        said.append("Hervorgehoben: " + ", ".join(marked) + ".")
    return " ".join(said)


def _points(nodes: Sequence[Node], cx: float, cy: float, radius: float) -> dict[int, tuple[float, float]]:
    """Clockwise from the top; one node more or less only changes the angle."""
    step = 2 * math.pi / max(1, len(nodes))
    return {
        node.number: (cx + radius * math.sin(index * step), cy - radius * math.cos(index * step))
        for index, node in enumerate(nodes)
    }


def _ring_at(
    nodes: Sequence[Node],
    lines: Iterable[tuple[int, int]],
    gold: Collection[int],
    cx: float,
    cy: float,
    radius: float,
    *,
    ink: str,
    ground: str,
    accent: str,
) -> str:
    points = _points(nodes, cx, cy, radius)
    dot = radius * 0.105
    parts = [
        tag("circle", cx=cx, cy=cy, r=radius, fill="none", stroke=ink, stroke_width=radius * 0.012, stroke_opacity=0.55)
    ]
    for (first, second), times in Counter(lines).items():
        if first in points and second in points and first != second:
            (x1, y1), (x2, y2) = points[first], points[second]
            bright = first in gold or second in gold
            wide = 1 + 0.55 * min(times - 1, 4)
            parts.append(
                tag(
                    "line",
                    x1=x1,
                    y1=y1,
                    x2=x2,
                    y2=y2,
                    stroke=accent if bright else ink,
                    stroke_width=radius * (0.016 if bright else 0.013) * wide,
                    stroke_opacity=0.9 if bright else 0.6,
                    pathLength=1,  # so that a style sheet can draw every line in at the same pace
                )
            )
    for node in nodes:
        x, y = points[node.number]
        parts.extend(_node_at(node, x, y, dot, node.number in gold, ink=ink, ground=ground, accent=accent))
    return "".join(parts)


def _node_at(
    node: Node, x: float, y: float, dot: float, is_gold: bool, *, ink: str, ground: str, accent: str
) -> list[str]:
    """One region: its plate, its number, and a halo when it is gold."""
    parts = []
    if is_gold:
        parts.append(
            tag(
                "circle",
                cx=x,
                cy=y,
                r=dot * 1.55,
                fill="none",
                stroke=accent,
                stroke_width=dot * 0.16,
                stroke_opacity=0.7,
            )
        )
    # A plate under the node hides the lines; without a ground the node itself is the plate.
    plate = accent if is_gold else (ground if ground != "none" else ink)
    parts.append(
        tag("circle", cx=x, cy=y, r=dot, fill=plate, stroke=accent if is_gold else ink, stroke_width=dot * 0.18)
    )
    if is_gold or ground != "none":
        colour = DEEP if is_gold else ink
        parts.append(
            text(
                x,
                y + dot * 0.38,
                str(node.number),
                size=dot * 1.1,
                fill=colour,
                text_anchor="middle",
                font_weight="600",
            )
        )
    return parts


def _names(nodes: Sequence[Node], cx: float, cy: float, radius: float, size: float, ink: str) -> Iterable[str]:
    for node in nodes:
        x, y = _points(nodes, cx, cy, radius)[node.number]
        side = (x - cx) / radius
        anchor = "middle" if abs(side) < 0.2 else ("start" if side > 0 else "end")
        rows = _wrapped(node.label, 40 if abs(side) < 0.2 else 17)
        away = radius * 0.2
        if anchor == "middle":
            left = x
            top = y - away - (len(rows) - 1) * size * 1.2 if y < cy else y + away + size * 0.7
        else:
            left = x + (away if side > 0 else -away)
            top = y + size * 0.35 - (len(rows) - 1) * size * 0.6
        for index, row in enumerate(rows):
            yield text(left, top + index * size * 1.2, row, size=size, fill=ink, text_anchor=anchor)


def _wrapped(label: str, length: int) -> list[str]:
    """Rows of at most so many characters; long compounds break after their hyphen."""
    rows: list[str] = []
    for word in re.split(r"(?<=[\s-])", label):
        if rows and len(rows[-1]) + len(word.rstrip()) <= length:
            rows[-1] += word
        elif word:
            rows.append(word)
    return [row.rstrip() for row in rows]


def cover_svg(
    nodes: Sequence[tuple[int, str]],
    gold: int | Collection[int] | None,
    lines: Iterable[tuple[int, int]] = (),
    *,
    width: float = 480,
    height: float = 270,
    label: str = "",
) -> SafeString:
    """The picture of a documentation: the ring on navy with its region in gold, lines to the regions it cites.

    Large title and date stand on a card (16:9) or beside it as text.
    """
    of = tuple(Node(*node) for node in nodes), frozenset(_golden(gold)), tuple(lines)
    return _cover(*of, width, height, label)


@lru_cache(maxsize=512)
def _cover(
    regions: tuple[Node, ...],
    gold: frozenset[int],
    lines: tuple[tuple[int, int], ...],
    width: float,
    height: float,
    label: str,
) -> SafeString:
    """Kept by everything that it shows: a list draws a dozen of them for every visitor alike."""
    beside = width > height * 1.6  # a card: its title stands on the picture's left
    radius = min(width, height) * (0.3 if beside else 0.36)
    cx = width - radius * (1.3 if beside else 1.45) if width > height * 1.2 else width / 2
    background = tag("rect", x=0, y=0, width=width, height=height, fill=NAVY)
    halo = "".join(
        tag(
            "circle",
            cx=cx,
            cy=height / 2,
            r=radius * factor,
            fill="none",
            stroke=PALE,
            stroke_width=1,
            stroke_opacity=0.16,
        )
        for factor in (0.55, 1.35, 1.75, 2.2, 2.75)
    )
    drawn = _ring_at(regions, lines, gold, cx, height / 2, radius, ink=PALE, ground=DEEP, accent=GOLD)
    return picture(background + halo + drawn, width=width, height=height, label=label, name="cover-picture")
