"""What a person learns from a video; every statement cites the transcript segments it rests on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """A sentence and where it was said."""

    text: str
    start_s: float
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """A key phrase: topic of a video, or leaf of the mind map."""

    label: str
    weight: float
    """0 to 1, comparable within one list."""
    start_s: float
    """Where it is first said in its context."""
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class Chapter:
    """A part of the video about one thing; chapters cover the talk without gap or overlap."""

    title: str
    start_s: float
    end_s: float
    segment_ids: tuple[int, ...]
    """First to last, consecutive."""
    summary: str = ""
    """One or two sentences from the chapter; rests on `segment_ids`."""
    key_points: tuple[Statement, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Highlight:
    """A stretch worth a clip, on sentence boundaries."""

    title: str
    start_s: float
    end_s: float
    score: float
    """0 to 1, comparable within one video."""
    reason: str
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class QuizQuestion:
    """Answerable from the video alone; exactly one choice is right."""

    question: str
    choices: tuple[str, ...]
    answer_index: int
    explanation: str
    """The sentence of the video that proves the answer."""
    start_s: float
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class Sentiment:
    """Tone of the whole: negative, neutral, positive or mixed."""

    label: str
    score: float
    """-1 to 1."""
    segment_ids: tuple[int, ...]
    """The sentences that weigh most."""


@dataclass(frozen=True)
class Category:
    """What kind of video it is; `other` when no category stands out."""

    label: str
    confidence: float
    """0 to 1: the margin over the next best."""
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class Analysis:
    """The whole analysis of one transcript."""

    language: str
    analyzer: str
    """What made it, with its version, e.g. `embedded/1`."""
    summary: tuple[Statement, ...] = ()
    key_points: tuple[Statement, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    """Best first; may overlap no other."""
    topics: tuple[Term, ...] = ()
    sentiment: Sentiment | None = None
    category: Category | None = None
    quiz: tuple[QuizQuestion, ...] = ()
    skipped: tuple[str, ...] = ()
    """Sentences: what was left out and why (`Sentiment is measured for English only; …`)."""


@dataclass(frozen=True)
class MindmapNode:
    """A node of the mind map; its second is where the video speaks of it."""

    label: str
    kind: str
    """title, chapter, point or term."""
    start_s: float
    segment_ids: tuple[int, ...] = ()
    children: tuple["MindmapNode", ...] = ()
