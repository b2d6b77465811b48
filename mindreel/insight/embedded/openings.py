"""What speaks for a sentence that opens a chapter: turns of subject, of speaker, of phrase."""

import math
import re
from collections import Counter

import numpy as np

from mindreel.insight.embedded.segmentation import Array, gaps
from mindreel.insight.embedded.statements import leans_back, length_in_words
from mindreel.insight.embedded.talk import Talk

_CUES = {
    "so": r"^so\b",
    "agreed": r"^(?:okay|ok|all right|alright|right|great|cool|good|perfect|awesome|nice)\b",
    "announced": r"\b(?:let's|let us|let me|we(?:'re| are| will|'ll) (?:going to |gonna )?"
    r"(?:talk|discuss|look|go|get|start|move)|i(?:'d| would| want| wanted|'ll| will) "
    r"(?:like )?(?:to )?(?:talk|discuss|show|start|ask|go|move))\b",
    "moved": r"\b(?:next|moving on|move on|topic|back to|(?:another|last|other) (?:thing|question|topic)|"
    r"speaking of|switch|turn to|section|chapter|let's get (?:to|into)|jump)\b",
    "linked": r"^(?:and|but|or|because|which|then)\b",
}
_ENGLISH_CUES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CUES.items()}
_TURN_SHARES = (0.02, 0.8)  # of sentences that begin a turn, where times are those of turns
_LONG_PAUSE_S = 2.0
_PAUSE_WEIGHT = 0.5  # a long pause beside a change of speaker; not learned, the talks have no pauses
_USUAL_TURN = 4.0  # natural logarithm of the words in a turn
_EDGE = 8.0  # sentences
_MOST_WORDS = 1500

NAMES = (
    "gap of 3", "gap of 12", "gap of 25", "gap of 6 beside its neighbours", "gap of words",
    "turn", "turns are known", "length of turn",
    "asks", "asks next", "asked before", "so", "agreed", "announced", "moved", "linked", "leans back",
    "begins the talk", "ends the talk", "always",
)  # fmt: skip
"""What the columns of `openings` hold, in this order."""


def openings(talk: Talk, vectors: Array) -> Array:
    """Evidence that each sentence opens a chapter; shape (sentences, `NAMES`). `vectors` are centred."""
    n = len(talk.sentences)
    gap = gaps(vectors, width=6)
    place = np.arange(n)
    turn, known = _turns(talk)
    asks = np.array([s.text.rstrip().endswith(("?", "\uff1f", "\u061f")) for s in talk.sentences], float)
    columns = [
        *(_standard(gaps(vectors, width=width)) for width in (3, 12, 25)),
        _above_neighbours(_standard(gap), 6),
        _standard(gaps(_word_rows(talk), width=6)),
        turn - turn.mean() if known else _PAUSE_WEIGHT * _pauses(talk),
        np.full(n, float(known)),
        turn * (_turn_lengths(talk, turn) - _USUAL_TURN) if known else np.zeros(n),
        asks,
        _later(asks, 1) + _later(asks, 2),
        np.concatenate([[0.0], asks[:-1]]),
        *_cues(talk),
        np.exp(-place / _EDGE),
        np.exp(-(n - place) / _EDGE),
        np.ones(n),
    ]
    return np.stack(columns, axis=1)


def _turns(talk: Talk) -> tuple[Array, bool]:
    """1 where a turn begins, and whether that is known: where sentences share the start of their turn."""
    starts_s = np.array([sentence.start_s for sentence in talk.sentences])
    turn = np.concatenate([[0.0], np.diff(starts_s) > 0])
    low, high = _TURN_SHARES
    known = len(turn) > 1 and bool(low < turn[1:].mean() < high)
    return (turn if known else np.zeros(len(turn))), known


def _turn_lengths(talk: Talk, turn: Array) -> Array:
    """Natural logarithm of one more than the words of each sentence's turn."""
    words = np.array([length_in_words(sentence.text) for sentence in talk.sentences])
    number = np.cumsum(turn).astype(int)
    lengths: Array = np.log1p(np.bincount(number, weights=words))[number]
    return lengths


def _pauses(talk: Talk) -> Array:
    pauses_s = np.array([0.0, *(talk.pause_before_s(i) for i in range(1, len(talk.sentences)))])
    share = np.minimum(pauses_s, _LONG_PAUSE_S) / _LONG_PAUSE_S
    apart: Array = share - share.mean()
    return apart


def _cues(talk: Talk) -> list[Array]:
    english = talk.language.startswith("en")
    texts = [sentence.text for sentence in talk.sentences]
    found = [[english and bool(cue.search(text)) for text in texts] for cue in _ENGLISH_CUES.values()]
    found.append([leans_back(text, talk.language) for text in texts])
    return [np.array(column, dtype=np.float64) for column in found]


def _word_rows(talk: Talk) -> Array:
    """How often each sentence says each word that the talk says twice, rare words counting more."""
    homes = Counter(word for content in talk.content for word in set(content))
    known = [word for word, count in homes.most_common(_MOST_WORDS) if count > 1]
    column = {word: i for i, word in enumerate(known)}
    rows = np.zeros((len(talk.content), max(1, len(column))))
    for row, content in zip(rows, talk.content, strict=True):
        for word in content:
            if word in column:
                row[column[word]] += math.log((1 + len(rows)) / (1 + homes[word]))
    return rows


def _standard(values: Array) -> Array:
    """With mean 0 and deviation 1."""
    scaled: Array = (values - values.mean()) / max(float(values.std()), 1e-9)
    return scaled


def _above_neighbours(values: Array, radius: int) -> Array:
    means = [values[max(0, i - radius) : i + radius + 1].mean() for i in range(len(values))]
    above: Array = values - np.array(means)
    return above


def _later(values: Array, steps: int) -> Array:
    """Each entry replaced by the one `steps` on, 0 at the end."""
    return np.concatenate([values[steps:], np.zeros(min(steps, len(values)))])
