"""Sentences of a transcript: segments joined where one was cut in the middle of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.transcript import Segment, Transcript
from mindreel.insight.words import UNSPACED_RUN, ends_sentence

_PUNCTUATED_SHARE = 0.25  # of segments that close a sentence; below, the talk counts as unpunctuated
_LONGEST_PAUSE_S = 2.0  # a longer silence ends a sentence whatever its punctuation says
_LONGEST_S = 40.0


@dataclass(frozen=True)
class Sentence:
    """Consecutive segments that say one thing."""

    text: str
    start_s: float
    end_s: float
    segment_ids: tuple[int, ...]
    complete: bool
    """True when it closes as its script closes sentences; in a talk without punctuation always True."""


def is_punctuated(segments: Sequence[Segment]) -> bool:
    """True when enough segments close a sentence for punctuation to mean something."""
    closed = sum(ends_sentence(segment.text) for segment in segments)
    return closed > 0 and closed >= _PUNCTUATED_SHARE * len(segments)


def sentences(transcript: Transcript) -> tuple[Sentence, ...]:
    """The talk's sentences in order; without punctuation every segment counts as one."""
    segments = [segment for segment in transcript.segments if segment.text.strip()]
    punctuated = is_punctuated(segments)
    found: list[Sentence] = []
    group: list[Segment] = []
    for segment in segments:
        if group and _apart(group, segment):
            found.append(_joined(group, complete=not punctuated))
            group = []
        group.append(segment)
        if not punctuated or ends_sentence(segment.text):
            found.append(_joined(group, complete=True))
            group = []
    if group:
        found.append(_joined(group, complete=False))
    return tuple(found)


def _apart(group: list[Segment], segment: Segment) -> bool:
    pause = segment.start_s - group[-1].end_s
    return pause > _LONGEST_PAUSE_S or segment.end_s - group[0].start_s > _LONGEST_S


def _joined(group: list[Segment], *, complete: bool) -> Sentence:
    text = group[0].text.strip()
    for segment in group[1:]:
        piece = segment.text.strip()
        glue = "" if UNSPACED_RUN.search(text[-1]) and UNSPACED_RUN.search(piece[0]) else " "
        text += glue + piece
    return Sentence(
        text=text,
        start_s=group[0].start_s,
        end_s=group[-1].end_s,
        segment_ids=tuple(segment.id for segment in group),
        complete=complete,
    )
