"""What every part of the embedded analysis looks at: the talk, read once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindreel.contracts.transcript import Transcript
from mindreel.insight.embedded.phrases import Phrase
from mindreel.insight.sentences import Sentence

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Talk:
    """A talk's sentences with their vectors and phrases."""

    title: str
    language: str
    duration_s: float
    sentences: tuple[Sentence, ...]
    content: tuple[tuple[str, ...], ...]
    """Stems of each sentence's content words."""
    vectors: Array
    """Shape (sentences, dimensions), each row of length 1."""
    about: Array
    """The direction of the whole talk and of its title."""
    phrases: tuple[Phrase, ...]

    @property
    def minutes_spoken(self) -> float:
        """How long the speech itself lasts."""
        return sum(sentence.end_s - sentence.start_s for sentence in self.sentences) / 60

    def pause_before_s(self, index: int) -> float:
        """Silence before a sentence."""
        if index == 0:
            return self.sentences[0].start_s
        return max(0.0, self.sentences[index].start_s - self.sentences[index - 1].end_s)

    def segment_ids(self, indices: Sequence[int]) -> tuple[int, ...]:
        """The segments of these sentences, in order."""
        return tuple(sorted({i for index in indices for i in self.sentences[index].segment_ids}))


def duration_s(transcript: Transcript) -> float:
    """Length of the audio, never before the last word."""
    return max([transcript.duration_s, *(segment.end_s for segment in transcript.segments)])


def unit(vector: Array) -> Array:
    """The vector at length 1; zeros stay zeros."""
    length: float = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


def mean_direction(vectors: Array) -> Array:
    """The mean of rows, at length 1."""
    return unit(vectors.mean(axis=0))
