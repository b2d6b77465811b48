"""What is measured of sentences that may open a chapter."""

import numpy as np
import pytest

from mindreel.insight.embedded.chapter_weights import SPAN_WEIGHTS, STARTS
from mindreel.insight.embedded.chapters import computed, evidence
from mindreel.insight.embedded.openings import NAMES, openings
from mindreel.insight.embedded.segmentation import Array
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.sentences import Sentence


def talk_of(
    texts: list[str], starts_s: list[float], *, length_s: float = 1.0, language: str = "en", seed: int = 1
) -> Talk:
    vectors = np.random.default_rng(seed).normal(size=(len(texts), 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    spoken = tuple(
        Sentence(text, start_s, start_s + length_s, (i,), complete=True)
        for i, (text, start_s) in enumerate(zip(texts, starts_s, strict=True))
    )
    content = tuple(tuple(text.lower().split()) for text in texts)
    return Talk("", language, starts_s[-1] + length_s, spoken, content, vectors, vectors[0], ())


def column(talk: Talk, name: str) -> Array:
    found: Array = openings(talk, talk.vectors)[:, NAMES.index(name)]
    return found


def test_every_measure_has_its_weight_in_the_same_order() -> None:
    assert tuple(STARTS) == NAMES
    talk = talk_of(["Bees fly.", "Bees sting."], [0.0, 2.0])
    assert openings(talk, talk.vectors).shape == (2, len(NAMES))
    assert len(evidence(talk, np.array(list(STARTS.values()))).spans) == len(SPAN_WEIGHTS)


def test_a_turn_begins_where_sentences_no_longer_share_their_start() -> None:
    talk = talk_of(["One.", "Two.", "Three.", "Four."], [0.0, 0.0, 9.0, 9.0])
    assert int(np.argmax(column(talk, "turn"))) == 2
    assert column(talk, "turns are known").tolist() == [1, 1, 1, 1]


def test_where_every_sentence_has_its_own_time_pauses_count() -> None:
    talk = talk_of(["One.", "Two.", "Three.", "Four."], [0.0, 1.0, 4.0, 5.0])
    assert int(np.argmax(column(talk, "turn"))) == 2
    assert column(talk, "turns are known").tolist() == [0, 0, 0, 0]


def test_words_that_open_a_subject_are_heard_in_english_only() -> None:
    texts = ["Okay, let's talk about bees.", "And they fly."]
    assert column(talk_of(texts, [0.0, 2.0]), "agreed").tolist() == [1, 0]
    assert column(talk_of(texts, [0.0, 2.0]), "announced").tolist() == [1, 0]
    assert column(talk_of(texts, [0.0, 2.0]), "linked").tolist() == [0, 1]
    assert not column(talk_of(texts, [0.0, 2.0], language="de"), "agreed").any()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_sentence_or_two_are_measured_too(count: int) -> None:
    talk = talk_of(["Bees fly."] * count, [2.0 * i for i in range(count)])
    assert np.isfinite(openings(talk, talk.vectors)).all()
    assert computed(talk) == [0]


def test_very_long_talks_are_cut_at_their_likeliest_places() -> None:
    talk = talk_of(["Bees fly."] * 2600, [2.0 * i for i in range(2600)])
    found = evidence(talk, np.array(list(STARTS.values())))
    assert len(found.at) == 1201
    assert (found.at[0], found.at[-1]) == (0, 2600)
    assert (np.diff(found.at) > 0).all()
