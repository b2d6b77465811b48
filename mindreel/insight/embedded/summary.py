"""The sentences that carry a talk: its summary, its key points, and each chapter's."""

from itertools import pairwise

import numpy as np

from mindreel.contracts.analysis import Chapter, Statement
from mindreel.insight.embedded.statements import as_statement, quality
from mindreel.insight.embedded.talk import Array, Talk, mean_direction

_ALIKE_WEIGHT = 0.5
_LEAST_QUALITY = 0.25
_MOST_POINTS = 8


class Carriers:
    """How well each sentence stands for the talk and for its chapter."""

    def __init__(self, talk: Talk, spans: list[range]) -> None:
        self._talk = talk
        self.quality = np.array([quality(sentence, talk.language) for sentence in talk.sentences])
        self.in_talk = talk.vectors @ talk.about
        self.in_chapter = np.zeros(len(talk.sentences))
        for span in spans:
            rows = talk.vectors[span.start : span.stop]
            self.in_chapter[span.start : span.stop] = rows @ mean_direction(rows)

    def pick(self, span: range, count: int, *, taken: set[int], whole: bool = False) -> list[int]:
        """Up to `count` sentences of `span`, best first, none of `taken` and no two alike.

        Maximal marginal relevance (Carbonell and Goldstein 1998) over quality times centrality.
        """
        centrality = self.in_talk if whole else self.in_chapter
        worth: Array = self.quality * (0.15 + np.maximum(0, centrality))
        open_ = [i for i in span if i not in taken and self.quality[i] >= _LEAST_QUALITY]
        chosen: list[int] = []
        while open_ and len(chosen) < count:
            best = max(open_, key=lambda i: float(worth[i]) * (1 - _ALIKE_WEIGHT * self._alike(i, chosen)))
            chosen.append(best)
            open_.remove(best)
        return chosen

    def _alike(self, i: int, chosen: list[int]) -> float:
        if not chosen:
            return 0.0
        return max(0.0, float(np.max(self._talk.vectors[chosen] @ self._talk.vectors[i])))


def summary_size(talk: Talk, chapters: int) -> int:
    """3 sentences for a few minutes, 6 from half an hour on or for as many chapters; half of a tiny talk."""
    wanted = max(3 + int(min(3.0, talk.minutes_spoken / 10)), min(chapters, 6))
    return max(1, min(wanted, (len(talk.sentences) + 1) // 2))


def summarize(talk: Talk, spans: list[range], carriers: Carriers) -> list[int]:
    """Sentences for the talk's summary, in order of time, spread over its parts."""
    count = summary_size(talk, len(spans))
    chosen: list[int] = []
    for part in _parts(spans, count):
        chosen += carriers.pick(part, 1, taken=set(chosen), whole=True)
    whole = range(len(talk.sentences))
    chosen += carriers.pick(whole, count - len(chosen), taken=set(chosen), whole=True)
    if not chosen:  # nothing stands well by itself: the best there is, rather than nothing
        chosen = [int(np.argmax(carriers.quality))]
    return sorted(chosen)


def _parts(spans: list[range], count: int) -> list[range]:
    """Neighbouring chapters joined until there are at most `count` parts."""
    if len(spans) <= count:
        return spans
    cuts = [len(spans) * part // count for part in range(count + 1)]
    return [range(spans[a].start, spans[b - 1].stop) for a, b in pairwise(cuts)]


def statement(talk: Talk, index: int) -> Statement:
    """One sentence as a statement."""
    sentence = talk.sentences[index]
    text = as_statement(sentence.text, talk.language)
    return Statement(text=text, start_s=sentence.start_s, segment_ids=sentence.segment_ids)


def key_points(chapters: tuple[Chapter, ...]) -> tuple[Statement, ...]:
    """The talk's key points: the chapters' own, fewer of each where there are many chapters."""
    each = max(1, _MOST_POINTS // len(chapters))
    points = [point for chapter in chapters for point in chapter.key_points[:each]]
    step = max(1, -(-len(points) // _MOST_POINTS))
    return tuple(points[::step])
