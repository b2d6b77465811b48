"""Probabilities and decisions, compared with every way to cut a short talk."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.insight.embedded.decoding import best_cut
from mindreel.insight.embedded.semi_markov import Evidence, posterior

Cut = tuple[int, ...]
START_WEIGHTS, SPAN_WEIGHTS = np.array([0.7, -0.4]), np.array([-0.6, 0.3])


def evidence(places: int, seed: int) -> Evidence:
    random = np.random.default_rng(seed)
    return Evidence(
        at=np.arange(places + 1),
        starts=random.normal(size=(places, 2)),
        spans=random.normal(size=(2, places + 1, places + 1)).astype(np.float32),
    )


def cuts(found: Evidence) -> Iterator[tuple[Cut, float]]:
    """Every way to cut, as the places of all starts and the end, and its score."""
    last = len(found.at) - 1
    for count in range(last):
        for inner in itertools.combinations(range(1, last), count):
            cut = (0, *inner, last)
            score = sum(float(found.starts[i] @ START_WEIGHTS) for i in inner)
            score += sum(float(SPAN_WEIGHTS @ found.spans[:, a, b]) for a, b in itertools.pairwise(cut))
            yield cut, score


@given(st.integers(0, 1000))
def test_probabilities_are_those_of_all_cuts(seed: int) -> None:
    given_evidence = evidence(7, seed)
    found = posterior(given_evidence, START_WEIGHTS, SPAN_WEIGHTS)
    scored = list(cuts(given_evidence))
    total = float(np.logaddexp.reduce([score for _, score in scored]))
    starts, spans = np.zeros(7), np.zeros((8, 8))
    for cut, score in scored:
        share = np.exp(score - total)
        starts[list(cut[1:-1])] += share
        for a, b in itertools.pairwise(cut):
            spans[a, b] += share
    assert found.log_total == pytest.approx(total, abs=1e-5)
    assert np.allclose(found.starts, starts, atol=1e-5)
    assert np.allclose(found.spans, spans, atol=1e-5)


def test_what_is_probable_is_cut_and_nothing_nearer_than_starts_can_be_told_apart() -> None:
    sentences = 60
    starts = np.zeros((sentences, 1))
    starts[[20, 21, 40]] = [[8.0], [7.0], [8.0]]
    certain = Evidence(
        at=np.arange(sentences + 1),
        starts=starts - 4,
        spans=np.zeros((1, sentences + 1, sentences + 1), dtype=np.float32),
    )
    found = best_cut(posterior(certain, np.ones(1), np.zeros(1)), certain.at)
    assert len(found) == 3
    assert found[0] == 0
    assert abs(found[1] - 20) <= 3
    assert abs(found[2] - 40) <= 3


def test_places_may_leave_sentences_out() -> None:
    at = np.array([0, 15, 30, 32, 45, 60])
    starts = np.array([[0.0], [-6.0], [6.0], [-6.0], [-6.0]])
    thin = Evidence(at=at, starts=starts, spans=np.zeros((1, 6, 6), dtype=np.float32))
    assert best_cut(posterior(thin, np.ones(1), np.zeros(1)), at) == [0, 30]


@pytest.mark.parametrize("sentences", [1, 2, 6, 13])
def test_a_few_sentences_are_one_chapter(sentences: int) -> None:
    few = evidence(sentences, 3)
    assert best_cut(posterior(few, START_WEIGHTS, SPAN_WEIGHTS), few.at) == [0]
