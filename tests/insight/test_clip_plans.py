import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.contracts.analysis import Analysis, Highlight
from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.insight.clip_plans import LEAD_S, TAIL_S, plan_clips

MakeTranscript = Callable[..., Transcript]


def analysis_of(highlights: tuple[Highlight, ...]) -> Analysis:
    return Analysis("en", "test/1", (), (), (), highlights, (), None, None, ())


def highlight(
    transcript: Transcript, first: int, last: int, score: float, title: str = "A title"
) -> Highlight:
    inside = transcript.segments[first : last + 1]
    ids = tuple(range(first, last + 1))
    return Highlight(title, inside[0].start_s, inside[-1].end_s, score, "It says so.", ids)


@st.composite
def talks(draw: st.DrawFn) -> tuple[Transcript, Analysis, float]:
    """Words with any pauses, in segments; highlights on segments, as an analyzer might give them."""
    segments: list[Segment] = []
    at_s = draw(st.floats(0, 2))
    for _ in range(draw(st.integers(1, 25))):
        words = []
        for _ in range(draw(st.integers(1, 6))):
            length_s = draw(st.floats(0.05, 5))
            words.append(Word("word", at_s, at_s + length_s, 0.9))
            at_s += length_s + draw(st.sampled_from([0.0, 0.0, 0.1, 0.5, 3.0]))
        segments.append(Segment(len(segments), words[0].start_s, words[-1].end_s, "word", tuple(words)))
    transcript = Transcript("en", 1, at_s, "test", tuple(segments))
    found = []
    for _ in range(draw(st.integers(0, 8))):
        first = draw(st.integers(0, len(segments) - 1))
        last = draw(st.integers(first, len(segments) - 1))
        found.append(highlight(transcript, first, last, draw(st.floats(0, 1))))
    return transcript, analysis_of(tuple(found)), at_s + draw(st.sampled_from([-10.0, 0.0, 0.2, 5.0]))


@given(talks(), st.integers(0, 6))
def test_clips_never_cut_a_word_never_overlap_and_last_15_to_90_s(
    talk: tuple[Transcript, Analysis, float], count: int
) -> None:
    transcript, analysis, duration_s = talk
    selection = plan_clips(analysis, transcript, count=count, duration_s=duration_s)
    plans = selection.plans
    assert len(plans) <= count
    assert bool(selection.reason) == (len(plans) < count or count == 0)
    for plan in plans:
        assert 15 - 1e-6 <= plan.end_s - plan.start_s <= 90 + 1e-6
        assert -1e-9 <= plan.start_s <= plan.first_word_start_s
        assert plan.last_word_end_s <= plan.end_s <= duration_s + 1e-9
        for word in transcript.words:
            for edge in (plan.start_s, plan.end_s):
                assert not word.start_s + 1e-6 < edge < word.end_s - 1e-6
    for earlier, later in itertools.pairwise(plans):
        assert earlier.end_s <= later.start_s + 1e-9
    assert [plan.index for plan in plans] == list(range(1, len(plans) + 1))
    assert len({plan.name for plan in plans}) == len(plans)


def test_a_clip_takes_half_the_silence_around_it_but_not_more_than_a_third_of_a_second(
    transcript_of: MakeTranscript,
) -> None:
    transcript = transcript_of(["One two three four five six seven eight."] * 9, word_s=0.5, pause_s=0.4)
    chosen = analysis_of((highlight(transcript, 2, 6, 0.9),))
    [plan] = plan_clips(chosen, transcript, count=1, duration_s=transcript.duration_s).plans
    assert plan.first_word_start_s - plan.start_s == pytest.approx(0.2)
    assert plan.end_s - plan.last_word_end_s == pytest.approx(0.2)
    quiet = transcript_of(["One two three four five six seven eight."] * 9, word_s=0.5, pause_s=3.0)
    chosen = analysis_of((highlight(quiet, 2, 5, 0.9),))
    [plan] = plan_clips(chosen, quiet, count=1, duration_s=quiet.duration_s).plans
    assert plan.first_word_start_s - plan.start_s == pytest.approx(LEAD_S)
    assert plan.end_s - plan.last_word_end_s == pytest.approx(TAIL_S)


def test_the_best_are_chosen_and_numbered_in_order_of_time(transcript_of: MakeTranscript) -> None:
    transcript = transcript_of(["One two three four five six seven eight."] * 30, word_s=0.5)
    chosen = analysis_of(
        (
            highlight(transcript, 20, 24, 0.9, "Last and best"),
            highlight(transcript, 10, 14, 0.1, "Weakest"),
            highlight(transcript, 0, 4, 0.5, "First"),
        )
    )
    selection = plan_clips(chosen, transcript, count=2, duration_s=transcript.duration_s)
    assert [plan.name for plan in selection.plans] == ["01-first", "02-last-and-best"]
    assert selection.reason == ""


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Why queues help", "01-why-queues-help"),
        ("Größe & Straße: Ærø", "01-groesse-strasse-aero"),
        ("Don\u2019t \u201cpanic\u201d!", "01-dont-panic"),
        ("人工智能正在改变世界", "01-clip"),
        ("Python 入门", "01-python"),
        ("🎉🎉", "01-clip"),
        ("2024", "01-clip"),
        ("../../etc/passwd", "01-etc-passwd"),
    ],
)
def test_names_are_ascii(transcript_of: MakeTranscript, title: str, name: str) -> None:
    transcript = transcript_of(["One two three four five six seven eight."] * 9, word_s=0.5)
    chosen = analysis_of((highlight(transcript, 1, 6, 0.9, title),))
    [plan] = plan_clips(chosen, transcript, count=1, duration_s=transcript.duration_s).plans
    assert plan.name == name


@given(st.text(max_size=300))
def test_any_title_gives_a_file_name_of_at_most_60_signs(title: str) -> None:
    words = tuple(Word("word", float(i), i + 1.0, 1) for i in range(20))
    transcript = Transcript("en", 1, 20, "test", (Segment(0, 0, 20, "word", words),))
    chosen = analysis_of((highlight(transcript, 0, 0, 0.9, title),))
    [plan] = plan_clips(chosen, transcript, count=1, duration_s=20).plans
    assert re.fullmatch(r"01-[a-z0-9]+(-[a-z0-9]+)*", plan.name)
    assert len(plan.name) <= 60


def test_the_reason_says_why_there_are_fewer_or_none(transcript_of: MakeTranscript) -> None:
    transcript = transcript_of(["One two three four five six seven eight."] * 9, word_s=0.5)
    one = analysis_of((highlight(transcript, 1, 6, 0.9),))
    few = plan_clips(one, transcript, count=5, duration_s=transcript.duration_s)
    assert few.reason == "Only 1 stretch of 15 to 90 s stands alone; 5 clips were asked for."
    silent = Transcript("und", 0, 60, "test", ())
    assert plan_clips(analysis_of(()), silent, count=5, duration_s=60).reason == (
        "There are no clips: nothing was said."
    )
    short = transcript_of(["Hello there, this is short."])
    none = plan_clips(analysis_of(()), short, count=5, duration_s=4)
    assert none.reason == "There are no clips: the video lasts 4.0 s, a clip at least 15 s."
    assert plan_clips(one, transcript, count=0, duration_s=60).plans == ()


def test_a_highlight_beyond_the_media_is_no_clip(transcript_of: MakeTranscript) -> None:
    """Audio may be longer than the picture, or a transcript belong to another cut."""
    transcript = transcript_of(["One two three four five six seven eight."] * 9, word_s=0.5)
    chosen = analysis_of((highlight(transcript, 4, 8, 0.9),))
    assert plan_clips(chosen, transcript, count=1, duration_s=20).plans == ()


def test_the_sample_gives_clips_inside_the_video(
    sample_analysis: Analysis, sample_transcript: Transcript
) -> None:
    selection = plan_clips(
        sample_analysis, sample_transcript, count=3, duration_s=sample_transcript.duration_s
    )
    assert len(selection.plans) == 3
    assert selection.reason == ""
