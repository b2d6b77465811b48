"""Subtitles any player reads, whatever was said."""

import re
import unicodedata
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.speech.sentences import to_segments
from mindreel.speech.subtitles import LINE_COLUMNS, LONGEST_S, cues, to_srt, to_text, to_vtt

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Z")) | st.sampled_from("&<>-今天แกé\u0301'\"."),
    min_size=1,
    max_size=60,
)
WORDS = st.lists(st.tuples(TEXTS, st.floats(0, 3), st.floats(0.02, 9), st.booleans()), max_size=40)


def transcript(*words: Word) -> Transcript:
    return Transcript("en", 0.9, words[-1].end_s if words else 0.0, "m", to_segments(words))


def spoken(parts: list[tuple[str, float, float, bool]], start_s: float = 0.0) -> Transcript:
    words = []
    for text, gap_s, length_s, glued in parts:
        words.append(Word(text, start_s + gap_s, start_s + gap_s + length_s, 0.9, glued))
        start_s += gap_s + length_s
    return transcript(*words)


def squeezed(text: str) -> str:
    """Without spaces and arrows, which a file of cues cannot carry."""
    return re.sub(r"\s|-+>", "", text)


def columns(line: str) -> int:
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in line
    )


@given(WORDS)
def test_cues_are_small_short_in_order_and_complete(parts: list[tuple[str, float, float, bool]]) -> None:
    made = spoken(parts)
    shown = cues(made)
    for cue in shown:
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < columns(line) <= LINE_COLUMNS for line in cue.lines)
        assert 0 < cue.end_s - cue.start_s <= LONGEST_S + 1e-6
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in pairwise(shown))
    assert squeezed("".join(line for cue in shown for line in cue.lines)) == squeezed(made.text)


@given(WORDS)
def test_cues_stand_at_word_times(parts: list[tuple[str, float, float, bool]]) -> None:
    made = spoken([(text[:20], gap_s, length_s, glued) for text, gap_s, length_s, glued in parts])
    starts = {word.start_s for word in made.words}
    assert {cue.start_s for cue in cues(made)} <= starts


@given(WORDS)
def test_an_srt_file_can_be_read_back(parts: list[tuple[str, float, float, bool]]) -> None:
    made = spoken(parts, start_s=36_000.0)
    blocks = [block.splitlines() for block in re.split(r"\n\n(?=\d+\n)", to_srt(made).strip("\n")) if block]
    assert [block[0] for block in blocks] == [str(number) for number in range(1, len(blocks) + 1)]
    assert all(
        re.fullmatch(r"1\d:[0-5]\d:[0-5]\d,\d{3} --> 1\d:[0-5]\d:[0-5]\d,\d{3}", block[1]) for block in blocks
    )
    assert to_srt(made).count("-->") == len(blocks)


@given(WORDS)
def test_a_vtt_file_carries_no_markup_of_the_speaker(parts: list[tuple[str, float, float, bool]]) -> None:
    text = to_vtt(spoken(parts))
    assert text.startswith("WEBVTT\n")
    spoken_lines = [line for line in text.splitlines()[1:] if not re.fullmatch(r"[\d:.]+ --> [\d:.]+", line)]
    assert not any("<" in line or ">" in line for line in spoken_lines)
    assert not any(re.search(r"&(?!amp;|lt;|gt;)", line) for line in spoken_lines)


def test_times_past_an_hour_and_at_full_seconds() -> None:
    made = transcript(Word("Late.", 3599.9996, 3600.4, 0.9), Word("Later.", 360_000.0, 360_001.0, 0.9))
    assert "01:00:00,000 --> " in to_srt(made)
    assert "100:00:00.000 --> 100:00:01.000" in to_vtt(made)


def test_a_sentence_is_shown_in_balanced_lines() -> None:
    words = [
        "Every",
        "day,",
        "people",
        "around",
        "the",
        "world",
        "drink",
        "about",
        "two",
        "billion",
        "cups",
        "of",
        "coffee.",
    ]
    made = transcript(*(Word(word, i * 0.3, i * 0.3 + 0.3, 0.9) for i, word in enumerate(words)))
    assert to_srt(made) == (
        "1\n00:00:00,000 --> 00:00:03,900\n"
        "Every day, people around the world\ndrink about two billion cups of coffee.\n"
    )


def test_chinese_lines_hold_half_as_many_signs() -> None:
    made = transcript(*(Word("天", i * 0.2, i * 0.2 + 0.2, 0.9, glued=i > 0) for i in range(30)))
    assert [line for cue in cues(made) for line in cue.lines] == ["天" * 15, "天" * 15]


def test_a_short_cue_stays_readable_where_there_is_room() -> None:
    made = Transcript(
        "en", 0.9, 60.0, "m", to_segments([Word("Yes.", 1.0, 1.2, 0.9), Word("No.", 1.7, 1.9, 0.9)])
    )
    assert [(cue.start_s, cue.end_s) for cue in cues(made)] == [(1.0, 1.7), (1.7, 2.7)]


def test_segments_without_words_are_shown_as_well() -> None:
    text = "A line of text that somebody else wrote, long enough for more than one cue, without word times."
    made = Transcript("en", 0.9, 20.0, "m", (Segment(0, 2.0, 12.0, text),))
    shown = cues(made)
    assert " ".join(line for cue in shown for line in cue.lines) == text
    assert shown[0].start_s == 2.0
    assert abs(shown[-1].end_s - 12.0) < 1e-6


def test_silence_has_empty_subtitles() -> None:
    made = transcript()
    assert to_srt(made) == ""
    assert to_vtt(made) == "WEBVTT\n"
    assert to_text(made) == ""


def test_paragraphs_begin_after_long_pauses() -> None:
    made = transcript(Word("One.", 0.0, 1.0, 0.9), Word("Two.", 1.2, 2.0, 0.9), Word("Three.", 4.0, 5.0, 0.9))
    assert to_text(made) == "One. Two.\n\nThree.\n"


def test_the_talk_reads_well(heard_talk: Any) -> None:
    made = heard_talk.transcript
    assert to_text(made).split() == made.text.split()
    assert to_text(made).count("\n\n") >= 3
    lines = [line for cue in cues(made) for line in cue.lines]
    assert " ".join(lines).split() == made.text.split()
