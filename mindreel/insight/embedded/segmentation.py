"""Where a talk changes its subject.

Squared-error segmentation by dynamic programming (Bellman 1961; Jackson et al. 2005, optimal
partitioning) over centred, smoothed sentence vectors, and a criterion for the number of parts.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def centred(vectors: Array) -> Array:
    """Rows without what all sentences of the talk share, of length 1 again. Shape (n, d) as given."""
    moved = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    unit: Array = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit


def smoothed(vectors: Array, *, radius: int) -> Array:
    """Each row replaced by the mean of its neighbours within `radius`, fewer at the ends."""
    totals = np.vstack([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0)])
    rows = np.arange(len(vectors))
    low, high = np.maximum(rows - radius, 0), np.minimum(rows + radius + 1, len(vectors))
    means: Array = (totals[high] - totals[low]) / (high - low)[:, None]
    return means


def segment_costs(vectors: Array) -> Array:
    """Squared error around the mean of rows i to j-1, at [i, j]; shape (n + 1, n + 1), 0 where j <= i."""
    totals = np.vstack([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((vectors**2).sum(axis=1))])
    gram = totals @ totals.T
    norms = np.diag(gram)
    between = norms[None, :] + norms[:, None] - 2 * gram
    count = np.arange(len(totals))[None, :] - np.arange(len(totals))[:, None]
    error = squares[None, :] - squares[:, None] - between / np.maximum(count, 1)
    costs: Array = np.where(count > 0, np.maximum(error, 0.0), 0.0)
    return costs


def best_partitions(costs: Array, *, most: int, least_rows: int) -> list[tuple[float, list[int]]]:
    """For 1 to `most` parts: the least total cost, and the first row of each part.

    Stops early where parts of at least `least_rows` rows no longer fit.
    """
    n = len(costs) - 1
    best = np.where(np.arange(n + 1) >= least_rows, costs[0], np.inf)
    best[n] = costs[0, n]
    back: list[NDArray[np.int64]] = []
    found = [(float(best[n]), [0])]
    for parts in range(2, most + 1):
        if parts * least_rows > n:
            break
        step = np.full(n + 1, np.inf)
        origin = np.zeros(n + 1, dtype=np.int64)
        for end in range(parts * least_rows, n + 1):
            totals = best[: end - least_rows + 1] + costs[: end - least_rows + 1, end]
            origin[end] = int(np.argmin(totals))
            step[end] = totals[origin[end]]
        back.append(origin)
        best = step
        found.append((float(best[n]), _trace(back, n)))
    return found


def _trace(back: Sequence[NDArray[np.int64]], n: int) -> list[int]:
    starts, end = [], n
    for origin in reversed(back):
        end = int(origin[end])
        starts.append(end)
    return [0, *reversed(starts)]
