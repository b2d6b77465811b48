import itertools

import numpy as np
import pytest

from mindreel.insight.embedded.segmentation import centred, gaps, segment_costs, smoothed


def test_costs_are_squared_errors_around_each_part_s_mean() -> None:
    rows = np.random.default_rng(1).normal(size=(9, 4))
    costs = segment_costs(rows)
    for start, end in itertools.combinations(range(10), 2):
        part = rows[start:end]
        assert costs[start, end] == pytest.approx(((part - part.mean(axis=0)) ** 2).sum(), abs=1e-9)


def test_costs_between_some_places_are_those_of_all_rows_between_them() -> None:
    rows = np.random.default_rng(2).normal(size=(9, 4))
    at = np.array([0, 2, 3, 7, 9])
    assert np.allclose(segment_costs(rows, at), segment_costs(rows)[np.ix_(at, at)])


def test_a_change_of_subject_is_the_widest_gap() -> None:
    rows = np.vstack([np.tile([1.0, 0.1], (6, 1)), np.tile([0.1, 1.0], (6, 1))])
    found = gaps(rows, width=4)
    assert int(np.argmax(found)) == 6
    assert found[0] == 0
    assert found[[1, 2, 10, 11]] == pytest.approx(0, abs=1e-9)


def test_smoothing_averages_the_neighbours_that_exist() -> None:
    rows = np.array([[0.0], [3.0], [6.0], [9.0]])
    assert smoothed(rows, radius=1)[:, 0].tolist() == [1.5, 3.0, 6.0, 7.5]
    weighted = smoothed(rows, radius=1, weights=np.array([1.0, 1.0, 2.0, 1.0]))
    assert weighted[:, 0].tolist() == [1.5, 3.75, 6.0, 7.0]


def test_centring_takes_away_what_all_share_and_survives_equal_rows() -> None:
    assert np.allclose(centred(np.array([[1.0, 1.0], [1.0, -1.0]])), [[0, 1], [0, -1]])
    assert np.isfinite(centred(np.ones((3, 2)))).all()
