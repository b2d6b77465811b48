"""What the model invented is cut and kept aside with its reason; what was said stays."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import Removed, Word
from mindreel.speech.cleaning import SHORTEST_WORD_S, Phrase, clean, monotone
from mindreel.speech.phantoms import is_phantom

EVERYWHERE = (Span(0.0, 1000.0),)


def phrase(
    text: str, *, start_s: float = 0.0, each_s: float = 0.3, window: int = 0, glued: bool = False
) -> Phrase:
    texts = list(text) if glued else [f" {word}" for word in text.split()]
    words = [
        Word(word, start_s + index * each_s, start_s + (index + 1) * each_s, 0.9)
        for index, word in enumerate(texts)
    ]
    return Phrase(tuple(words), window)


def said(*phrases: Phrase, regions: tuple[Span, ...] = EVERYWHERE) -> tuple[str, tuple[Removed, ...]]:
    words, removed = clean(phrases, regions, end_s=1000.0)
    return " ".join(word.text for word in words), removed


def test_plain_speech_is_left_alone() -> None:
    text = "It was the best of times, it was the worst of times, it was the age of wisdom."
    assert said(phrase(text)) == (text, ())


def test_a_looping_phrase_is_said_once() -> None:
    text, removed = said(phrase("We begin. " + "I think so. " * 9 + "And on."))
    assert text == "We begin. I think so. And on."
    assert [(item.text.split(), item.reason) for item in removed] == [
        (("I think so. " * 8).split(), "repeated 9 times")
    ]


def test_a_looping_sentence_is_caught_sooner_than_a_word() -> None:
    assert said(phrase("we have to go to the shop now " * 3))[0] == "we have to go to the shop now"
    assert said(phrase("we have to go to the shop now " * 2))[1] == ()
    assert said(phrase("No, no, no, no, no."))[1] == ()
    assert said(phrase("no " * 30))[0] == "no"


def test_a_loop_across_phrases_and_in_chinese_is_caught() -> None:
    assert said(*(phrase("thank you all", start_s=index) for index in range(6)))[0] == "thank you all"
    words, removed = clean([phrase("好" + "善" * 17, glued=True)], EVERYWHERE, end_s=1000.0)
    assert "".join(word.text for word in words) == "好善"
    assert removed[0].reason == "repeated 17 times"


def test_text_over_silence_is_cut() -> None:
    regions = (Span(0.0, 2.0), Span(10.0, 12.0))
    text, removed = said(
        phrase("hello there"),
        phrase("some words", start_s=5.0),
        phrase("good bye then", start_s=10.0),
        regions=regions,
    )
    assert text == "hello there good bye then"
    assert {item.reason for item in removed} == {"text over silence"}
    assert " ".join(item.text for item in removed) == "some words"


def test_the_silent_tail_is_cut() -> None:
    text, removed = said(phrase("hello there my old friend of mine", each_s=1.0), regions=(Span(0.0, 2.9),))
    assert text == "hello there my old"
    assert removed[-1].text == "mine"


def test_a_phantom_phrase_is_cut_only_where_nobody_speaks() -> None:
    regions = (Span(0.0, 3.0),)
    assert said(phrase("Thanks for watching!", start_s=0.5), regions=regions)[1] == ()
    text, removed = said(
        phrase("That is all."), phrase("Thanks for watching!", start_s=2.8, each_s=1.0), regions=regions
    )
    assert text == "That is all."
    assert removed == (Removed(2.8, 5.8, "Thanks for watching!", "phantom phrase"),)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!", "Subtitles by the Amara.org community", "Untertitel im Auftrag des ZDF, 2017",
        "Sous-titres réalisés par la communauté d'Amara.org", "ご視聴ありがとうございました",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "Продолжение следует...", "Субтитры сделал DimaTorzok", "¡Suscríbete!", "字幕by索兰娅",
        "Tack för att ni tittade!",
    ],
)  # fmt: skip
def test_phantoms_are_known_in_many_languages(text: str) -> None:
    assert is_phantom(text)


@pytest.mark.parametrize(
    "text", ["Thank you for your question.", "I watch the thanks.", "Untertitel helfen.", ""]
)
def test_speech_is_no_phantom(text: str) -> None:
    assert not is_phantom(text)


def test_words_without_duration_are_cut_when_they_come_in_runs() -> None:
    text, removed = said(
        phrase("one two"), phrase("made up by nobody", start_s=3.0, each_s=0.0), phrase("three", start_s=3.0)
    )
    assert text == "one two three"
    assert removed == (Removed(3.0, 3.0, "made up by nobody", "words without duration"),)


def test_a_single_word_without_duration_stays_and_gets_one() -> None:
    words, removed = clean(
        [phrase("one"), phrase("a", start_s=0.3, each_s=0.0), phrase("two", start_s=0.3)],
        EVERYWHERE,
        end_s=9.0,
    )
    assert [word.text for word in words] == ["one", "a", "two"]
    assert removed == ()
    assert all(word.end_s - word.start_s >= SHORTEST_WORD_S - 1e-9 for word in words)


def test_a_word_heard_again_at_a_seam_is_cut() -> None:
    text, removed = said(
        phrase("all but it"),
        phrase("It", start_s=0.9, each_s=0.01, window=1),
        phrase("is", start_s=0.91, window=1),
    )
    assert text == "all but it is"
    assert removed[0].reason == "heard again at the seam of two windows"


def test_the_last_sounds_of_a_word_are_no_second_word() -> None:
    again = Phrase((Word(" cracks", 0.9, 1.1, 0.2), Word(" open,", 1.1, 1.4, 0.99)), 1)
    words, removed = clean([phrase("the bean cracks"), again], EVERYWHERE, end_s=9.0)
    assert [word.text for word in words] == ["the", "bean", "cracks", "open,"]
    assert words[2].end_s == 1.1
    assert [item.text for item in removed] == ["cracks"]


def test_a_word_truly_said_twice_at_a_seam_stays() -> None:
    assert said(phrase("that"), phrase("that is", start_s=0.3, window=1))[0] == "that that is"


def test_a_word_does_not_reach_into_the_silence_beside_it() -> None:
    regions = (Span(0.0, 1.0), Span(3.0, 4.0))
    words, _ = clean(
        [Phrase((Word(" If", 0.9, 3.4, 0.5), Word(" so", 3.4, 6.0, 0.9)), 0)], regions, end_s=9.0
    )
    assert [(word.start_s, word.end_s) for word in words] == [(2.9, 3.4), (3.4, 4.1)]


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 3)), max_size=30))
def test_times_never_overlap_nor_run_back(times: list[tuple[float, float]]) -> None:
    words = [Word("x", start_s, start_s + length_s, 0.5) for start_s, length_s in sorted(times)]
    tidy = monotone(words, end_s=30.0)
    assert len(tidy) == len(words)
    assert all(word.start_s < word.end_s <= 30.0 for word in tidy)
    assert all(before.end_s <= after.start_s for before, after in pairwise(tidy))
