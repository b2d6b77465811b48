"""The chapters that are expected to be nearest to the true ones.

Minimum Bayes risk: of all ways to cut, the one that does best on average over the ways that are probable,
not the most probable one. Near means a low Pk (Beeferman et al. 1999) and many starts hit within 3 sentences.
"""

import numpy as np
from numpy.typing import NDArray

from mindreel.insight.embedded.segmentation import Array
from mindreel.insight.embedded.semi_markov import Posterior

TOLERANCE = 3  # sentences by which a start may miss
_LEAST_SENTENCES = 2 * TOLERANCE + 1  # nearer starts would count one true start twice
_LEAST_HOPE = 0.25  # of hitting a true start; with the two below chosen on the development talks
_HIT_WEIGHT = 1.0  # against Pk
_UNEVEN_WEIGHT = 0.05  # against chapters much shorter or longer than expected


def best_cut(found: Posterior, at: NDArray[np.int64]) -> list[int]:
    """First sentence of each chapter, ascending from 0. `at`: see `Evidence.at`."""
    expected = 1 + float(found.starts.sum())
    hits = _hits(found, at) - _LEAST_HOPE
    hits[0] = 0.0
    lengths = np.maximum(at[None, :] - at[:, None], 1)
    uneven = _UNEVEN_WEIGHT * np.log(lengths * expected / at[-1]) ** 2
    risk = _apart(found, at, expected) + _HIT_WEIGHT / expected * (uneven - hits_of_rows(hits))
    risk[lengths < min(_LEAST_SENTENCES, at[-1])] = np.inf
    return [int(at[place]) for place in _cheapest_path(risk)]


def hits_of_rows(hits: Array) -> Array:
    """The worth of each start, for every span that begins there; the end begins none."""
    return np.append(hits, 0.0)[:, None]


def _hits(found: Posterior, at: NDArray[np.int64]) -> Array:
    """True starts expected within the tolerance of each place."""
    starts = np.zeros(int(at[-1]) + 2 * TOLERANCE)
    starts[at[:-1] + TOLERANCE] = found.starts
    totals = np.concatenate([[0.0], np.cumsum(starts)])
    near: Array = totals[at[:-1] + 2 * TOLERANCE + 1] - totals[at[:-1]]
    return near


def _apart(found: Posterior, at: NDArray[np.int64], expected: float) -> Array:
    """What keeping all of a span together adds to the expected Pk, shape as `Posterior.spans`.

    Pk looks at pairs of sentences half a mean chapter apart: each that is kept together costs the
    probability that it is apart, less that it is not.
    """
    n = int(at[-1])
    step = min(max(1, round(n / expected / 2)), n - 1)
    if step < 1:
        return np.zeros_like(found.spans)
    together = np.cumsum(found.spans, axis=0)
    together = np.cumsum(together[:, ::-1], axis=1)[
        :, ::-1
    ]  # [i, j]: begins at i or before, ends at j or after
    firsts = np.arange(n - step)
    begin = np.searchsorted(at, firsts, side="right") - 1
    end = np.searchsorted(at, firsts + step, side="right")
    costs = np.concatenate([[0.0], np.cumsum(1 - 2 * together[begin, end])])
    high = np.clip(at - step, 0, n - step)[None, :]
    low = np.minimum(at, n - step)[:, None]
    cost: Array = np.where(high > low, costs[high] - costs[low], 0.0) / (n - step)
    return cost


def _cheapest_path(risk: Array) -> list[int]:
    """Places where the spans of least total risk begin."""
    last = len(risk) - 1
    best, origin = np.full(last + 1, np.inf), np.zeros(last + 1, dtype=np.int64)
    best[0] = 0.0
    for end in range(1, last + 1):
        totals = best[:end] + risk[:end, end]
        origin[end] = int(np.argmin(totals))
        best[end] = totals[origin[end]]
    path, place = [], last
    while place > 0:
        place = int(origin[place])
        path.append(place)
    return path[::-1]
