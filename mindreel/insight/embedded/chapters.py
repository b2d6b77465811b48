"""Chapters: the uploader's where there are any, otherwise where the talk changes its subject."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mindreel.contracts.video import SourceChapter
from mindreel.insight.embedded.segmentation import (
    Array,
    best_partitions,
    centred,
    segment_costs,
    smoothed,
)
from mindreel.insight.embedded.talk import Talk, mean_direction

_PER_ROOT_MINUTE = 1.5  # chapters expected: 3 in 4 minutes, 5 in 10, 12 in an hour, 20 in three hours
_COST_PER_CHAPTER = 0.17  # of the talk's whole error, at the expected number; with the two below chosen on
_PRIOR_WEIGHT = 0.05  # 40 development talks with human headings
_ELBOW_WEIGHT = 0.5
_RANGE = 2.2  # never more or fewer chapters than the expected number times or by this
_LEAST_SENTENCES = 3
_SHORTEST_S = 30.0  # of speech in a chapter, on average
_MOST_BLOCKS = 1200  # the cost matrix has this many squared entries: 12 MB

_REACH = 3  # sentences around a computed boundary in which a better start is looked for
_CUE = re.compile(
    r"^(?:(?:so|and|but|now|okay|ok|all right|alright|well|right|yeah|cool|great),?\s+)*"
    r"(?:now\b|next\b|finally\b|first of all|firstly|second(?:ly)?\b|third(?:ly)?\b|lastly|let's|let us|"
    r"let me|moving on|back (?:home|to)|the (?:next|first|second|third|last|other|final)\b|"
    r"another (?:thing|topic|question)|what about|how about|what (?:is|are)|how (?:does|do)|"
    r"why (?:does|do|is)|speaking of|to summarize|in summary|in conclusion|to conclude|to sum up|"
    r"we(?:'re| are) going to talk|"
    r"i(?:'d| would| want| wanted) (?:like )?to (?:talk|discuss|show|start))",
    re.IGNORECASE,
)


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
    vectors = centred(talk.vectors)
    blocks = _block_starts(len(vectors))
    rows = smoothed(vectors, radius=2)[blocks]
    expected = max(1.0, _PER_ROOT_MINUTE * talk.minutes_spoken**0.5)
    least = max(_LEAST_SENTENCES, int(len(rows) / (4 * _RANGE * expected)))
    most = max(1, min(int(expected * _RANGE), int(talk.minutes_spoken * 60 / _SHORTEST_S)))
    partitions = best_partitions(segment_costs(rows), most=most, least_rows=least)
    chosen = partitions[_choose(np.array([cost for cost, _ in partitions]), expected)][1]
    return _refined(talk, vectors, [int(blocks[row]) for row in chosen])


def _block_starts(n: int) -> list[int]:
    """Every sentence, or evenly spread ones in very long talks."""
    count = min(n, _MOST_BLOCKS)
    return [n * block // count for block in range(count)]


def _choose(costs: Array, expected: float) -> int:
    """Index of the best number of chapters: error left, a price for each, an expectation, an elbow."""
    if costs[0] <= 0:
        return 0
    left = costs / costs[0]
    count = np.arange(1, len(costs) + 1)
    elbow = np.zeros(len(costs))
    elbow[1:-1] = left[:-2] - 2 * left[1:-1] + left[2:]
    score = left + _COST_PER_CHAPTER * count / expected
    score += _PRIOR_WEIGHT * np.log(count / expected) ** 2 - _ELBOW_WEIGHT * elbow
    score[count < expected / _RANGE] = np.inf
    return int(np.argmin(score)) if np.isfinite(score).any() else len(costs) - 1


def _refined(talk: Talk, vectors: Array, starts: list[int]) -> list[int]:
    """Each start moved to the best opening nearby: after a pause, at a cue, where the subject turns."""
    refined = [0]
    for position, start in enumerate(starts[1:], start=1):
        end = starts[position + 1] if position + 1 < len(starts) else len(vectors)
        low = max(refined[-1] + _LEAST_SENTENCES - 1, start - _REACH)
        high = min(end - _LEAST_SENTENCES + 1, start + _REACH)
        reach = range(low, high + 1) if low <= high else range(start, start + 1)
        refined.append(max(reach, key=lambda i: _opening(talk, vectors, i) - 0.04 * abs(i - start)))
    return refined


def _opening(talk: Talk, vectors: Array, i: int) -> float:
    before = mean_direction(vectors[max(0, i - 5) : i])
    after = mean_direction(vectors[i : i + 5])
    turn = 1 - float(before @ after)
    pause = min(talk.pause_before_s(i), 2.0) / 2.0
    cue = 1.0 if _CUE.match(talk.sentences[i].text) else 0.0
    return turn + 0.5 * pause + 0.1 * cue
