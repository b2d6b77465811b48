"""Stretches of whole sentences that might stand alone, and what is measured of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindreel.insight.embedded.statements import leans_back, length_in_words, opens_with_connective
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Array, Talk, mean_direction
from mindreel.insight.words import numbers

SHORTEST_S, LONGEST_S = 15.0, 90.0
_IDEAL_S, _SPREAD_S = 38.0, 28.0
_LEAST_OPENING = 0.3  # quality below which a sentence opens or closes nothing
_LEAST_QUESTION_WORDS = 5
_EACH_START = 3  # the best windows kept of those that begin with the same sentence
_END_PAUSE_S = 2.0  # counted for the last sentence of a talk
_EMPHASIS = re.compile(
    r"\b(?:most|never|always|important|key|crucial|essential|secret|mistake|surpris\w+|amazing|incredibl\w+|"
    r"remember|the reason|the truth|turns out|in fact|for the first time|only|best|worst|biggest|exciting)\b",
    re.IGNORECASE,
)

PARTS = ("opening", "central", "fresh", "closing", "pause", "figures", "stress", "question", "length")
"""What `Window.worths` holds, in this order; the most each can add is in `_WEIGHTS`."""
_WEIGHTS = np.array([0.20, 0.20, 0.10, 0.05, 0.05, 0.10, 0.05, 0.05, 0.20])


@dataclass(frozen=True)
class Window:
    """Sentences `first` to `last` of one chapter."""

    first: int
    last: int
    chapter: int
    score: float
    """0 to 1."""
    worths: tuple[float, ...]
    """What each of `PARTS` adds to the score."""


class Readings:
    """What windows need to know of each sentence, measured once. All arrays: one entry a sentence."""

    def __init__(self, talk: Talk, carriers: Carriers) -> None:
        sentences, language = talk.sentences, talk.language
        english = language.startswith("en")
        after = [talk.pause_before_s(i) for i in range(1, len(sentences))]
        leans = np.array([leans_back(s.text, language) for s in sentences])
        linked = np.array([opens_with_connective(s.text, language) for s in sentences])
        self.talk = talk
        self.start_s = np.array([s.start_s for s in sentences])
        self.end_s = np.array([s.end_s for s in sentences])
        self.quality: Array = carriers.quality
        self.complete = np.array([s.complete for s in sentences])
        self.asks = np.array([_asks(s.text) for s in sentences])
        self.opening = np.where(self.asks, 0.9, carriers.quality * np.where(linked, 0.7, 1.0))
        self.pause_s = np.array([*after, _END_PAUSE_S])
        self.fresh = np.array([*~leans[1:], True])
        self.figures = [[n for n in dict.fromkeys(numbers(s.text)) if ":" not in n] for s in sentences]
        self.stress = [_EMPHASIS.search(s.text) if english else None for s in sentences]
        cut = np.array([False, *~self.complete[:-1]])
        self.opens = ~leans & ~cut & (carriers.quality >= _LEAST_OPENING)


def windows(readings: Readings, span: range, chapter: int) -> Iterator[Window]:
    """Windows of 15 to 90 s inside one chapter that open well, the best few of each opening sentence."""
    rows = readings.talk.vectors[span.start : span.stop]
    nearness = _Nearness(rows)
    for first in span:
        if not readings.opens[first]:
            continue
        limit = int(np.searchsorted(readings.end_s, readings.start_s[first] + LONGEST_S, side="right"))
        lasts = np.arange(first, min(span.stop, limit))
        long_enough = readings.end_s[lasts] - readings.start_s[first] >= SHORTEST_S
        lasts = lasts[long_enough & readings.complete[lasts]]
        if len(lasts):
            central = nearness.of(first - span.start, lasts - span.start)
            yield from _best_of(readings, first, lasts, central, chapter)


def _best_of(
    readings: Readings, first: int, lasts: NDArray[np.int64], central: Array, chapter: int
) -> Iterator[Window]:
    inside = slice(first, int(lasts[-1]) + 1)
    at = lasts - first
    length_s = readings.end_s[lasts] - readings.start_s[first]
    count = np.arange(1, len(readings.quality[inside]) + 1)
    clarity = (np.cumsum(readings.quality[inside]) / count)[at]
    figures = np.cumsum([len(found) for found in readings.figures[inside]])[at]
    stressed = np.cumsum([found is not None for found in readings.stress[inside]])[at] > 0
    same = np.ones(len(lasts))
    measured = np.stack(
        [
            same * readings.opening[first],
            np.maximum(0.0, central),
            readings.fresh[lasts],
            readings.quality[lasts] >= _LEAST_OPENING,
            np.minimum(1.0, readings.pause_s[lasts]),
            np.minimum(1.0, figures / 2),
            stressed,
            same * readings.asks[first],
            np.exp(-(((length_s - _IDEAL_S) / _SPREAD_S) ** 2)),
        ],
        axis=1,
    )
    worths = measured * _WEIGHTS
    scores = np.minimum(1.0, worths.sum(axis=1) * (0.5 + 0.5 * clarity))
    for place in np.argsort(-scores, kind="stable")[:_EACH_START]:
        yield Window(first, int(lasts[place]), chapter, float(scores[place]), tuple(worths[place].tolist()))


class _Nearness:
    """Cosine between the mean of some neighbouring rows and the mean of all."""

    def __init__(self, rows: Array) -> None:
        self._totals = np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
        self._centre = mean_direction(rows)

    def of(self, first: int, lasts: NDArray[np.int64]) -> Array:
        sums = self._totals[lasts + 1] - self._totals[first]
        cosines: Array = (sums @ self._centre) / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        return cosines


def _asks(text: str) -> bool:
    asked = text.rstrip().endswith(("?", "\uff1f", "\u061f"))
    return asked and length_in_words(text) >= _LEAST_QUESTION_WORDS
