"""Vectors of sentences, and what it costs to take neighbouring ones for one subject.

Squared error around a part's mean: Bellman 1961; Jackson et al. 2005, optimal partitioning.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def centred(vectors: Array, weights: Array | None = None) -> Array:
    """Rows without what all sentences of the talk share, of length 1 again. Shape (n, d) as given.

    `weights`, shape (n,), say how much each row counts in what is shared.
    """
    moved = vectors.astype(np.float64) - np.average(vectors, axis=0, weights=weights)
    unit: Array = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit


def smoothed(vectors: Array, *, radius: int, weights: Array | None = None) -> Array:
    """Each row replaced by the mean of its neighbours within `radius`, fewer at the ends.

    `weights`, shape (n,) and above 0, say how much each row counts.
    """
    counts = np.ones(len(vectors)) if weights is None else weights
    totals, weight = running(vectors * counts[:, None]), running(counts[:, None])
    rows = np.arange(len(vectors))
    low, high = np.maximum(rows - radius, 0), np.minimum(rows + radius + 1, len(vectors))
    means: Array = (totals[high] - totals[low]) / (weight[high] - weight[low])
    return means


def gaps(rows: Array, *, width: int) -> Array:
    """1 less the cosine between what stands within `width` rows before each row, and from it on; 0 first."""
    totals = running(rows)
    at = np.arange(len(rows))
    before = totals[at] - totals[np.maximum(at - width, 0)]
    after = totals[np.minimum(at + width, len(rows))] - totals[at]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    found: Array = 1 - (before * after).sum(axis=1) / np.maximum(lengths, 1e-9)
    found[:1] = 0
    return found


def segment_costs(vectors: Array, at: NDArray[np.int64] | None = None) -> Array:
    """Squared error around the mean of rows at[i] to at[j]-1, at [i, j]; 0 where j <= i.

    `at` ascends; by default every row and the end, so that the shape is (n + 1, n + 1).
    """
    at = np.arange(len(vectors) + 1) if at is None else at
    totals = running(vectors)[at]
    squares = running((vectors**2).sum(axis=1)[:, None])[at, 0]
    gram = totals @ totals.T
    norms = np.diag(gram)
    between = norms[None, :] + norms[:, None] - 2 * gram
    count = at[None, :] - at[:, None]
    error = squares[None, :] - squares[:, None] - between / np.maximum(count, 1)
    costs: Array = np.where(count > 0, np.maximum(error, 0.0), 0.0)
    return costs


def running(rows: Array) -> Array:
    """Sums of the first 0, 1, ... n rows; shape (n + 1, d)."""
    return np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
