from dataclasses import replace
from typing import Any

import pytest

from mindreel.contracts.analysis import (
    Analysis,
    Category,
    Chapter,
    Highlight,
    QuizQuestion,
    Sentiment,
    Statement,
    Term,
)
from mindreel.contracts.transcript import Segment, Transcript
from mindreel.insight.grounding import ground

TEXTS = (
    "A queue keeps jobs in order.",
    "Each worker takes 3 jobs at once.",
    "Maria wrote the first version in Lisbon.",
    "A retry runs the job again",
    "after a short wait.",
    "That is all.",
)
TALK = Transcript(
    "en", 1, 61.0, "test", tuple(Segment(i, 10.0 * i, 10.0 * i + 9, text) for i, text in enumerate(TEXTS))
)
EMPTY = Analysis("en", "test/1", (), (), (), (), (), None, None, ())


def grounded(**parts: object) -> tuple[Analysis, tuple[str, ...]]:
    return ground(replace(EMPTY, **parts), TALK)  # type: ignore[arg-type]


def test_what_was_said_stays_as_it_is() -> None:
    true = (Statement("Workers take 3 jobs.", 10.0, (1,)), Statement("Maria wrote it in Lisbon.", 20.0, (2,)))
    assert grounded(summary=true, key_points=true) == (replace(EMPTY, summary=true, key_points=true), ())


@pytest.mark.parametrize(
    "text",
    ["Workers take 30 jobs.", "Peter wrote the first version.", "A queue deletes jobs.", "Kafka keeps jobs."],
)
def test_a_wrong_number_name_or_word_is_dropped_and_told(text: str) -> None:
    analysis, dropped = grounded(summary=(Statement(text, 10.0, (0, 1, 2)),))
    assert analysis.summary == ()
    assert dropped == (f"Dropped the summary sentence \u201c{text}\u201d: the cited segments do not say it.",)


def test_unknown_segments_and_false_starts_are_put_right() -> None:
    analysis, dropped = grounded(
        summary=(Statement("Each worker takes 3 jobs.", 99.0, (99, 1)),),
        topics=(Term("job", 1.0, 0.0, (1,)),),
    )
    assert analysis.summary == (Statement("Each worker takes 3 jobs.", 10.0, (1,)),)
    assert analysis.topics == (Term("job", 1.0, 10.0, (1,)),)
    assert dropped == ()


def test_chapters_are_made_to_tile_the_talk() -> None:
    chapters = (
        Chapter("Retries", 31.0, 50.0, (3, 4)),
        Chapter("Queues", 2.0, 15.0, (0, 1), summary="A queue sells jobs."),
    )
    analysis, dropped = grounded(chapters=chapters)
    first, second = analysis.chapters
    assert (first.title, first.start_s, first.end_s, first.segment_ids) == ("Queues", 0.0, 31.0, (0, 1, 2))
    assert (second.title, second.end_s, second.segment_ids) == ("Retries", 61.0, (3, 4, 5))
    assert first.summary == ""
    assert dropped == (
        "Dropped the chapter summary \u201cA queue sells jobs.\u201d: the chapter does not say it.",
    )


def test_chapters_over_the_same_segments_are_dropped() -> None:
    analysis, dropped = grounded(
        chapters=(
            Chapter("One", 0.0, 9.0, (0, 1, 2)),
            Chapter("Two", 20.0, 61.0, (2, 3)),
            Chapter("X", 5, 6, ()),
        )
    )
    assert [chapter.title for chapter in analysis.chapters] == ["One"]
    assert len(dropped) == 2


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        ((0, 2), "consecutive"),
        ((0, 1, 2, 3), "begin and end with a sentence"),
        ((4, 5), "begin and end with a sentence"),
        ((0,), "15 to 90 s"),
        ((98, 99), "consecutive"),
        ((), "consecutive"),
    ],
)
def test_highlights_off_sentence_ends_are_dropped(ids: tuple[int, ...], why: str) -> None:
    analysis, dropped = grounded(highlights=(Highlight("H", 0.0, 30.0, 0.5, "Because.", ids),))
    assert analysis.highlights == ()
    assert why in dropped[0]


def test_highlights_get_their_segments_times_and_may_not_overlap() -> None:
    best = Highlight("Best", 1.0, 2.0, 0.9, "Because.", (1, 2))
    other = Highlight("Other", 20.0, 49.0, 0.8, "Because.", (2, 3, 4))
    analysis, dropped = grounded(highlights=(best, other))
    assert analysis.highlights == (replace(best, start_s=10.0, end_s=29.0),)
    assert "overlaps a better one" in dropped[0]


QUESTION = QuizQuestion(
    "Who wrote the first version?",
    ("Ana", "Maria"),
    1,
    "Maria wrote the first version in Lisbon.",
    20.0,
    (2,),
)


def test_a_fair_question_stays() -> None:
    assert grounded(quiz=(QUESTION,))[0].quiz == (QUESTION,)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"answer_index": 2}, "no answer"),
        ({"choices": ("Maria", "maria"), "answer_index": 0}, "stands twice"),
        ({"question": "What did Maria write?"}, "gives its answer away"),
        ({"answer_index": 0}, "do not say it"),
        ({"segment_ids": (1,)}, "do not say it"),
        ({"explanation": "Maria wrote it in Porto."}, "do not say it"),
    ],
)
def test_an_unfair_question_is_dropped(change: dict[str, Any], why: str) -> None:
    analysis, dropped = grounded(quiz=(replace(QUESTION, **change),))
    assert analysis.quiz == ()
    assert why in dropped[0]


def test_judgements_cite_segments_that_exist() -> None:
    kept, _ = grounded(sentiment=Sentiment("neutral", 0.0, (1, 77)), category=Category("other", 0.1, (77,)))
    assert kept.sentiment == Sentiment("neutral", 0.0, (1,))
    assert kept.category is None
