# ruff: noqa: RUF001 - the marks of other scripts are the matter here
"""Where a sentence ends, in all scripts, and what happens when none ends for long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.transcript import Word
from mindreel.speech.sentences import LONGEST_S, MOST_WORDS, to_segments


def words(text: str, *, each_s: float = 0.3, gap_s: float = 0.0) -> list[Word]:
    step_s = each_s + gap_s
    return [Word(word, i * step_s, i * step_s + each_s, 0.9) for i, word in enumerate(text.split())]


def glued(text: str) -> list[Word]:
    return [Word(sign, i * 0.2, i * 0.2 + 0.2, 0.9, glued=i > 0) for i, sign in enumerate(text)]


def texts(said: list[Word]) -> list[str]:
    return [segment.text for segment in to_segments(said)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One ends. Another begins! Does it? Yes.", 4),
        ("Mr. Smith met Dr. Jones at 3.5 miles.", 1),
        ("The U.S. Senate met J. R. Smith.", 1),
        ("Is it true? No. He left.", 3),
        ('He said "go." Then he went.', 2),
        ("Wait... what? Yes... No one came.", 3),
        ("Das kostet z.B. Geld. Gut.", 2),
        ("i.e. this and e.g. that", 1),
        ("Это так. Да! Правда?", 3),
        ("هل هذا صحيح؟ نعم.", 2),
        ("यह सच है। हाँ।", 2),
    ],
)
def test_sentences_end_at_their_marks(text: str, count: int) -> None:
    found = texts(words(text))
    assert len(found) == count
    assert " ".join(found) == text


def test_chinese_sentences_end_at_full_width_marks() -> None:
    assert texts(glued("今天很好。我们走吧！真的吗？")) == ["今天很好。", "我们走吧！", "真的吗？"]


def test_a_long_pause_ends_a_breath_group() -> None:
    late = [Word("later", 5.0, 5.4, 0.9)]
    assert texts([*words("nobody said a full stop"), *late]) == ["nobody said a full stop", "later"]


def test_a_sentence_that_never_ends_is_cut_at_commas_and_pauses() -> None:
    said = words(" ".join(["and then we went on to see the next town,"] * 12), gap_s=0.01)
    segments = to_segments(said)
    assert len(segments) >= 3
    assert all(segment.text.endswith(",") for segment in segments)
    assert all(len(segment.words) <= MOST_WORDS for segment in segments)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b.", "c,", "天", "。"]), st.integers(0, 2000)), max_size=120)
)
def test_segments_keep_every_word_in_order(parts: list[tuple[str, int]]) -> None:
    said, now_s = [], 0.0
    for text, gap_ms in parts:
        start_s, now_s = now_s + gap_ms / 1000, now_s + gap_ms / 1000 + 0.2
        said.append(Word(text, start_s, now_s, 0.9, glued=text in "天。"))
    segments = to_segments(said)
    assert [word for segment in segments for word in segment.words] == said
    assert [segment.id for segment in segments] == list(range(len(segments)))
    assert all(segment.start_s < segment.end_s for segment in segments)
    assert all(before.end_s <= after.start_s for before, after in pairwise(segments))
    assert all(segment.end_s - segment.start_s <= LONGEST_S for segment in segments)
