"""The slides of the sample talk, drawn with Pillow: a heading, lines that appear, one picture each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont  # type: ignore[import-not-found]  # a tool of this script only

from samples.talk_pictures import CREAM, ESPRESSO, RED, TAN, draw_picture

WIDTH, HEIGHT = 1280, 720
SCALE = 2
"""Slides are drawn twice as large and shrunk, so that edges are smooth."""
FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/Library/Fonts"),
    Path(__file__).parent,
)


@dataclass(frozen=True)
class Style:
    """How a text looks: font file, size in the slide's pixels, colour."""

    font: str
    size: int
    colour: str


TITLE_STYLE = Style("DejaVuSerif-Bold.ttf", 56, CREAM)
SUBTITLE_STYLE = Style("DejaVuSans.ttf", 28, TAN)
PART_STYLE = Style("DejaVuSans-Bold.ttf", 20, RED)
HEADING_STYLE = Style("DejaVuSerif-Bold.ttf", 48, ESPRESSO)
LINE_STYLE = Style("DejaVuSans.ttf", 30, ESPRESSO)


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    for folder in FONT_FOLDERS:
        if (folder / name).is_file():
            return ImageFont.truetype(str(folder / name), size * SCALE)
    raise SystemExit(f"The font {name} is missing: install the Debian package fonts-dejavu-core.")


def _text(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, style: Style) -> None:
    font = _font(style.font, style.size)
    draw.text((at[0] * SCALE, at[1] * SCALE), text, font=font, fill=style.colour, anchor="lm")


def title_slide(title: str, subtitle: str) -> Image.Image:
    """The first slide: dark, the title large, a cup."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ESPRESSO)
    draw = ImageDraw.Draw(image)
    _text(draw, (90, 300), title, TITLE_STYLE)
    _text(draw, (92, 380), subtitle, SUBTITLE_STYLE)
    draw.rectangle([_scaled(92), _scaled(430), _scaled(252), _scaled(436)], fill=RED)
    draw_picture("cup", draw)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


PAPER = {"1": CREAM, "2": "#FBEBDD", "3": "#E9F1F4", "4": "#EFEAF4"}
"""The background of each part."""


def slide(part: str, heading: str, lines: Sequence[str], drawing: str) -> Image.Image:
    """A slide of a part with the `lines` that have appeared so far."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER[part[0]])
    draw = ImageDraw.Draw(image)
    _text(draw, (90, 84), part.upper(), PART_STYLE)
    _text(draw, (88, 142), heading, HEADING_STYLE)
    for place, line in enumerate(lines):
        top = 262 + 84 * place
        draw.ellipse([_scaled(v) for v in (90, top - 7, 104, top + 7)], fill=RED)
        _text(draw, (126, top), line, LINE_STYLE)
    draw_picture(drawing, draw)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _scaled(value: float) -> float:
    return value * SCALE
