"""No sign decides alone: what was said badly stays, what several signs speak against is cut."""

from dataclasses import replace

import pytest

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import Word
from mindreel.speech.cleaning import Phrase, clean
from mindreel.speech.evidence import SURE, Evidence, invented

EVERYWHERE = (Span(0.0, 100.0),)
DOUBTFUL = Evidence(no_speech=0.57, log_probability=-0.79, compression=1.0)
"""Of humming, as measured."""


def words(text: str, *, start_s: float = 0.0, probability: float = 0.9) -> list[Word]:
    return [
        Word(word, start_s + 0.3 * index, start_s + 0.3 * (index + 1), probability)
        for index, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    "evidence",
    [
        replace(SURE, no_speech=0.99),
        replace(SURE, log_probability=-3.0),
        replace(SURE, compression=9.0),
    ],
)
def test_no_single_sign_decides(evidence: Evidence) -> None:
    assert invented(words("coffee begins as a fruit"), evidence, EVERYWHERE) == ""


def test_a_voice_in_loud_hiss_stays() -> None:
    """As measured with hiss of nearly twice its level: half of it is heard right."""
    drowned = Evidence(no_speech=0.41, log_probability=-0.72, compression=1.8)
    assert invented(words("coffee begins as a fruit", probability=0.46), drowned, EVERYWHERE) == ""


def test_unsure_words_in_a_surely_spoken_window_are_misheard_not_invented() -> None:
    """A small model on Polish: nearly all words are wrong, yet somebody spoke."""
    polish = Evidence(no_speech=0.16, log_probability=-1.03, compression=1.1)
    assert invented(words("kamarocznie na mały", probability=0.3), polish, EVERYWHERE) == ""


def test_several_signs_together_cut_and_are_named() -> None:
    humming = replace(DOUBTFUL, log_probability=-1.33)
    reason = invented(words("I'm hoping for a moment.", probability=0.23), humming, EVERYWHERE)
    assert reason == "text without speech (no speech 0.57, log probability -1.33, words 0.23)"


def test_a_phantom_phrase_needs_less_to_be_cut() -> None:
    assert invented(words("we talk about coffee now"), DOUBTFUL, EVERYWHERE) == ""
    assert invented(words("Thank you very much."), DOUBTFUL, EVERYWHERE).startswith("phantom phrase (")


@pytest.mark.parametrize("text", ["Thank you for watching.", "Subtitles by the Amara.org community", "Bye."])
def test_a_phantom_phrase_that_is_heard_well_stays(text: str) -> None:
    spoken = Evidence(no_speech=0.26, log_probability=-0.7, compression=0.7)
    assert invented(words(text), spoken, EVERYWHERE) == ""
    assert invented(words(text, probability=0.4), SURE, EVERYWHERE) == ""


def test_marks_are_no_words() -> None:
    assert invented(words("... ♪ ."), SURE, EVERYWHERE) == "no words"
    assert invented([], SURE, EVERYWHERE) == ""


def test_only_the_invented_sentence_of_a_phrase_is_cut() -> None:
    """Whisper puts its farewell behind the last words, in one breath with them."""
    regions = (Span(0.0, 1.5),)
    phrase = Phrase(tuple(replace(w, text=f" {w.text}") for w in words("Drink it now. Thank you.")), 0)
    kept, removed = clean([replace(phrase)], (Span(0.0, 0.95),), end_s=9.0)
    assert [word.text for word in kept] == ["Drink", "it", "now."]
    assert [(cut.text, cut.reason) for cut in removed] == [("Thank you.", "phantom phrase")]
    kept, removed = clean([phrase], regions, end_s=9.0)
    assert len(kept) == 5
    assert removed == ()
