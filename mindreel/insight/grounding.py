"""The check that an analysis stands in its transcript: what does not is repaired or dropped, and told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from mindreel.contracts.analysis import (
    Analysis,
    Category,
    Chapter,
    Highlight,
    QuizQuestion,
    Sentiment,
    Statement,
    Term,
)
from mindreel.contracts.transcript import Segment, Transcript
from mindreel.insight.sentences import sentences
from mindreel.insight.words import stands_in

_SHORTEST_S, _LONGEST_S = 15.0, 90.0
_ROUNDING_S = 0.05
_LEAST_CHOICES = 2

Cited = TypeVar("Cited", Statement, Term, QuizQuestion)
Judged = TypeVar("Judged", Sentiment, Category)


def ground(analysis: Analysis, transcript: Transcript) -> tuple[Analysis, tuple[str, ...]]:
    """The analysis with only what the transcript proves, and a sentence for each thing dropped.

    Repaired: ids that do not exist beside ones that do, a start outside the cited segments, chapters
    that leave gaps or overlap. Dropped: texts with a content word, number or name that the cited segments
    do not say; highlights off sentence ends, overlapping a better one, or not 15 to 90 s long; questions
    whose answer is not said, is given away by the question, or stands twice among the choices.
    """
    check = _Grounding(transcript)
    grounded = replace(
        analysis,
        summary=check.statements(analysis.summary, "summary sentence"),
        key_points=check.statements(analysis.key_points, "key point"),
        chapters=check.chapters(analysis.chapters),
        highlights=check.highlights(analysis.highlights),
        topics=check.terms(analysis.topics),
        sentiment=check.judged(analysis.sentiment, "sentiment"),
        category=check.judged(analysis.category, "category"),
        quiz=tuple(question for asked in analysis.quiz for question in check.question(asked)),
    )
    return grounded, tuple(check.dropped)


class _Grounding:
    """Looks things up in one transcript and notes what it drops."""

    def __init__(self, transcript: Transcript) -> None:
        spoken = sentences(transcript)
        self.dropped: list[str] = []
        self._segments = {segment.id: segment for segment in transcript.segments}
        self._language = transcript.language
        self._end_s = max([transcript.duration_s, *(s.end_s for s in transcript.segments)])
        self._firsts = {sentence.segment_ids[0] for sentence in spoken}
        self._lasts = {sentence.segment_ids[-1] for sentence in spoken if sentence.complete}

    def statements(self, statements: Sequence[Statement], what: str) -> tuple[Statement, ...]:
        return tuple(s for item in statements for s in self._said(item, item.text, what, item.text))

    def terms(self, terms: Sequence[Term]) -> tuple[Term, ...]:
        return tuple(t for item in terms for t in self._said(item, item.label, "term", item.label))

    def judged(self, item: Judged | None, what: str) -> Judged | None:
        """A judgement keeps the segments that exist; one without any goes."""
        if item is None:
            return None
        ids = self._known(item.segment_ids)
        if not ids:
            self._drop(what, item.label, "it cites no segment of the transcript")
            return None
        return replace(item, segment_ids=ids)

    def chapters(self, chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
        """In order of time, tiling the talk; each cites the segments that begin inside it."""
        ordered = sorted(chapters, key=lambda chapter: chapter.start_s)
        kept: list[Chapter] = []
        for chapter in ordered:
            ids = self._known(chapter.segment_ids)
            if ids and not (kept and set(ids) & set(kept[-1].segment_ids)):
                kept.append(replace(chapter, segment_ids=tuple(range(ids[0], ids[-1] + 1))))
            else:
                why = "it overlaps the chapter before it" if ids else "it cites no segment of the transcript"
                self._drop("chapter", chapter.title, why)
        if not kept:
            return ()
        return tuple(self._tiled(kept, position) for position in range(len(kept)))

    def highlights(self, highlights: Sequence[Highlight]) -> tuple[Highlight, ...]:
        kept: list[Highlight] = []
        for highlight in highlights:
            why = self._unfit(highlight, kept)
            if why:
                self._drop("highlight", highlight.title, why)
                continue
            first, last = self._ends(highlight.segment_ids)
            kept.append(replace(highlight, start_s=first.start_s, end_s=last.end_s))
        return tuple(kept)

    def question(self, asked: QuizQuestion) -> tuple[QuizQuestion, ...]:
        why = self._unfair(asked)
        if why:
            self._drop("question", asked.question, why)
            return ()
        proof = f"{asked.choices[asked.answer_index]}\n{asked.explanation}"
        return self._said(asked, proof, "question", asked.question)

    def _said(self, item: Cited, text: str, what: str, named: str) -> tuple[Cited, ...]:
        """The item with its ids and start put right; empty where the cited segments do not say `text`."""
        ids = self._known(item.segment_ids)
        source = "\n".join(self._segments[i].text for i in ids)
        if not ids or not stands_in(text, source, self._language):
            self._drop(what, named, "the cited segments do not say it")
            return ()
        first, last = self._ends(ids)
        inside = first.start_s - _ROUNDING_S <= item.start_s <= last.end_s
        return (replace(item, segment_ids=ids, start_s=item.start_s if inside else first.start_s),)

    def _tiled(self, kept: Sequence[Chapter], position: int) -> Chapter:
        chapter, last = kept[position], position == len(kept) - 1
        first_id = 0 if position == 0 else chapter.segment_ids[0]
        stop_id = max(self._segments) + 1 if last else kept[position + 1].segment_ids[0]
        start_s = 0.0 if position == 0 else self._boundary(chapter)
        end_s = self._end_s if last else self._boundary(kept[position + 1])
        whole = stands_in(chapter.summary, self._text(range(first_id, stop_id)), self._language)
        if not whole:
            self._drop("chapter summary", chapter.summary, "the chapter does not say it")
        return replace(
            chapter,
            start_s=start_s,
            end_s=end_s,
            segment_ids=self._known(range(first_id, stop_id)),
            summary=chapter.summary if whole else "",
            key_points=self.statements(chapter.key_points, "key point"),
            terms=self.terms(chapter.terms),
        )

    def _boundary(self, chapter: Chapter) -> float:
        """Where a chapter begins: as it says when that lies in the pause or sentence there."""
        first = self._segments[chapter.segment_ids[0]]
        before = self._segments.get(first.id - 1, first)
        fits = before.start_s <= chapter.start_s <= first.end_s
        return chapter.start_s if fits else first.start_s

    def _unfit(self, highlight: Highlight, kept: Sequence[Highlight]) -> str:
        ids = highlight.segment_ids
        if not ids or self._known(ids) != tuple(range(ids[0], ids[-1] + 1)):
            return "it does not cite consecutive segments of the transcript"
        first, last = self._ends(ids)
        if ids[0] not in self._firsts or ids[-1] not in self._lasts:
            return "it does not begin and end with a sentence"
        if not _SHORTEST_S <= last.end_s - first.start_s <= _LONGEST_S:
            return f"it is not {_SHORTEST_S:.0f} to {_LONGEST_S:.0f} s long"
        if any(set(ids) & set(other.segment_ids) for other in kept):
            return "it overlaps a better one"
        return ""

    def _unfair(self, asked: QuizQuestion) -> str:
        choices = [" ".join(choice.lower().split()) for choice in asked.choices]
        if not 0 <= asked.answer_index < len(choices) or len(choices) < _LEAST_CHOICES:
            return "it has no answer among its choices"
        if len(set(choices)) < len(choices):
            return "a choice stands twice"
        if stands_in(choices[asked.answer_index], asked.question, self._language):
            return "the question gives its answer away"
        return ""

    def _known(self, ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(sorted({i for i in ids if i in self._segments}))

    def _ends(self, ids: Sequence[int]) -> tuple[Segment, Segment]:
        return self._segments[ids[0]], self._segments[ids[-1]]

    def _text(self, ids: Sequence[int]) -> str:
        return "\n".join(self._segments[i].text for i in ids if i in self._segments)

    def _drop(self, what: str, text: str, why: str) -> None:
        self.dropped.append(f"Dropped the {what} \u201c{text}\u201d: {why}.")
