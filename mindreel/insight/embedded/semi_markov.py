"""How probable each chapter is, among all ways to cut a talk.

A semi-Markov conditional random field with one kind of segment (Sarawagi and Cohen 2004): the probability of
a way to cut is proportional to the exponential of the weights of its chapters' starts and of their spans.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindreel.insight.embedded.segmentation import Array


@dataclass(frozen=True)
class Evidence:
    """What is measured of a talk. Places are the sentences where a chapter may begin, and the end."""

    at: NDArray[np.int64]
    """Sentence of each place, shape (p + 1,): ascending from 0, the last is the number of sentences."""
    starts: Array
    """Of a chapter that begins at each place, shape (p, features); the first is not used."""
    spans: NDArray[np.float32]
    """Of a chapter from one place to a later one, shape (features, p + 1, p + 1)."""


@dataclass(frozen=True)
class Posterior:
    """Probabilities given the evidence."""

    starts: Array
    """That a chapter begins at a place, shape (p,); 0 for the first, where one always does."""
    spans: Array
    """That one chapter lasts from place i to place j, at [i, j]; shape (p + 1, p + 1)."""
    log_total: float
    """Natural logarithm of the sum over all ways to cut."""


def posterior(evidence: Evidence, start_weights: Array, span_weights: Array) -> Posterior:
    """By the forward-backward algorithm, in time that grows with the square of the places."""
    scores = _scores(evidence, start_weights, span_weights)
    last = len(scores) - 1
    forward, backward = np.full(last + 1, -np.inf), np.full(last + 1, -np.inf)
    forward[0] = backward[last] = 0.0
    for j in range(1, last + 1):
        forward[j] = _log_sum(forward[:j] + scores[:j, j])
    for i in range(last - 1, -1, -1):
        backward[i] = _log_sum(scores[i, i + 1 :] + backward[i + 1 :])
    scores += forward[:, None]
    scores += backward[None, :] - forward[last]
    spans = np.exp(scores, out=scores)
    starts = spans.sum(axis=1)[:-1]
    starts[0] = 0.0
    return Posterior(starts, spans, float(forward[last]))


def _scores(evidence: Evidence, start_weights: Array, span_weights: Array) -> Array:
    scores: Array = np.tensordot(span_weights, evidence.spans, axes=1).astype(np.float64)
    starts = evidence.starts @ start_weights
    starts[0] = 0.0
    scores[:-1] += starts[:, None]
    scores[np.tri(len(scores), dtype=bool)] = -np.inf
    return scores


def _log_sum(values: Array) -> float:
    most = float(values.max())
    return most + float(np.log(np.exp(values - most).sum()))
