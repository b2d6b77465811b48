"""Chunks become one transcript."""

from mindreel.contracts.media import Span
from mindreel.contracts.transcript import ChunkTranscript, Removed, Segment, Transcript, Word
from mindreel.speech.merge import merge


def chunk(start_s: float, *texts: str, length_s: float = 10.0) -> ChunkTranscript:
    words = tuple(
        Word(text, start_s + index, start_s + index + 0.9, 0.9)
        for index, text in enumerate(" ".join(texts).split())
    )
    segments = (Segment(0, words[0].start_s, words[-1].end_s, " ".join(texts), words),) if words else ()
    return ChunkTranscript(Span(start_s, start_s + length_s), segments)


def merged(*chunks: ChunkTranscript) -> Transcript:
    return merge(chunks, language="en", language_probability=0.9, duration_s=60.0, model="m")


def test_a_sentence_over_the_edge_of_two_chunks_is_one_segment() -> None:
    transcript = merged(chunk(0.0, "We went to"), chunk(3.0, "the shop. Then home."))
    assert [segment.text for segment in transcript.segments] == ["We went to the shop.", "Then home."]
    assert [segment.id for segment in transcript.segments] == [0, 1]


def test_chunks_may_arrive_in_any_order() -> None:
    first, second = chunk(0.0, "One."), chunk(20.0, "Two.")
    assert merged(second, first) == merged(first, second)


def test_what_was_removed_stays_known_in_order() -> None:
    late = ChunkTranscript(Span(20.0, 30.0), (), (Removed(21.0, 22.0, "b", "why"),))
    early = ChunkTranscript(Span(0.0, 10.0), (), (Removed(1.0, 2.0, "a", "why"),))
    assert [item.text for item in merged(late, early).removed] == ["a", "b"]


def test_no_chunks_are_an_empty_transcript_in_no_language() -> None:
    transcript = merged()
    assert transcript == Transcript("und", 0.0, 60.0, "m", ())
    assert transcript.text == ""
