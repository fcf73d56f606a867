"""Small flat drawings for the demo's practices: shapes in the portal's colours, each motif its own function."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

NAVY, ACTION, GOLD = "#12215A", "#2145AA", "#F4B400"
TINTS = ("#DFE6F7", "#C9D6F3", "#A9BDEA", "#8FA9E2")
WHITE, SKIN, WOOD, GREEN = "#FFFFFF", "#E8B98F", "#B07A45", "#5C9E73"
SKINS = (SKIN, "#C98E63", "#8D5B3C")
HAIRS = (NAVY, "#5A3A24", "#8A8FA3")
SIZE = (1200, 750)
FINE = 2  # drawn twice as large and scaled down, so that edges are smooth


class Pen:
    """Pillow's pen with the coordinates of the small picture."""

    def __init__(self, image: Image.Image):
        self._pen = ImageDraw.Draw(image)

    def __getattr__(self, shape: str) -> Callable[..., None]:
        draw = getattr(self._pen, shape)

        def scaled(places: Any, *angles: float, **how: Any) -> None:
            for name in ("width", "radius"):
                if name in how:
                    how[name] = round(how[name] * FINE)
            larger = [tuple(n * FINE for n in place) if isinstance(place, tuple) else place * FINE for place in places]
            draw(larger, *angles, **how)

        return scaled


@dataclass(frozen=True)
class Motif:
    """What a drawing shows, and how it is drawn."""

    alt: str
    draw: Callable[[Pen], None]
    ground: str

    def save(self, file: BytesIO) -> str:
        """Write a PNG of 1200 × 750 and return its description."""
        image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), self.ground)
        pen = Pen(image)
        pen.ellipse((820, -180, 1320, 320), fill=WHITE)
        pen.rectangle((0, 610, 1200, 750), fill=TINTS[3])
        self.draw(pen)
        image.resize(SIZE, Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
        return self.alt


def person(pen: Pen, x: int, y: int, coat: str, height: int = 250) -> None:
    """A standing figure; x and y are the middle of the feet."""
    head, top = height * 0.12, y - height
    skin, hair = SKINS[x // 10 % 3], HAIRS[x // 20 % 3]
    trousers = ACTION if coat == NAVY else NAVY
    for side in (-1, 1):
        leg = x + side * head * 0.7
        pen.rounded_rectangle((leg - head * 0.5, y - height * 0.4, leg + head * 0.5, y), radius=8, fill=trousers)
        pen.line(
            (x + side * head, top + head * 2.9, x + side * head * 1.9, top + head * 5), fill=coat, width=head * 0.75
        )
        hand = x + side * head * 1.95
        pen.ellipse((hand - head * 0.4, top + head * 4.8, hand + head * 0.4, top + head * 5.6), fill=skin)
    pen.rectangle((x - head * 0.4, top + head * 1.6, x + head * 0.4, top + head * 2.6), fill=skin)
    pen.rounded_rectangle((x - head * 1.3, top + head * 2.2, x + head * 1.3, y - height * 0.36), radius=head, fill=coat)
    pen.ellipse((x - head, top, x + head, top + 2 * head), fill=skin)
    pen.pieslice((x - head * 1.08, top - 6, x + head * 1.08, top + 2 * head - 2), 170, 370, fill=hair)
    for side in (-1, 1):
        eye = x + side * head * 0.38
        pen.ellipse((eye - 4, top + head * 1.15, eye + 4, top + head * 1.15 + 8), fill=NAVY)
    pen.arc((x - head * 0.4, top + head * 1.1, x + head * 0.4, top + head * 1.65), 20, 160, fill=NAVY, width=3)


def bubble(pen: Pen, box: tuple[int, int, int, int], lines: int, colour: str = WHITE) -> None:
    """A speech bubble with lines instead of words."""
    pen.rounded_rectangle(box, radius=36, fill=colour, outline=NAVY, width=6)
    for number in range(lines):
        top = box[1] + 40 + number * 42
        pen.rounded_rectangle((box[0] + 40, top, box[2] - 40 - 50 * (number % 2), top + 16), radius=8, fill=ACTION)


def bus(pen: Pen) -> None:
    pen.rounded_rectangle((180, 260, 1020, 600), radius=60, fill=GOLD)
    for place, left in enumerate((230, 420, 610, 800)):
        pen.rounded_rectangle((left, 310, left + 150, 440), radius=18, fill=WHITE)
        pen.rounded_rectangle((left + 35, 405, left + 115, 440), radius=14, fill=(ACTION, GREEN, NAVY, WOOD)[place])
        pen.ellipse((left + 45, 340, left + 105, 410), fill=SKINS[place % 3])
        pen.pieslice((left + 42, 332, left + 108, 408), 180, 360, fill=HAIRS[(place + 1) % 3])
    pen.rectangle((180, 480, 1020, 510), fill=NAVY)
    for middle in (360, 840):
        pen.ellipse((middle - 75, 530, middle + 75, 680), fill=NAVY)
        pen.ellipse((middle - 30, 575, middle + 30, 635), fill=TINTS[0])


def oven(pen: Pen) -> None:
    pen.rounded_rectangle((120, 160, 620, 620), radius=24, fill=NAVY)
    pen.rounded_rectangle((180, 280, 560, 560), radius=20, fill=GOLD)
    for left in (210, 330, 450):
        pen.ellipse((left, 420, left + 90, 500), fill=WOOD)
    pen.rectangle((200, 200, 540, 220), fill=TINTS[2])
    person(pen, 860, 620, WHITE, 380)
    bubble(pen, (700, 60, 1100, 220), 2)


def suitcase(pen: Pen) -> None:
    pen.rounded_rectangle((180, 330, 520, 620), radius=30, fill=ACTION)
    pen.rounded_rectangle((290, 270, 410, 340), radius=20, outline=NAVY, width=20)
    pen.rectangle((180, 450, 520, 475), fill=GOLD)
    pen.rounded_rectangle((640, 120, 1060, 600), radius=20, fill=WHITE, outline=NAVY, width=8)
    for number in range(5):
        top = 180 + number * 80
        pen.rectangle((690, top, 735, top + 45), outline=NAVY, width=6)
        pen.line((698, top + 24, 710, top + 38, 732, top + 6), fill=GREEN, width=9)
        pen.rounded_rectangle((770, top + 12, 1010 - 40 * (number % 2), top + 30), radius=9, fill=TINTS[3])


def lights(pen: Pen) -> None:
    pen.rounded_rectangle((480, 80, 720, 600), radius=60, fill=NAVY)
    for top, colour in ((110, "#C0392B"), (270, GOLD), (430, GREEN)):
        pen.ellipse((530, top, 670, top + 140), fill=colour)
    person(pen, 250, 620, ACTION, 330)
    person(pen, 950, 620, GREEN, 330)
    bubble(pen, (90, 70, 410, 230), 2)
    bubble(pen, (790, 70, 1110, 230), 2)


def caliper(pen: Pen) -> None:
    pen.rectangle((140, 250, 1060, 310), fill=TINTS[2], outline=NAVY, width=6)
    for left in range(180, 1050, 40):
        pen.line((left, 250, left, 275), fill=NAVY, width=5)
    pen.polygon([(140, 250), (200, 250), (200, 520), (140, 460)], fill=NAVY)
    pen.polygon([(560, 250), (620, 250), (620, 460), (560, 520)], fill=ACTION)
    pen.ellipse((215, 350, 545, 600), fill=GOLD, outline=NAVY, width=10)
    pen.ellipse((320, 430, 440, 520), fill=WHITE, outline=NAVY, width=10)
    person(pen, 900, 620, NAVY, 280)


def scaffold(pen: Pen) -> None:
    for left in (160, 480, 800):
        pen.rectangle((left, 120, left + 18, 620), fill=NAVY)
    for top in (220, 420):
        pen.rectangle((120, top, 860, top + 24), fill=WOOD)
    person(pen, 330, 420, GOLD, 190)
    person(pen, 650, 220, ACTION, 170)
    person(pen, 1010, 620, GOLD, 320)
    for x, y, height in ((330, 420, 190), (650, 220, 170), (1010, 620, 320)):
        helmet = (x - height * 0.15, y - height * 1.06, x + height * 0.15, y - height * 0.78)
        pen.pieslice(helmet, 180, 360, fill=TINTS[0], outline=NAVY, width=4)
        pen.line((helmet[0] - 6, y - height * 0.92, helmet[2] + 6, y - height * 0.92), fill=NAVY, width=6)
    bubble(pen, (620, 280, 880, 400), 1)


def letters(pen: Pen) -> None:
    person(pen, 240, 620, ACTION, 360)
    person(pen, 960, 620, GOLD, 360)
    pen.rounded_rectangle((400, 260, 800, 520), radius=14, fill=WHITE, outline=NAVY, width=8)
    pen.line((400, 270, 600, 410, 800, 270), fill=NAVY, width=8)
    pen.polygon([(600, 130), (640, 210), (560, 210)], fill=GOLD)


def table(pen: Pen) -> None:
    for x, coat in ((220, ACTION), (440, GOLD), (760, GREEN), (980, NAVY)):
        person(pen, x, 520, coat, 290)
    pen.rounded_rectangle((120, 470, 1080, 540), radius=20, fill=WOOD)
    pen.rectangle((200, 540, 230, 660), fill=WOOD)
    pen.rectangle((970, 540, 1000, 660), fill=WOOD)
    bubble(pen, (470, 50, 740, 180), 2)


def listening(pen: Pen) -> None:
    pen.rounded_rectangle((150, 230, 520, 600), radius=90, fill=ACTION)
    pen.rounded_rectangle((255, 370, 415, 600), radius=50, fill=GOLD)
    pen.ellipse((260, 215, 410, 365), fill=SKIN)
    pen.pieslice((248, 195, 422, 370), 165, 375, fill=WHITE)
    pen.ellipse((300, 165, 370, 225), fill=WHITE)
    for middle in (308, 362):
        pen.ellipse((middle - 20, 282, middle + 20, 322), outline=NAVY, width=5)
    pen.line((328, 302, 342, 302), fill=NAVY, width=5)
    pen.arc((305, 305, 365, 345), 20, 160, fill=NAVY, width=5)
    for left in (130, 450):
        pen.rounded_rectangle((left, 440, left + 90, 620), radius=36, fill=NAVY)
    person(pen, 880, 640, GREEN, 430)
    for number, radius in enumerate((70, 120, 170)):
        pen.arc((520 - radius, 300 - radius, 520 + radius, 300 + radius), 320, 40, fill=NAVY, width=16 - 3 * number)


def calendar(pen: Pen) -> None:
    pen.rounded_rectangle((300, 110, 900, 600), radius=24, fill=WHITE, outline=NAVY, width=10)
    pen.rectangle((300, 110, 900, 220), fill=NAVY)
    for row in range(3):
        for column in range(6):
            left, top = 345 + column * 90, 260 + row * 105
            done = row * 6 + column < 11
            pen.rounded_rectangle((left, top, left + 66, top + 76), radius=10, fill=GOLD if done else TINTS[0])
    pen.ellipse((760, 420, 1060, 720), fill=ACTION, outline=WHITE, width=12)
    pen.line((910, 480, 910, 570, 975, 610), fill=WHITE, width=18)


def signpost(pen: Pen) -> None:
    pen.rectangle((585, 120, 620, 640), fill=WOOD)
    pen.polygon([(600, 160), (900, 160), (960, 215), (900, 270), (600, 270)], fill=GOLD)
    pen.polygon([(605, 300), (310, 300), (250, 355), (310, 410), (605, 410)], fill=ACTION)
    pen.polygon([(600, 440), (860, 440), (920, 490), (860, 540), (600, 540)], fill=GREEN)
    person(pen, 300, 640, NAVY, 220)


def pots(pen: Pen) -> None:
    pen.rounded_rectangle((160, 360, 560, 600), radius=30, fill=NAVY)
    pen.rectangle((120, 350, 600, 385), fill=TINTS[2])
    for left in (240, 340, 440):
        pen.arc((left, 170, left + 60, 340), 90, 270, fill=TINTS[3], width=16)
    pen.polygon([(700, 220), (900, 270), (900, 610), (700, 560)], fill=GOLD)
    pen.polygon([(900, 270), (1100, 220), (1100, 560), (900, 610)], fill="#FFD35A")
    for number in range(4):
        pen.line((735, 300 + 60 * number, 865, 332 + 60 * number), fill=NAVY, width=8)


def toolbox(pen: Pen) -> None:
    pen.arc((420, 130, 780, 470), 180, 360, fill=NAVY, width=26)
    pen.polygon([(160, 300), (1040, 300), (980, 610), (220, 610)], fill=ACTION)
    pen.rectangle((130, 280, 1070, 330), fill=NAVY)
    for left, top, colour in ((250, 150, GOLD), (330, 110, TINTS[2]), (840, 140, WOOD)):
        pen.rounded_rectangle((left, top, left + 44, 285), radius=14, fill=colour)
    pen.rectangle((905, 190, 1010, 230), fill=NAVY)
    pen.rectangle((945, 230, 970, 285), fill=WOOD)
    pen.ellipse((520, 380, 680, 540), fill=GOLD)
    pen.ellipse((575, 435, 625, 485), fill=ACTION)
    pen.rounded_rectangle((740, 400, 900, 510), radius=10, fill=WHITE)
    pen.line((745, 408, 820, 465, 895, 408), fill=NAVY, width=6)
    for left in (270, 340, 410):
        pen.rounded_rectangle((left, 400, left + 40, 520), radius=10, fill=TINTS[1])


MOTIFS = (
    Motif("Zeichnung: ein gelber Kleinbus, durch die Fenster sind vier Köpfe zu sehen.", bus, TINTS[0]),
    Motif("Zeichnung: ein Backofen mit drei Broten, daneben eine Person in Weiß mit Sprechblase.", oven, TINTS[1]),
    Motif("Zeichnung: ein Koffer neben einer abgehakten Liste.", suitcase, TINTS[0]),
    Motif("Zeichnung: eine Ampel zwischen zwei Menschen, die miteinander sprechen.", lights, TINTS[1]),
    Motif("Zeichnung: ein Messschieber misst ein rundes Werkstück.", caliper, TINTS[0]),
    Motif("Zeichnung: drei Menschen mit Helm auf und neben einem Gerüst.", scaffold, TINTS[1]),
    Motif("Zeichnung: zwei Menschen, zwischen ihnen ein großer Brief.", letters, TINTS[0]),
    Motif("Zeichnung: vier Menschen an einem langen Tisch im Gespräch.", table, TINTS[1]),
    Motif("Zeichnung: eine ältere Frau im Sessel erzählt, eine Pflegekraft hört zu.", listening, TINTS[0]),
    Motif("Zeichnung: ein Kalender, elf Tage sind gelb markiert, davor eine Uhr.", calendar, TINTS[1]),
    Motif("Zeichnung: ein Wegweiser mit drei Richtungen, davor eine Person.", signpost, TINTS[0]),
    Motif("Zeichnung: ein dampfender Topf und ein aufgeschlagenes Kochbuch.", pots, TINTS[1]),
    Motif("Zeichnung: eine Werkzeugkiste mit Zahnrad und Brief, oben ragen Werkzeuge heraus.", toolbox, TINTS[0]),
)


def drawing(place: int) -> Motif:
    """The motif of the practice with this place among those that are shown."""
    return MOTIFS[place % len(MOTIFS)]
