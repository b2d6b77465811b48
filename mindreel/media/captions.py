"""Word-by-word captions as an ASS file: a few words at a time, the spoken one marked."""

import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from mindreel.contracts.transcript import Word
from mindreel.media.picture import BurnedCaptions, Shape
from mindreel.media.typefaces import Font, font_for
from mindreel.media.window import Window

MAX_WORDS = 7
LINES = 2
PAUSE_S = 0.8
HOLD_S = 0.4
"""How long the last word of a group stays when nothing follows."""
SENTENCE_ENDS = tuple(".!?。！？।؟…")  # noqa: RUF001 - the scripts' own marks
PLAIN, SPOKEN = r"{\c&HFFFFFF&}", r"{\c&H33D6FF&}"
REPLACED = str.maketrans({"{": "(", "}": ")", "\\": "/", "\n": " ", "\r": " "})
"""Letters that ASS would take for commands."""
NARROW_EM, WIDE_EM = 0.58, 1.0
"""Rough widths of a letter, in font sizes."""


@dataclass(frozen=True)
class Look:
    """Sizes in pixels of the clip's picture."""

    size: int
    side: int
    bottom: int
    line_ems: float
    """Room in a line, in font sizes."""


def write_captions(words: tuple[Word, ...], window: Window, shape: Shape, folder: Path) -> BurnedCaptions:
    """Write `captions.ass` and its font into `folder`; `words` are on the video's clock.

    Raises `NoFontError` when no font at hand has the glyphs of the words.
    """
    inside = [word for word in words if word.end_s > window.start_s and word.start_s < window.end_s]
    said = [_shown(word, window.start_s) for word in inside]
    said = [word for word in said if word.text]
    font = font_for("".join(word.text for word in said))
    (folder / "fonts").mkdir()
    shutil.copyfile(font.path, folder / "fonts" / f"font{font.path.suffix.lower()}")
    look = _look(shape)
    groups = list(_groups(said, look))
    events = [
        line for place, group in enumerate(groups) for line in _events(group, groups[place + 1 : place + 2])
    ]
    text = "\n".join([_header(font, look, shape), *events, ""])
    (folder / "captions.ass").write_text(text, encoding="utf-8")
    return BurnedCaptions(folder)


def _shown(word: Word, start_s: float) -> Word:
    """On the clip's clock, without what is no letter to read (emoji) and what ASS would misread."""
    kept = "".join(
        letter for letter in word.text if unicodedata.category(letter) not in {"So", "Sk", "Cs", "Co", "Cn"}
    )
    begin_s = max(0.0, word.start_s - start_s)
    return Word(
        kept.translate(REPLACED).strip(),
        begin_s,
        max(begin_s, word.end_s - start_s),
        word.probability,
        word.glued,
    )


def _look(shape: Shape) -> Look:
    vertical = shape.height > shape.width
    size = round(shape.width * 0.075) if vertical else round(shape.height * 0.062)
    side = round(shape.width * (0.10 if vertical else 0.08))
    bottom = round(shape.height * (0.15 if vertical else 0.07))
    return Look(size, side, bottom, (shape.width - 2 * side) / size)


def _groups(words: list[Word], look: Look) -> Iterator[list[Word]]:
    """Words shown together: until a sentence ends, a pause comes, or two lines are full."""
    group: list[Word] = []
    for word in words:
        if group and (_closed(group, word) or _ems([*group, word]) > LINES * look.line_ems * 0.85):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _closed(group: list[Word], following: Word) -> bool:
    ended = group[-1].text.endswith(SENTENCE_ENDS)
    spaced = sum(not word.glued for word in group)
    return ended or spaced >= MAX_WORDS or following.start_s - group[-1].end_s > PAUSE_S


def _ems(words: list[Word]) -> float:
    letters = "".join(word.text if word.glued else f" {word.text}" for word in words)
    return sum(WIDE_EM if unicodedata.east_asian_width(letter) in "WF" else NARROW_EM for letter in letters)


def _events(group: list[Word], following: list[list[Word]]) -> Iterator[str]:
    """One event a word, back to back, each with the whole group and this word marked."""
    last_s = group[-1].end_s + HOLD_S
    if following:
        last_s = min(last_s, following[0][0].start_s)
    ends = [later.start_s for _, later in pairwise(group)] + [max(last_s, group[-1].end_s)]
    for place, (word, end_s) in enumerate(zip(group, ends, strict=True)):
        if end_s > word.start_s:
            text = "".join(_marked(other, spoken=place == k, first=k == 0) for k, other in enumerate(group))
            yield f"Dialogue: 0,{_clock(word.start_s)},{_clock(end_s)},Words,,0,0,0,,{text}"


def _marked(word: Word, *, spoken: bool, first: bool) -> str:
    space = "" if first or word.glued else " "
    return f"{space}{SPOKEN}{word.text}{PLAIN}" if spoken else f"{space}{word.text}"


def _clock(second: float) -> str:
    """H:MM:SS.cc, as ASS writes time."""
    seconds, hundredths = divmod(round(second * 100), 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{hundredths:02}"


def _header(font: Font, look: Look, shape: Shape) -> str:
    outline = max(2, round(look.size * 0.08))
    style = (
        f"Words,{font.family},{look.size},&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000,-1,0,0,0,"
        f"100,100,0,0,1,{outline},{outline // 2},2,{look.side},{look.side},{look.bottom},1"
    )
    return f"""[Script Info]
ScriptType: v4.00+
PlayResX: {shape.width}
PlayResY: {shape.height}
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, \
MarginL, MarginR, MarginV, Encoding
Style: {style}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"""
