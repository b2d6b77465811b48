"""Shared words as a second opinion where the sentence model knows a language badly."""

import math
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from mindreel.contracts.progress import Reporter
from mindreel.insight.embeddings import Embedder, Vectors
from mindreel.insight.words import UNSPACED_RUN, content_words, stem

_DIMENSIONS = 512
_WEIGHT = 0.5
"""Of the words in a cosine; the rest is the model's."""


def features(text: str, language: str) -> list[str]:
    """Stems of content words; of unspaced scripts, pairs of neighbouring signs."""
    found: list[str] = []
    for word in content_words(text, language):
        if UNSPACED_RUN.fullmatch(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(stem(word))
    return found


class WithWords:
    """An embedder whose vectors hold the model's and the talk's own words, hashed (tf-idf).

    Feature hashing: Weinberger et al. 2009.
    """

    def __init__(self, embedder: Embedder, texts: Sequence[str], language: str) -> None:
        """`texts`: the sentences of the talk, which say how rare each word is."""
        self._embedder = embedder
        self._language = language
        self._total = len(texts)
        self._homes = Counter(word for text in texts for word in set(features(text, language)))

    @property
    def name(self) -> str:
        """See `Embedder.name`."""
        return f"{self._embedder.name} with words"

    @property
    def dimensions(self) -> int:
        """See `Embedder.dimensions`."""
        return self._embedder.dimensions + _DIMENSIONS

    @property
    def languages(self) -> frozenset[str]:
        """See `Embedder.languages`; shared words help in any other."""
        return self._embedder.languages

    def embed(self, texts: Sequence[str], *, reporter: Reporter | None = None) -> Vectors:
        """See `Embedder.embed`."""
        model = self._embedder.embed(texts, reporter=reporter)
        words = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            for word, count in Counter(features(text, self._language)).items():
                code = zlib.crc32(word.encode())
                rarity = math.log((1 + self._total) / (1 + self._homes[word]))
                words[row, (code >> 1) % _DIMENSIONS] += (1 + math.log(count)) * rarity * (1 - 2 * (code & 1))
        words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-9)
        both = np.hstack([math.sqrt(1 - _WEIGHT) * model, math.sqrt(_WEIGHT) * words])
        unit: Vectors = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
        return unit.astype(np.float32)
