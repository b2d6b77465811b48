import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.insight.embedded.segmentation import best_partitions, centred, segment_costs, smoothed


def test_costs_are_squared_errors_around_each_part_s_mean() -> None:
    rows = np.random.default_rng(1).normal(size=(9, 4))
    costs = segment_costs(rows)
    for start, end in itertools.combinations(range(10), 2):
        part = rows[start:end]
        assert costs[start, end] == pytest.approx(((part - part.mean(axis=0)) ** 2).sum(), abs=1e-9)


@given(st.integers(0, 1000), st.integers(1, 3))
def test_partitions_are_the_best_of_all(seed: int, least: int) -> None:
    """Compared with every way to cut a short talk."""
    rows = np.random.default_rng(seed).normal(size=(9, 3))
    costs = segment_costs(rows)
    for parts, (cost, starts) in enumerate(best_partitions(costs, most=4, least_rows=least), start=1):
        cuts = [
            (0, *inner, 9)
            for inner in itertools.combinations(range(1, 9), parts - 1)
            if all(b - a >= least for a, b in itertools.pairwise((0, *inner, 9)))
        ]
        best = min(sum(costs[a, b] for a, b in itertools.pairwise(cut)) for cut in cuts)
        assert cost == pytest.approx(best, abs=1e-9)
        assert sum(costs[a, b] for a, b in itertools.pairwise([*starts, 9])) == pytest.approx(best, abs=1e-9)


def test_a_change_of_subject_is_found() -> None:
    rows = np.vstack(
        [np.tile([1.0, 0, 0], (7, 1)), np.tile([0, 1.0, 0], (5, 1)), np.tile([0, 0, 1.0], (9, 1))]
    )
    assert best_partitions(segment_costs(rows), most=3, least_rows=2)[2][1] == [0, 7, 12]


def test_smoothing_averages_the_neighbours_that_exist() -> None:
    rows = np.array([[0.0], [3.0], [6.0], [9.0]])
    assert smoothed(rows, radius=1)[:, 0].tolist() == [1.5, 3.0, 6.0, 7.5]


def test_centring_takes_away_what_all_share_and_survives_equal_rows() -> None:
    assert np.allclose(centred(np.array([[1.0, 1.0], [1.0, -1.0]])), [[0, 1], [0, -1]])
    assert np.isfinite(centred(np.ones((3, 2)))).all()
