"""The transcript as a person reads it: parts with a heading, paragraphs, sentences, words."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mindreel.contracts.analysis import Chapter
from mindreel.contracts.transcript import Segment, Transcript, Word

PAUSE_S = 2.0
"""A silence this long begins a new paragraph."""
PARAGRAPH_CHARS = 380
"""A paragraph this long ends with its sentence: a time stamp about every half minute of speech."""
UNSURE = 0.4
"""A word less probable than this is marked as unsure."""


@dataclass
class Paragraph:
    """A few sentences said in one go."""

    segments: list[Segment]

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.segments[0].start_s


@dataclass
class Part:
    """What is said in one chapter; `chapter` is None where there are no chapters."""

    chapter: Chapter | None
    paragraphs: list[Paragraph] = field(default_factory=list)


def parts(transcript: Transcript, chapters: Sequence[Chapter]) -> list[Part]:
    """The transcript by chapter and paragraph; empty when nothing was said."""
    ordered = sorted(chapters, key=lambda chapter: chapter.start_s)
    starts = [chapter.start_s for chapter in ordered]
    result: list[Part] = []
    last_place: int | None = None
    for segment in transcript.segments:
        # Text before the first chapter belongs to it, so it has a heading too.
        place = max(0, bisect_right(starts, segment.start_s + 0.01) - 1)
        if place != last_place:
            result.append(Part(ordered[place] if ordered else None))
            last_place = place
        _add(result[-1].paragraphs, segment)
    return result


def _add(paragraphs: list[Paragraph], segment: Segment) -> None:
    if paragraphs:
        said = paragraphs[-1].segments
        pause_s = segment.start_s - said[-1].end_s
        if pause_s < PAUSE_S and sum(len(other.text) for other in said) < PARAGRAPH_CHARS:
            said.append(segment)
            return
    paragraphs.append(Paragraph([segment]))


def words(segment: Segment) -> tuple[Word, ...]:
    """The words of a segment; the whole sentence as one where word times are missing."""
    if segment.words:
        return segment.words
    return (Word(segment.text, segment.start_s, segment.end_s, 1.0),)


def pieces(segment: Segment) -> Iterator[tuple[str, str, bool]]:
    """(space before, text, unsure) of every word, as the page prints it."""
    for place, word in enumerate(words(segment)):
        yield "" if place == 0 or word.glued else " ", word.text, word.probability < UNSURE
