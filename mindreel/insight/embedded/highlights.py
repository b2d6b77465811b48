"""Stretches that can be watched alone: 15 to 90 seconds, whole sentences, one subject."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mindreel.contracts.analysis import Chapter, Highlight
from mindreel.insight.embedded.statements import leans_back, length_in_words, opens_with_connective, quality
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Array, Talk, mean_direction
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.embedded.titles import sentence_title, title
from mindreel.insight.words import numbers

SHORTEST_S, LONGEST_S = 15.0, 90.0
_IDEAL_S, _SPREAD_S = 38.0, 28.0
_SECONDS_EACH = 40.0  # at most one highlight in so much talk
_MOST = 20
_LEAST_SCORE = 0.45
_MOST_REASONS = 3
_LEAST_OPENING = 0.3
_LEAST_QUESTION_WORDS = 5
_SAME_CHAPTER = 0.06  # what each highlight already chosen in a chapter costs the next one there
_EMPHASIS = re.compile(
    r"\b(?:most|never|always|important|key|crucial|essential|secret|mistake|surpris\w+|amazing|incredibl\w+|"
    r"remember|the reason|the truth|turns out|in fact|for the first time|only|best|worst|biggest|exciting)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Window:
    """Sentences `first` to `last` of one chapter, and what was measured of them."""

    first: int
    last: int
    chapter: int
    score: float
    measured: tuple[tuple[float, str], ...]
    """What each part adds to the score, and how to say it."""


def highlights(
    talk: Talk, spans: Sequence[range], chapters: Sequence[Chapter], terms: Terms, carriers: Carriers
) -> tuple[Highlight, ...]:
    """The best windows that do not overlap, best first."""
    if talk.sentences[-1].end_s - talk.sentences[0].start_s <= LONGEST_S:
        spans = [range(len(talk.sentences))]  # so short a talk may be one clip, whatever its chapters
    windows = [window for position in range(len(spans)) for window in _windows(talk, spans, position)]
    if not windows:
        return ()
    chosen = _best(windows, min(_MOST, max(1, int(talk.duration_s / _SECONDS_EACH))))
    usual = np.mean([[worth for worth, _ in window.measured] for window in windows], axis=0)
    taken = {chapter.title.lower() for chapter in chapters} if len(chosen) > 1 else set()
    found = []
    for window in sorted(chosen, key=lambda window: -window.score):
        span = range(window.first, window.last + 1)
        inner = [range(w.first, w.last + 1) for w in chosen]
        named = sentence_title(talk, span, carriers, taken)
        named = named or title(talk, span, terms.of(span, inner), carriers, taken)
        reason = _reason(window, usual, chapters[window.chapter].title)
        found.append(_highlight(talk, window, named, reason))
    return tuple(found)


def _windows(talk: Talk, spans: Sequence[range], position: int) -> Iterator[Window]:
    span = spans[position]
    centre = mean_direction(talk.vectors[span.start : span.stop])
    totals = np.vstack([np.zeros(len(centre)), np.cumsum(talk.vectors[span.start : span.stop], axis=0)])
    for first in span:
        if not _opens_well(talk, first):
            continue
        for last in range(first, span.stop):
            length_s = talk.sentences[last].end_s - talk.sentences[first].start_s
            if length_s > LONGEST_S:
                break
            if length_s >= SHORTEST_S and talk.sentences[last].complete:
                mean = totals[last + 1 - span.start] - totals[first - span.start]
                nearness = float(mean @ centre) / max(1e-9, float(np.linalg.norm(mean)))
                yield _measured(talk, first, last, position, nearness)


def _opens_well(talk: Talk, first: int) -> bool:
    """A whole sentence that points at nothing before it."""
    sentence = talk.sentences[first]
    cut = first > 0 and not talk.sentences[first - 1].complete
    return (
        not cut
        and not leans_back(sentence.text, talk.language)
        and quality(sentence, talk.language) >= _LEAST_OPENING
    )


def _asks(text: str) -> bool:
    return (
        text.rstrip().endswith(("?", "\uff1f", "\u061f")) and length_in_words(text) >= _LEAST_QUESTION_WORDS
    )


def _measured(talk: Talk, first: int, last: int, chapter: int, nearness: float) -> Window:
    inside = talk.sentences[first : last + 1]
    length_s = inside[-1].end_s - inside[0].start_s
    text = " ".join(sentence.text for sentence in inside)
    figures = [n for n in dict.fromkeys(numbers(text)) if ":" not in n]
    is_whole = last + 1 == len(talk.sentences) or not leans_back(talk.sentences[last + 1].text, talk.language)
    pause_s = talk.pause_before_s(last + 1) if last + 1 < len(talk.sentences) else 2.0
    opening = quality(inside[0], talk.language)
    opening *= 0.7 if opens_with_connective(inside[0].text, talk.language) else 1.0
    asks = _asks(inside[0].text)
    closes = quality(inside[-1], talk.language) >= _LEAST_OPENING
    stress = _EMPHASIS.search(text) if talk.language.startswith("en") else None
    measured = (
        (0.20 * max(opening, 0.9 if asks else 0.0), "it opens without needing what came before"),
        (0.20 * max(0.0, nearness), "it is central to \u201c{chapter}\u201d"),
        (0.10 if is_whole else 0.0, "what follows starts afresh"),
        (0.05 if closes else 0.0, "it closes on a full statement"),
        (0.05 * min(1.0, pause_s), f"a pause of {pause_s:.1f} s follows"),
        (0.10 * min(1.0, len(figures) / 2), f"it states {_listed(figures)}"),
        (0.05 if stress else 0.0, f"it stresses its point (\u201c{stress.group() if stress else ''}\u201d)"),
        (0.05 if asks else 0.0, "it opens with a question"),
        (0.20 * math.exp(-(((length_s - _IDEAL_S) / _SPREAD_S) ** 2)), ""),
    )
    base = sum(worth for worth, _ in measured)
    clarity = sum(quality(sentence, talk.language) for sentence in inside) / len(inside)
    return Window(first, last, chapter, min(1.0, base * (0.5 + 0.5 * clarity)), measured)


def _listed(figures: Sequence[str]) -> str:
    plural = "numbers" if len(figures) > 1 else "a number"
    return f"{plural} ({', '.join(figures[:3])})"


def _best(windows: list[Window], most: int) -> list[Window]:
    """Greedy by score, chapter after chapter getting its turn."""
    chosen: list[Window] = []
    open_ = [window for window in windows if window.score >= _LEAST_SCORE]
    while open_ and len(chosen) < most:
        counts = [sum(w.chapter == window.chapter for w in chosen) for window in open_]
        worth = [w.score - _SAME_CHAPTER * count for w, count in zip(open_, counts, strict=True)]
        best = open_[int(np.argmax(worth))]
        chosen.append(best)
        open_ = [w for w in open_ if w.last < best.first or w.first > best.last]
    return chosen


def _highlight(talk: Talk, window: Window, named: str, reason: str) -> Highlight:
    start, end = talk.sentences[window.first], talk.sentences[window.last]
    return Highlight(
        title=named,
        start_s=start.start_s,
        end_s=end.end_s,
        score=round(window.score, 3),
        reason=reason,
        segment_ids=talk.segment_ids(range(window.first, window.last + 1)),
    )


def _reason(window: Window, usual: Array, chapter_title: str) -> str:
    """What sets the window apart from the usual one, strongest first."""
    excess = np.array([worth for worth, _ in window.measured]) - usual
    best = [window.measured[int(i)] for i in np.argsort(-excess, kind="stable")]
    said = [text.format(chapter=chapter_title) for worth, text in best if text and worth > 0][:_MOST_REASONS]
    sentence = _joined(said)
    return sentence[0].upper() + sentence[1:] + "."


def _joined(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
