"""The pictures on the slides, each in the right half of 1280 x 720, drawn at twice the size."""

import math
from collections.abc import Callable, Sequence

from PIL import ImageDraw  # type: ignore[import-not-found]  # a tool of these scripts only

CREAM, ESPRESSO, RED, TAN = "#FBF4EA", "#2E1D14", "#B8412F", "#C79A6B"
GREEN, LEAF, BLUE, GOLD, BROWN = "#A9B87C", "#4F7A4A", "#3E6E8E", "#E0A33A", "#6B4226"


class Pen:
    """An `ImageDraw` in the slide's own pixels."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def dot(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        """A filled ellipse with radii `rx` and `ry`."""
        self._draw.ellipse([2 * (x - rx), 2 * (y - ry), 2 * (x + rx), 2 * (y + ry)], fill=fill)

    def box(  # noqa: PLR0917 - the order of PIL's own boxes
        self, x: float, y: float, right: float, bottom: float, fill: str, radius: float = 0
    ) -> None:
        """A filled rectangle, its corners rounded by `radius`."""
        self._draw.rounded_rectangle([2 * x, 2 * y, 2 * right, 2 * bottom], radius=2 * radius, fill=fill)

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled polygon."""
        self._draw.polygon([(2 * x, 2 * y) for x, y in points], fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: str, width: float) -> None:
        """A line with round ends."""
        self._draw.line([(2 * x, 2 * y) for x, y in points], fill=fill, width=int(2 * width), joint="curve")
        for x, y in (points[0], points[-1]):
            self.dot(x, y, width / 2, width / 2, fill)

    def arc(
        self, box: tuple[float, float, float, float], start: float, end: float, fill: str, width: float
    ) -> None:
        """A part of an ellipse's edge, from `start` to `end` degrees."""
        self._draw.arc([2 * v for v in box], start, end, fill=fill, width=int(2 * width))

    def bean(self, x: float, y: float, size: float, fill: str, crease: str) -> None:
        """A coffee bean seen from its flat side."""
        self.dot(x, y, size * 0.68, size, fill)
        wave = [
            (x + size * 0.13 * math.sin(t / 20 * math.tau), y - size * 0.88 + size * 1.76 * t / 20)
            for t in range(21)
        ]
        self.line(wave, crease, size * 0.11)


def _cup(pen: Pen) -> None:
    for shift in (-60, 0, 60):
        wave = [(960 + shift + 12 * math.sin(t / 5), 330 - 5.2 * t) for t in range(21)]
        pen.line(wave, TAN, 7)
    pen.arc((1040, 395, 1140, 505), -100, 100, RED, 20)
    pen.box(840, 360, 1080, 400, RED, 12)
    pen.dot(960, 470, 120, 110, RED)
    pen.box(840, 380, 1080, 470, RED)
    pen.dot(960, 372, 108, 15, BROWN)
    pen.dot(960, 598, 175, 16, TAN)


def _cherries(pen: Pen) -> None:
    pen.line([(770, 250), (900, 285), (1050, 290), (1190, 250)], BROWN, 10)
    for x, y, turn in ((830, 235, 1), (1120, 235, -1), (900, 350, -1), (1085, 350, 1)):
        pen.shape([(x - 70, y), (x, y - 30), (x + 70, y + 12 * turn), (x, y + 30)], LEAF)
    for x, y in ((935, 370), (1010, 345), (1065, 395)):
        pen.dot(x, y, 42, 44, RED)
        pen.dot(x - 14, y - 16, 9, 9, "#E58A7A")
    pen.dot(1000, 510, 100, 92, RED)
    pen.dot(1000, 510, 78, 72, "#E9B9A0")
    pen.bean(968, 510, 50, GREEN, LEAF)
    pen.bean(1034, 510, 50, GREEN, LEAF)


def _mountain(pen: Pen) -> None:
    pen.dot(1120, 250, 42, 42, GOLD)
    pen.shape([(790, 590), (960, 260), (1130, 590)], BLUE)
    pen.shape([(960, 260), (916, 345), (945, 330), (965, 352), (985, 330), (1006, 349)], CREAM)
    pen.shape([(960, 590), (1090, 420), (1210, 590)], "#5C8AA6")
    pen.box(770, 585, 1210, 622, LEAF, 8)
    for x, y in ((880, 520), (945, 470), (1000, 535)):
        pen.line([(x, y), (x, y + 32)], BROWN, 6)
        pen.dot(x, y - 8, 24, 24, GREEN)
    for x in (820, 1060, 1120, 1180):
        pen.line([(x, 560), (x, 592)], BROWN, 7)
        pen.dot(x, 548, 27, 27, LEAF)


def _roast(pen: Pen) -> None:
    pen.line([(850, 480), (810, 615)], ESPRESSO, 14)
    pen.line([(1110, 480), (1150, 615)], ESPRESSO, 14)
    pen.dot(980, 400, 185, 185, ESPRESSO)
    pen.dot(980, 400, 160, 160, "#4A3326")
    colours = ((GREEN, LEAF), ("#C8A05A", BROWN), ("#96602F", ESPRESSO), ("#5A341E", ESPRESSO))
    for place, (fill, crease) in enumerate(colours * 2):
        angle = place / 8 * math.tau
        pen.bean(980 + 100 * math.cos(angle), 400 + 100 * math.sin(angle), 36, fill, crease)
    for place in range(5):
        x = 900 + 40 * place
        pen.shape([(x - 18, 625), (x, 585 - 8 * (place % 2)), (x + 18, 625)], GOLD if place % 2 else RED)


def _crack(pen: Pen) -> None:
    for place in range(12):
        angle = place / 12 * math.tau
        near, far = (205, 235) if place % 2 else (190, 250)
        pen.line(
            [(980 + r * math.cos(angle), 410 + r * 0.84 * math.sin(angle)) for r in (near, far)], GOLD, 9
        )
    pen.dot(980, 410, 118, 168, BROWN)
    zigzag = [(985, 242), (962, 300), (1000, 345), (960, 400), (1002, 455), (964, 510), (982, 578)]
    pen.shape([*zigzag, (1012, 510), (1046, 455), (1008, 400), (1048, 345), (1006, 300)], CREAM)
    pen.line(zigzag, ESPRESSO, 6)


def _extraction(pen: Pen) -> None:
    pen.shape([(850, 230), (1110, 230), (1010, 400), (950, 400)], TAN)
    pen.shape([(880, 262), (1080, 262), (1000, 392), (960, 392)], BROWN)
    for place in range(3):
        pen.dot(980, 418 + 22 * place, 6, 9, BROWN)
    for place, (colour, height) in enumerate(((GOLD, 60), (RED, 100), (ESPRESSO, 140))):
        left = 820 + place * 116
        pen.box(left, 625 - height, left + 92, 625, colour, 10)


def _dial(pen: Pen) -> None:
    pen.arc((790, 260, 1170, 640), 180, 240, GOLD, 46)
    pen.arc((790, 260, 1170, 640), 242, 298, LEAF, 46)
    pen.arc((790, 260, 1170, 640), 300, 360, ESPRESSO, 46)
    pen.line([(980, 450), (1010, 330)], RED, 14)
    pen.dot(980, 450, 24, 24, RED)
    for place in range(9):
        size = 5 + 2.2 * place
        pen.dot(800 + 45 * place, 545, size, size, BROWN)


def _lock(pen: Pen) -> None:
    pen.arc((880, 225, 1060, 425), 180, 360, BLUE, 30)
    pen.box(840, 325, 1100, 560, BLUE, 26)
    pen.dot(970, 420, 34, 34, CREAM)
    pen.shape([(956, 430), (984, 430), (996, 505), (944, 505)], CREAM)
    pen.line([(1000, 440), (1150, 560)], GOLD, 16)
    pen.dot(1165, 572, 38, 38, GOLD)
    pen.dot(1165, 572, 17, 17, CREAM)
    pen.line([(1022, 458), (1004, 480)], GOLD, 12)
    pen.line([(1048, 479), (1030, 501)], GOLD, 12)


def _halflife(pen: Pen) -> None:
    pen.line([(800, 230), (800, 600), (1200, 600)], ESPRESSO, 6)
    curve = [(800 + 3.8 * t, 600 - 340 * 0.5 ** (t / 33)) for t in range(101)]
    pen.shape([*curve, (1180, 600), (800, 600)], "#F0D9B8")
    pen.line(curve, RED, 8)
    for hours in (0, 33, 66):
        x, y = 800 + 3.8 * hours, 600 - 340 * 0.5 ** (hours / 33)
        pen.line([(x, 600), (x, y)], TAN, 4)
        pen.dot(x, y, 13, 13, RED)


_DRAWN: dict[str, Callable[[Pen], None]] = {
    "cup": _cup,
    "cherries": _cherries,
    "mountain": _mountain,
    "roast": _roast,
    "crack": _crack,
    "extraction": _extraction,
    "dial": _dial,
    "lock": _lock,
    "halflife": _halflife,
}


def draw_picture(name: str, draw: ImageDraw.ImageDraw) -> None:
    """Draw the picture `name` onto a slide twice as large as shown."""
    _DRAWN[name](Pen(draw))
