"""A transcript as SubRip, as WebVTT (W3C WebVTT 1.0) and as plain text in paragraphs."""

import html
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.speech.sentences import halved
from mindreel.speech.words import joined_text

LINE_COLUMNS = 42
"""Columns of a line; a full-width character takes two."""
LINES = 2
LONGEST_S = 7.0
"""The longest a cue stands."""
READABLE_S = 1.0
"""A shorter cue stays this long where the next one leaves room."""

_PARAGRAPH_PAUSE_S = 1.5
_PARAGRAPH_CHARS = 600
_BREATH_S = 0.6


@dataclass(frozen=True)
class Cue:
    """What stands on the screen at one time."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def to_srt(transcript: Transcript) -> str:
    """SubRip text, numbered from 1."""
    blocks = (
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(cues(transcript), 1)
    )
    return "\n".join(blocks)


def to_vtt(transcript: Transcript) -> str:
    """WebVTT text; `&`, `<` and `>` of the speech are escaped."""
    blocks = (
        f"\n{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n"
        + "\n".join(html.escape(line, quote=False) for line in cue.lines)
        + "\n"
        for cue in cues(transcript)
    )
    return "WEBVTT\n" + "".join(blocks)


def to_text(transcript: Transcript) -> str:
    """Plain text; a new paragraph after a long pause, and at the next breath when one grows long."""
    paragraphs: list[list[Segment]] = []
    for segment in transcript.segments:
        last = paragraphs[-1] if paragraphs else []
        pause_s = segment.start_s - last[-1].end_s if last else _PARAGRAPH_PAUSE_S
        full = sum(len(said.text) for said in last) > _PARAGRAPH_CHARS
        if pause_s >= (_BREATH_S if full else _PARAGRAPH_PAUSE_S):
            paragraphs.append([segment])
        else:
            last.append(segment)
    return "".join(_paragraph(segments) + "\n\n" for segments in paragraphs).removesuffix("\n")


def cues(transcript: Transcript) -> tuple[Cue, ...]:
    """Cues of at most two lines, at word times, in order, never overlapping."""
    found = [
        Cue(words[0].start_s, min(words[-1].end_s, words[0].start_s + LONGEST_S), _lines(words))
        for segment in transcript.segments
        for words in halved(list(_printable(segment)), _fits)
    ]
    limits_s = [*(cue.start_s for cue in found[1:]), transcript.duration_s]
    return tuple(
        replace(cue, end_s=max(cue.end_s, min(cue.start_s + READABLE_S, limit_s)))
        for cue, limit_s in zip(found, limits_s, strict=False)
    )


def _fits(words: Sequence[Word]) -> bool:
    lasts_s = words[-1].end_s - words[0].start_s
    return lasts_s <= LONGEST_S and all(_columns(line) <= LINE_COLUMNS for line in _lines(words))


def _lines(words: Sequence[Word]) -> tuple[str, ...]:
    """One line where that fits, else two of about equal width."""
    whole = _line(words)
    if _columns(whole) <= LINE_COLUMNS or len(words) == 1:
        return (whole,)
    pairs = [(_line(words[:cut]), _line(words[cut:])) for cut in range(1, len(words))]
    return min(pairs, key=lambda pair: max(_columns(line) for line in pair))


def _line(words: Sequence[Word]) -> str:
    return joined_text(words).replace("-->", "->")


def _columns(text: str) -> int:
    marks = ("Mn", "Me", "Cf")
    return sum(
        0 if unicodedata.category(char) in marks else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def _printable(segment: Segment) -> Iterator[Word]:
    """The segment's words without control characters, none wider than a line."""
    for word in segment.words or _evenly(segment):
        text = "".join(char if unicodedata.category(char) != "Cc" else " " for char in word.text).split()
        pieces = list(_pieces("".join(text)))
        each_s = (word.end_s - word.start_s) / max(1, len(pieces))
        for index, piece in enumerate(pieces):
            start_s = word.start_s + index * each_s
            yield Word(piece, start_s, start_s + each_s, word.probability, glued=word.glued or index > 0)


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for char in text:
        if piece and _columns(piece + char) > LINE_COLUMNS:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _evenly(segment: Segment) -> Iterator[Word]:
    """Words of a segment that has only text, spread over its time by their length."""
    texts = segment.text.split()
    each_s = (segment.end_s - segment.start_s) / max(1, sum(map(len, texts)))
    start_s = segment.start_s
    for text in texts:
        yield Word(text, start_s, start_s + each_s * len(text), 0.0)
        start_s += each_s * len(text)


def _paragraph(segments: Sequence[Segment]) -> str:
    return " ".join(segment.text for segment in segments)


def _clock(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
