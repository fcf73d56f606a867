"""The largest type in which a text fits its box: names and organisations are printed whole, whatever their length.

CSS cannot do it. The widths are those of the fonts that mobipro/pdf.py prints with; a line is filled word by word
and a word longer than the line is broken, as `overflow-wrap: anywhere` does it.
"""

from functools import cache

from mobipro import pdf

POINTS_PER_MM = 72 / 25.4
REGULAR, SEMIBOLD = pdf.FONT_FILES[0], pdf.FONT_FILES[1]


@cache
def _widths(font: str) -> dict[int, float]:
    """Character → width in em."""
    from fontTools.ttLib import TTFont

    with TTFont(pdf.FONTS / font, lazy=True) as file:
        em, metrics = file["head"].unitsPerEm, file["hmtx"].metrics
        return {code: metrics[name][0] / em for code, name in file.getBestCmap().items()}


def width(text: str, font: str = REGULAR) -> float:
    """The width of one line in em; a character that the font lacks counts as a wide one."""
    widths = _widths(font)
    return sum(widths.get(ord(letter), 1.0) for letter in text)


def lines(text: str, room: float, font: str = REGULAR) -> int:
    """How many lines of `room` em the text fills; a hyphen is a place to break, too."""
    count, used = 1, 0.0
    space = width(" ", font)
    for word in text.replace("-", "-\u200b").split():
        for number, piece in enumerate(word.split("\u200b")):
            gap = space if used and not number else 0.0
            need = width(piece, font)
            if used and used + gap + need > room:
                count, used, gap = count + 1, 0.0, 0.0
            while need > room:  # broken inside
                count, need = count + 1, need - room
            used += gap + need
    return count


def size(
    text: str, *, width_mm: float, height_mm: float, sizes: tuple[int, ...], font: str = REGULAR, leading: float = 1.2
) -> int:
    """The first of the sizes (points, largest first) at which the text fits the box; the last one if none does."""
    for points in sizes:
        # 2 % less than the box: kerning and rounding of the printing engine.
        room = width_mm * POINTS_PER_MM / points * 0.98
        if lines(text, room, font) * points * leading <= height_mm * POINTS_PER_MM:
            return points
    return sizes[-1]
