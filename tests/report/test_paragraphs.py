from mindreel.contracts.analysis import Chapter
from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.report.paragraphs import PARAGRAPH_CHARS, parts, pieces


def transcript(*segments: Segment) -> Transcript:
    return Transcript("en", 1.0, 100.0, "model", segments)


def sentence(place: int, start_s: float, text: str = "Some words.") -> Segment:
    return Segment(place, start_s, start_s + 1.0, text)


def test_nothing_said_has_no_parts() -> None:
    assert parts(transcript(), ()) == []


def test_sentences_stand_under_the_chapter_they_begin_in() -> None:
    chapters = (Chapter("B", 10.0, 20.0, ()), Chapter("A", 0.5, 10.0, ()))
    found = parts(transcript(sentence(0, 0.0), sentence(1, 9.5), sentence(2, 10.0)), chapters)
    said = [
        (p.chapter and p.chapter.title, [s.id for para in p.paragraphs for s in para.segments]) for p in found
    ]
    assert said == [("A", [0, 1]), ("B", [2])]


def test_without_chapters_the_transcript_is_one_part_without_heading() -> None:
    (part,) = parts(transcript(sentence(0, 0.0), sentence(1, 1.2)), ())
    assert part.chapter is None
    assert len(part.paragraphs) == 1


def test_a_silence_or_enough_text_begins_a_paragraph() -> None:
    long = "x" * PARAGRAPH_CHARS
    (part,) = parts(transcript(sentence(0, 0.0), sentence(1, 5.0, long), sentence(2, 6.1)), ())
    assert [[s.id for s in para.segments] for para in part.paragraphs] == [[0], [1], [2]]


def test_glued_words_stand_without_space_and_doubtful_ones_are_marked() -> None:
    words = (Word("你", 0, 1, 0.9), Word("好", 1, 2, 0.1, glued=True), Word("ok", 2, 3, 0.9))
    assert list(pieces(Segment(0, 0, 3, "你好 ok", words))) == [
        ("", "你", False),
        ("", "好", True),
        (" ", "ok", False),
    ]
    assert list(pieces(sentence(0, 0.0))) == [("", "Some words.", False)]
