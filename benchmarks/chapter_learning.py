"""How the weights of `mindreel/insight/embedded/chapter_weights.py` are learned.

The most probable weights given talks whose chapters are known: the likelihood of the true cut under the
semi-Markov field, with a normal prior around 0, climbed by L-BFGS (Nocedal 1980).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mindreel.insight.embedded.chapters import evidence
from mindreel.insight.embedded.openings import NAMES
from mindreel.insight.embedded.segmentation import Array
from mindreel.insight.embedded.semi_markov import Evidence, posterior
from mindreel.insight.embedded.talk import Talk

_PRIOR = 1.0  # precision of each weight but that of "always"
_STEPS = 40
_MEMORY = 8
_ALWAYS = NAMES.index("always")
SPANS = 5
FIRST_GUESS = np.array([-2.0 * (name == "always") for name in NAMES] + [-1.0, 0.0, -0.3, 0.0, 0.0])

Objective = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True)
class Lesson:
    """One talk to learn from."""

    evidence: Evidence
    places: tuple[int, ...]
    """Of the true starts, without the talk's own beginning, in `evidence.at`."""


def lesson(talk: Talk, true: Sequence[int], start_weights: Array) -> Lesson:
    """The evidence of a talk with its true starts; those that are no place are moved to the nearest."""
    found = evidence(talk, start_weights)
    inner = found.at[:-1]
    places = {int(np.argmin(np.abs(inner - start))) for start in true} - {0}
    return Lesson(replace(found, starts=found.starts.copy()), tuple(sorted(places)))


def learned(lessons: Sequence[Lesson]) -> tuple[Array, Array]:
    """Weights of starts and of spans."""

    def objective(weights: Array) -> tuple[float, Array]:
        prior = np.full(len(weights), _PRIOR)
        prior[_ALWAYS] = 0.0
        loss, slope = float(prior @ weights**2) / 2, prior * weights
        for each in lessons:
            talk_loss, talk_slope = _surprise(each, weights)
            share = max(1, len(each.places)) ** -0.5  # so that long talks do not decide alone
            loss, slope = loss + share * talk_loss, slope + share * talk_slope
        return loss, slope

    weights = _lowest(objective, FIRST_GUESS)
    return weights[: len(NAMES)], weights[len(NAMES) :]


def _surprise(each: Lesson, weights: Array) -> tuple[float, Array]:
    """Minus the logarithm of the true cut's probability, and its gradient."""
    starts, spans = weights[: len(NAMES)], weights[len(NAMES) :]
    found = posterior(each.evidence, starts, spans)
    inner = list(each.places)
    firsts, lasts = [0, *inner], [*inner, len(each.evidence.at) - 1]
    true_starts = each.evidence.starts[inner].sum(axis=0)
    true_spans = each.evidence.spans[:, firsts, lasts].sum(axis=1)
    mean_starts = found.starts @ each.evidence.starts
    mean_spans = np.tensordot(each.evidence.spans, found.spans.astype(np.float32), axes=2)
    loss = found.log_total - float(true_starts @ starts + true_spans @ spans)
    return loss, np.concatenate([mean_starts - true_starts, mean_spans - true_spans])


def _lowest(objective: Objective, at: Array) -> Array:
    """Where a smooth convex function is lowest, or nearly."""
    loss, slope = objective(at)
    moves: list[tuple[Array, Array]] = []
    for _ in range(_STEPS):
        direction = -_bent(slope, moves)
        step = 1.0 if moves else 1.0 / float(np.linalg.norm(slope))
        while True:
            new_loss, new_slope = objective(at + step * direction)
            if new_loss <= loss + 1e-4 * step * float(slope @ direction):
                break
            step /= 2
            if step < 1e-8:  # noqa: PLR2004 - no lower place can be told apart from this one
                return at
        moves = [*moves, (step * direction, new_slope - slope)][-_MEMORY:]
        at, loss, slope = at + step * direction, new_loss, new_slope
    return at


def _bent(slope: Array, moves: Sequence[tuple[Array, Array]]) -> Array:
    """The gradient times what is known of the inverse curvature."""
    bent, shares = slope.copy(), []
    for moved, change in reversed(moves):
        share = float(moved @ bent) / float(moved @ change)
        shares.append(share)
        bent = bent - share * change
    if moves:
        moved, change = moves[-1]
        bent = bent * float(moved @ change) / float(change @ change)
    for (moved, change), share in zip(moves, reversed(shares), strict=True):
        bent = bent + moved * (share - float(change @ bent) / float(moved @ change))
    return bent
