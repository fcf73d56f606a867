"""The map of Germany: sixteen official outlines, grouped into regions by data.

Source and licence stand in germany.json. Which Länder form a region is decided by the caller, so outlines, colours and
the places of the numbers are worked out here and remembered for each cut.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_DATA = json.loads((Path(__file__).parent / "germany.json").read_text(encoding="utf-8"))

WIDTH: int = _DATA["width"]
HEIGHT: int = _DATA["height"]
SOURCE: str = _DATA["source"]
PATHS: dict[str, str] = _DATA["paths"]

TINTS = ("#DFE6F7", "#C9D6F3", "#A9BDEA", "#8FA9E2")

Point = tuple[int, int]
Edge = tuple[Point, Point]
Cut = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Shape:
    """One region on the map; `tint` is 0–3 and differs from all neighbours, (x, y) is the middle of its number."""

    paths: tuple[str, ...]
    outline: str
    inner: str
    tint: int
    x: int
    y: int


def _rings(path: str) -> list[list[Point]]:
    rings = []
    for part in path.split("z"):
        numbers = [int(text) for text in re.findall(r"-?\d+", part)]
        if not numbers:
            continue
        x, y = numbers[0], numbers[1]
        ring = [(x, y)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(ring)
    return rings


def _edges(codes: tuple[str, ...]) -> set[Edge]:
    found: set[Edge] = set()
    for code in codes:
        for ring in _rings(PATHS.get(code, "")):
            found.update(zip(ring, [*ring[1:], ring[0]], strict=True))
    return found


def _chains(edges: set[Edge]) -> str:
    """Path of relative commands through all edges, as few pieces as possible."""
    onward: dict[Point, list[Point]] = {}
    for start, end in sorted(edges):
        onward.setdefault(start, []).append(end)
    incoming = {end for _start, end in edges}
    drawn = []
    while onward:
        here = next((point for point in onward if point not in incoming), next(iter(onward)))
        piece = [f"M{here[0]} {here[1]}l"]
        while here in onward:
            there = onward[here].pop()
            if not onward[here]:
                del onward[here]
            piece.append(f"{there[0] - here[0]} {there[1] - here[1]} ")
            here = there
        drawn.append("".join(piece).rstrip())
    return "".join(drawn).replace(" -", "-")


def _area_and_middle(ring: list[Point]) -> tuple[float, float, float]:
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross / 2
        x += (x1 + x2) * cross / 6
        y += (y1 + y2) * cross / 6
    return (area, x / area, y / area) if area else (0.0, float(ring[0][0]), float(ring[0][1]))


def _is_inside(x: float, y: float, edges: set[Edge]) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in edges:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def _room(x: float, y: float, edges: set[Edge]) -> float:
    """Distance to the nearest corner of the outline; enough to rank places for a number."""
    return min(((x - x1) ** 2 + (y - y1) ** 2) ** 0.5 for (x1, y1), _end in edges)


def _place(codes: tuple[str, ...], outline: set[Edge]) -> Point:
    """The middle of the region, moved to where there is room for the number."""
    rings = [_area_and_middle(ring) for code in codes for ring in _rings(PATHS.get(code, ""))]
    total = sum(area for area, _x, _y in rings)
    if not total:
        return WIDTH // 2, HEIGHT // 2
    x = sum(area * x for area, x, _y in rings) / total
    y = sum(area * y for area, _x, y in rings) / total
    near = [(x + dx, y + dy) for dx in range(-120, 121, 20) for dy in range(-120, 121, 20)]
    inside = [place for place in near if _is_inside(*place, outline)]
    if not inside:
        return round(x), round(y)

    def rank(place: tuple[float, float]) -> float:
        away = ((place[0] - x) ** 2 + (place[1] - y) ** 2) ** 0.5
        return min(_room(*place, outline), 90.0) - away / 2

    best = max(inside, key=rank)
    return round(best[0]), round(best[1])


def _coloured(neighbours: list[set[int]], colours: list[int]) -> list[int]:
    """Four colours, no two neighbours alike; goes back where it gets stuck (four always suffice on a map)."""
    here = len(colours)
    if here == len(neighbours):
        return colours
    for colour in range(len(TINTS)):
        choice = (colour + here) % len(TINTS)
        if all(colours[other] != choice for other in neighbours[here] if other < here):
            found = _coloured(neighbours, [*colours, choice])
            if found:
                return found
    return []


@lru_cache(maxsize=16)
def shapes(cut: Cut) -> tuple[Shape, ...]:
    """The regions as shapes, in the order given; `cut` names the Länder of each.

    Codes are ISO 3166-2:DE; an unknown one draws nothing.
    """
    all_edges = [_edges(codes) for codes in cut]
    outlines = [{edge for edge in edges if (edge[1], edge[0]) not in edges} for edges in all_edges]
    neighbours = [
        {
            other
            for other, edges in enumerate(outlines)
            if other != here and any((end, start) in edges for start, end in outline)
        }
        for here, outline in enumerate(outlines)
    ]
    tints = _coloured(neighbours, []) or [index % len(TINTS) for index in range(len(cut))]
    made = []
    for codes, edges, outline, tint in zip(cut, all_edges, outlines, tints, strict=True):
        inner = {edge for edge in edges - outline if edge[0] < edge[1]}
        x, y = _place(codes, outline)
        paths = tuple(PATHS[code] for code in codes if code in PATHS)
        made.append(Shape(paths, _chains(outline), _chains(inner), tint, x, y))
    return tuple(made)
