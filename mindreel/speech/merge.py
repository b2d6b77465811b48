from collections.abc import Sequence

from mindreel.contracts.transcript import ChunkTranscript, Transcript
from mindreel.speech.cleaning import monotone
from mindreel.speech.sentences import to_segments


def merge(
    chunks: Sequence[ChunkTranscript],
    *,
    language: str,
    language_probability: float,
    duration_s: float,
    model: str,
) -> Transcript:
    """All chunks as one transcript, cut anew into sentences, so that none ends where a chunk does.

    Chunks may come in any order and must not overlap. A transcript without words has the language `und`.
    """
    ordered = sorted(chunks, key=lambda chunk: chunk.span.start_s)
    words = [word for chunk in ordered for segment in chunk.segments for word in segment.words]
    return Transcript(
        language=language if words else "und",
        language_probability=language_probability if words else 0.0,
        duration_s=duration_s,
        model=model,
        segments=to_segments(monotone(words, end_s=duration_s)),
        removed=tuple(removed for chunk in ordered for removed in chunk.removed),
    )
