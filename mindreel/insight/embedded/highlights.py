"""The stretches of a talk most worth watching alone, and why."""

from collections.abc import Sequence

import numpy as np

from mindreel.contracts.analysis import Chapter, Highlight
from mindreel.insight.embedded.summary import Carriers
from mindreel.insight.embedded.talk import Array, Talk
from mindreel.insight.embedded.terms import Terms
from mindreel.insight.embedded.titles import sentence_title, title
from mindreel.insight.embedded.windows import LONGEST_S, PARTS, Readings, Window, windows

_SECONDS_EACH = 40.0  # at most one highlight in so much talk
_MOST = 20
_LEAST_SCORE = 0.45
_SAME_CHAPTER = 0.06  # what each highlight already chosen in a chapter costs the next one there
_MOST_REASONS = 3
_MOST_FIGURES = 3


def highlights(
    talk: Talk, spans: Sequence[range], chapters: Sequence[Chapter], terms: Terms, carriers: Carriers
) -> tuple[Highlight, ...]:
    """The best windows that do not overlap, best first."""
    if talk.sentences[-1].end_s - talk.sentences[0].start_s <= LONGEST_S:
        spans = [range(len(talk.sentences))]  # so short a talk may be one clip, whatever its chapters
    readings = Readings(talk, carriers)
    found = [window for chapter, span in enumerate(spans) for window in windows(readings, span, chapter)]
    if not found:
        return ()
    usual = np.mean([window.worths for window in found], axis=0)
    chosen = _best(found, min(_MOST, max(1, int(talk.duration_s / _SECONDS_EACH))))
    inner = [range(window.first, window.last + 1) for window in chosen]
    taken = {chapter.title.lower() for chapter in chapters} if len(chosen) > 1 else set()
    made = []
    for window, span in zip(chosen, inner, strict=True):
        named = sentence_title(talk, span, carriers, taken)
        named = named or title(talk, span, terms.of(span, inner), carriers, taken)
        reason = _reason(window, usual, readings, chapters[window.chapter].title)
        made.append(_highlight(talk, window, named, reason))
    return tuple(sorted(made, key=lambda highlight: -highlight.score))


def _best(found: list[Window], most: int) -> list[Window]:
    """Greedy by score; each window chosen in a chapter makes the next one there a little dearer."""
    chosen: list[Window] = []
    open_ = [window for window in found if window.score >= _LEAST_SCORE]
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


def _reason(window: Window, usual: Array, readings: Readings, chapter_title: str) -> str:
    """What sets the window apart from the usual one, strongest first, as a sentence."""
    excess = np.array(window.worths) - usual
    best = [PARTS[int(i)] for i in np.argsort(-excess, kind="stable") if window.worths[int(i)] > 0]
    told = [text for part in best if (text := _told(part, window, readings, chapter_title))]
    parts = told[:_MOST_REASONS]
    sentence = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return sentence[0].upper() + sentence[1:] + "."


def _told(part: str, window: Window, readings: Readings, chapter_title: str) -> str:
    inside = slice(window.first, window.last + 1)
    figures = list(dict.fromkeys(n for found in readings.figures[inside] for n in found))
    stressed = next((found.group() for found in readings.stress[inside] if found), "")
    several = "numbers" if len(figures) > 1 else "a number"
    return {
        "opening": "it opens without needing what came before",
        "central": f"it is central to \u201c{chapter_title}\u201d",
        "fresh": "what follows starts afresh",
        "closing": "it closes on a full statement",
        "pause": f"a pause of {readings.pause_s[window.last]:.1f} s follows",
        "figures": f"it states {several} ({', '.join(figures[:_MOST_FIGURES])})",
        "stress": f"it stresses its point (\u201c{stressed.lower()}\u201d)",
        "question": "it opens with a question",
    }.get(part, "")
