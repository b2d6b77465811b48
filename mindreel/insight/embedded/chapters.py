"""Chapters: the uploader's where there are any, otherwise where the talk changes its subject."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.video import SourceChapter
from mindreel.insight.embedded.chapter_weights import SPAN_WEIGHTS, START_WEIGHTS
from mindreel.insight.embedded.decoding import best_cut
from mindreel.insight.embedded.openings import openings
from mindreel.insight.embedded.segmentation import Array, centred, segment_costs, smoothed
from mindreel.insight.embedded.semi_markov import Evidence, posterior
from mindreel.insight.embedded.statements import length_in_words
from mindreel.insight.embedded.talk import Talk

_PER_ROOT_MINUTE = (
    1.3  # chapters expected beside one: 4 in 4 minutes, 8 in 30, 11 in an hour, 18 in three hours
)
_WORDS_A_MINUTE = 160.0
_MOST_PLACES = 1200  # where a chapter may begin: each matrix has this many squared entries, 12 MB
_FULL_WORDS = 4  # content words from which a sentence counts in full


def from_uploader(talk: Talk, chapters: Sequence[SourceChapter]) -> list[tuple[str, float, int]]:
    """(title, start in seconds, first sentence) of each chapter that has speech; empty where not sane.

    Sane: at least two, starts ascending and inside the talk, every title readable.
    """
    starts = [chapter.start_s for chapter in chapters]
    ascending = all(a < b for a, b in pairwise(starts))
    inside = all(0 <= start < talk.duration_s for start in starts)
    titled = all(re.search(r"\w", chapter.title) for chapter in chapters)
    if len(chapters) < 2 or not (ascending and inside and titled):  # noqa: PLR2004 - one divides nothing
        return []
    found: list[tuple[str, float, int]] = []
    middles = [(sentence.start_s + sentence.end_s) / 2 for sentence in talk.sentences]
    ends = [*starts[1:], talk.duration_s]
    for chapter, end_s in zip(chapters, ends, strict=True):
        inner = [i for i, middle in enumerate(middles) if chapter.start_s <= middle < end_s]
        if inner:
            found.append((" ".join(chapter.title.split()), chapter.start_s, inner[0]))
    return found if len(found) > 1 else []


def computed(talk: Talk) -> list[int]:
    """First sentence of each chapter, ascending from 0."""
    found = evidence(talk, START_WEIGHTS)
    return best_cut(posterior(found, START_WEIGHTS, SPAN_WEIGHTS), found.at)


def evidence(talk: Talk, start_weights: Array) -> Evidence:
    """What speaks for chapters; in very long talks only of the likelier starts, judged by `start_weights`."""
    counts = np.array([min(1.0, len(set(content)) / _FULL_WORDS) + 0.05 for content in talk.content])
    starts = openings(talk, centred(talk.vectors))
    likely = np.argsort(-(starts[1:] @ start_weights), kind="stable")[: _MOST_PLACES - 1] + 1
    at = np.concatenate([[0], np.sort(likely), [len(starts)]]).astype(np.int64)
    rows = smoothed(centred(talk.vectors, counts), radius=2, weights=counts)
    words = np.cumsum([0.0, *(max(1.0, length_in_words(sentence.text)) for sentence in talk.sentences)])
    spans = _spans(segment_costs(rows, at), words[at])
    return Evidence(at=at, starts=starts[at[:-1]], spans=spans)


def expected_chapters(talk: Talk) -> float:
    """How many chapters a talk of this length usually has."""
    return _usual(sum(max(1.0, length_in_words(sentence.text)) for sentence in talk.sentences))


def _usual(words: float) -> float:
    return 1.0 + _PER_ROOT_MINUTE * math.sqrt(words / _WORDS_A_MINUTE)


def _spans(costs: Array, words: Array) -> NDArray[np.float32]:
    """Of each span, in the order of `chapter_weights.SPANS`."""
    expected = _usual(float(words[-1]))
    error = costs / max(float(costs[0, -1]), 1e-9) * expected
    length = np.log(np.maximum(words[None, :] - words[:, None], 1.0) / words[-1] * expected)
    first, last = np.zeros_like(length), np.zeros_like(length)
    first[0], last[:, -1] = length[0], length[:, -1]
    return np.stack([error, length, length**2, first, last]).astype(np.float32)
