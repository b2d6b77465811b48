"""Which of a talk's phrases say what a part of it, or all of it, is about."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mindreel.contracts.analysis import Term
from mindreel.insight.embedded.phrases import Phrase
from mindreel.insight.embedded.talk import Array, Talk, mean_direction
from mindreel.insight.embeddings import Embedder
from mindreel.insight.words import is_unspaced, stem, tokens

_MOST_CANDIDATES = 500
_SEVERAL_WORDS = 1.3  # `fee market` says more than `market`
_TOO_ALIKE = 0.8
_MOSTLY_HERE = 0.6  # a term of many chapters still names the one that says it most
_YAKE_WORDS = 20_000  # a longer talk is judged by sentences spread evenly over it


@dataclass(frozen=True)
class Scored:
    """A phrase and how well it tells what the sentences are about."""

    phrase: Phrase
    score: float
    mentions: tuple[int, ...]
    """Among the sentences asked about."""


class Terms:
    """The phrases of one talk, comparable with its sentences."""

    def __init__(self, talk: Talk, embedder: Embedder) -> None:
        common = Counter({phrase: len(phrase.mentions) for phrase in talk.phrases})
        self._talk = talk
        self.phrases = [phrase for phrase, _ in common.most_common(_MOST_CANDIDATES)]
        self.vectors: Array = embedder.embed([p.label for p in self.phrases]).astype(np.float64)

    def of(self, span: range, spans: Sequence[range], *, least: int = 2) -> list[Scored]:
        """Phrases said at least `least` times in `span` and in no more than half of `spans`, best first."""
        found = []
        centre = mean_direction(self._talk.vectors[span.start : span.stop])
        for phrase, vector in zip(self.phrases, self.vectors, strict=True):
            mentions = tuple(i for i in phrase.mentions if i in span)
            homes = sum(any(i in other for i in phrase.mentions) for other in spans)
            here = len(mentions) / len(phrase.mentions)
            common = homes > max(1, len(spans) / 2) and here < _MOSTLY_HERE
            if len(mentions) < least or common:
                continue
            score = (1 + math.log(len(mentions))) * (0.25 + max(0.0, float(vector @ centre)))
            score *= math.log(1 + len(spans) / max(1, homes)) * here
            score *= _SEVERAL_WORDS if phrase.words > 1 else 1.0
            found.append(Scored(phrase, score, mentions))
        return distinct(_without_parts(sorted(found, key=lambda scored: -scored.score)))

    def topics(self, *, most: int = 8) -> tuple[Term, ...]:
        """What the whole talk is about: YAKE's relevance (Campos et al. 2020), nearness, and spread."""
        talk, relevance = self._talk, _yake(self._talk)
        found = []
        for phrase, vector in zip(self.phrases, self.vectors, strict=True):
            if len(phrase.mentions) < min(2, len(talk.sentences) // 8):
                continue
            known = relevance.get(phrase.key, 0.3)
            score = (1 + math.log(len(phrase.mentions))) * (0.25 + max(0.0, float(vector @ talk.about)))
            score *= (0.5 + known) * (_SEVERAL_WORDS if phrase.words > 1 else 1.0)
            found.append(Scored(phrase, score, phrase.mentions))
        best = sorted(found, key=lambda scored: -scored.score)
        return as_terms(talk, self._unlike(distinct(_without_parts(best)), most))

    def vector(self, phrase: Phrase) -> Array:
        """The phrase's own vector."""
        row: Array = self.vectors[self.phrases.index(phrase)]
        return row

    def _unlike(self, scored: list[Scored], most: int) -> list[Scored]:
        kept: list[Scored] = []
        for candidate in scored:
            vector = self.vector(candidate.phrase)
            alike = any(float(vector @ self.vector(other.phrase)) > _TOO_ALIKE for other in kept)
            if len(kept) < most and not alike:
                kept.append(candidate)
        return kept


def as_terms(talk: Talk, scored: Sequence[Scored]) -> tuple[Term, ...]:
    """As contract values, weights relative to the best, each citing up to five sentences."""
    top = max((item.score for item in scored), default=1.0)
    return tuple(
        Term(
            label=item.phrase.label,
            weight=round(item.score / top, 3),
            start_s=talk.sentences[item.mentions[0]].start_s,
            segment_ids=talk.segment_ids(sorted(set(item.mentions))[:5]),
        )
        for item in scored
    )


def distinct(scored: Iterable[Scored]) -> list[Scored]:
    """Without phrases that share a word with a better one."""
    kept: list[Scored] = []
    for candidate in scored:
        words = set(candidate.phrase.key)
        overlaps = any(
            words & set(other.phrase.key)
            or candidate.phrase.label in other.phrase.label
            or other.phrase.label in candidate.phrase.label
            for other in kept
        )
        if not overlaps:
            kept.append(candidate)
    return kept


def _without_parts(scored: list[Scored]) -> list[Scored]:
    """Without `market` where most of its mentions are `fee market`."""

    def is_part(short: Scored) -> bool:
        return any(
            set(short.phrase.key) < set(long.phrase.key) and len(long.mentions) >= 0.5 * len(short.mentions)
            for long in scored
        )

    return [item for item in scored if not is_part(item)]


def _yake(talk: Talk) -> dict[tuple[str, ...], float]:
    """YAKE's relevance by phrase key, 1 for the best; nothing for unspaced scripts, which it cannot read."""
    if is_unspaced(talk.language):
        return {}
    from yake import KeywordExtractor  # noqa: PLC0415 - pulls in networkx, which only the analysis needs

    texts = [sentence.text for sentence in talk.sentences]
    step = 1 + sum(len(text.split()) for text in texts) // _YAKE_WORDS
    extractor = KeywordExtractor(lan=talk.language[:2], n=3, top=200)
    ranked = extractor.extract_keywords(" ".join(texts[::step]))
    return {
        tuple(stem(word) for word in tokens(label)): 1 - rank / len(ranked)
        for rank, (label, _) in enumerate(ranked)
    }
