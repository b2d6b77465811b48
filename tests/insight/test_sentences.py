from mindreel.contracts.transcript import Segment, Transcript
from mindreel.insight.sentences import sentences


def transcript(*pieces: tuple[float, float, str]) -> Transcript:
    return Transcript("en", 1, 100, "test", tuple(Segment(i, *piece) for i, piece in enumerate(pieces)))


def test_a_sentence_cut_into_breath_groups_is_one_again() -> None:
    cut = transcript((0, 2, "A queue keeps"), (2.1, 4, "jobs until later."), (4.5, 6, "Then it rests."))
    first, second = sentences(cut)
    assert (first.text, first.segment_ids, first.end_s) == ("A queue keeps jobs until later.", (0, 1), 4)
    assert (second.text, second.segment_ids, second.complete) == ("Then it rests.", (2,), True)


def test_without_punctuation_every_segment_is_a_sentence() -> None:
    plain = transcript((0, 2, "a queue keeps"), (2.1, 4, "jobs until later"))
    assert [s.complete for s in sentences(plain)] == [True, True]


def test_a_long_pause_ends_a_sentence_that_has_no_full_stop() -> None:
    broken = transcript((0, 2, "One."), (3, 4, "And then he"), (9, 11, "Something else."))
    assert [(s.text, s.complete) for s in sentences(broken)] == [
        ("One.", True),
        ("And then he", False),
        ("Something else.", True),
    ]


def test_chinese_is_joined_without_spaces_and_empty_segments_are_left_out() -> None:
    cut = transcript((0, 2, "机器学习"), (2, 3, "  "), (3, 4, "需要数据。"))
    [only] = sentences(cut)
    assert (only.text, only.segment_ids) == ("机器学习需要数据。", (0, 2))
