"""The analysis that needs no key, no hub and no GPU."""

from dataclasses import replace

import numpy as np

from mindreel.contracts.analysis import Analysis, Chapter
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo
from mindreel.errors import CancelledError
from mindreel.insight.embedded.category import category
from mindreel.insight.embedded.chapters import computed, from_uploader
from mindreel.insight.embedded.highlights import highlights
from mindreel.insight.embedded.lexical import WithWords, features
from mindreel.insight.embedded.phrases import phrases
from mindreel.insight.embedded.quiz import quiz
from mindreel.insight.embedded.sentiment import sentiment
from mindreel.insight.embedded.skipped import nothing_said, skipped
from mindreel.insight.embedded.summary import Carriers, key_points, statement, summarize
from mindreel.insight.embedded.talk import Array, Talk, duration_s, mean_direction, unit
from mindreel.insight.embedded.terms import Terms, as_terms
from mindreel.insight.embedded.titles import title
from mindreel.insight.embeddings import Embedder
from mindreel.insight.grounding import ground
from mindreel.insight.sentences import sentences
from mindreel.insight.words import content_words

_EMBEDDING_SHARE = 0.8  # of the whole time
_TITLE_WEIGHT = 0.4


class EmbeddedAnalyzer:
    """Extractive: everything it says, the talk says; vectors decide what matters and where it turns."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def name(self) -> str:
        """See `Analyzer.name`."""
        return f"embedded/2 {self._embedder.name}"

    def analyze(self, transcript: Transcript, info: SourceInfo, *, reporter: Reporter) -> Analysis:
        """See `Analyzer.analyze`."""
        spoken = sentences(transcript)
        if not any(content_words(sentence.text, transcript.language) for sentence in spoken):
            return nothing_said(transcript, self.name)
        texts = [sentence.text for sentence in spoken]
        embedder = self._embedder
        if transcript.language[:2] not in embedder.languages:
            embedder = WithWords(embedder, texts, transcript.language)
        vectors = embedder.embed(texts, reporter=_Share(reporter, 0.0, _EMBEDDING_SHARE))
        talk = Talk(
            title=info.title,
            language=transcript.language,
            duration_s=duration_s(transcript),
            sentences=spoken,
            content=tuple(tuple(features(text, transcript.language)) for text in texts),
            vectors=vectors.astype(np.float64),
            about=_about(vectors.astype(np.float64), info.title, embedder),
            phrases=phrases(texts, transcript.language),
        )
        analysis = self._write(talk, info, embedder, _Share(reporter, _EMBEDDING_SHARE, 1.0))
        grounded, dropped = ground(analysis, transcript)
        reasons = skipped(grounded, talk, transcript, info)
        return replace(grounded, skipped=(*reasons, *dropped))

    def _write(self, talk: Talk, info: SourceInfo, embedder: Embedder, reporter: "_Share") -> Analysis:
        given = from_uploader(talk, info.chapters)
        firsts = [0, *([first for _, _, first in given] or computed(talk))[1:]]
        spans = [range(a, b) for a, b in zip(firsts, [*firsts[1:], len(talk.sentences)], strict=True)]
        carriers, terms = Carriers(talk, spans), Terms(talk, embedder)
        reporter.step(0.4)
        summary = summarize(talk, spans, carriers)
        chapters = _chapters(talk, spans, given, terms, carriers, set(summary))
        reporter.step(0.6)
        found = highlights(talk, spans, chapters, terms, carriers)
        reporter.step(0.8)
        english = talk.language.startswith("en")
        analysis = Analysis(
            language=talk.language,
            analyzer=self.name,
            summary=tuple(statement(talk, index) for index in summary),
            key_points=key_points(chapters),
            chapters=chapters,
            highlights=found,
            topics=terms.topics(),
            sentiment=sentiment(talk) if english else None,
            category=category(talk, self._embedder) if english else None,
            quiz=quiz(talk, spans, terms, carriers),
        )
        reporter.step(1.0)
        return analysis


def _about(vectors: Array, title: str, embedder: Embedder) -> Array:
    centre = mean_direction(vectors)
    if not title.strip():
        return centre
    return unit(centre + _TITLE_WEIGHT * embedder.embed([title])[0])


def _chapters(  # noqa: PLR0917 - each is another thing
    talk: Talk,
    spans: list[range],
    given: list[tuple[str, float, int]],
    terms: Terms,
    carriers: Carriers,
    summary: set[int],
) -> tuple[Chapter, ...]:
    starts_s = [start_s for _, start_s, _ in given] or [talk.sentences[span.start].start_s for span in spans]
    starts_s[0] = 0.0
    ends_s = [*starts_s[1:], talk.duration_s]
    taken: set[str] = set()
    found = []
    for position, span in enumerate(spans):
        scored = terms.of(span, spans)
        named = given[position][0] if given else title(talk, span, scored, carriers, taken)
        lead = sorted(carriers.pick(span, 1 if len(span) < 12 else 2, taken=set()))  # noqa: PLR2004 - a dozen sentences are a minute
        points = carriers.pick(span, _points(span), taken=summary) or lead
        found.append(
            Chapter(
                title=named,
                start_s=starts_s[position],
                end_s=ends_s[position],
                segment_ids=talk.segment_ids(span),
                summary=" ".join(statement(talk, index).text for index in lead),
                key_points=tuple(statement(talk, index) for index in sorted(points)),
                terms=as_terms(talk, (scored or terms.of(span, spans, least=1))[:4]),
            )
        )
    return tuple(found)


def _points(span: range) -> int:
    """2 key points in a short chapter, 4 in a long one."""
    return min(4, 2 + len(span) // 25)


class _Share:
    """A reporter for a part of the work."""

    def __init__(self, reporter: Reporter, low: float, high: float) -> None:
        self._reporter, self._low, self._high = reporter, low, high

    def progress(self, fraction: float, note: str = "") -> None:
        self._reporter.progress(self._low + fraction * (self._high - self._low), note)

    def wait_cancelled(self, seconds: float) -> bool:
        return self._reporter.wait_cancelled(seconds)

    def step(self, fraction: float) -> None:
        """Tell progress; raises `CancelledError` when told to stop."""
        if self.wait_cancelled(0):
            raise CancelledError("The analysis was cancelled.")
        self.progress(fraction)
