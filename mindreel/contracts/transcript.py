from dataclasses import dataclass

from mindreel.contracts.media import Span


@dataclass(frozen=True)
class Word:
    """One spoken word; continuation tokens are merged into it."""

    text: str
    """With its punctuation, without surrounding space."""
    start_s: float
    end_s: float
    probability: float
    """0 to 1."""
    glued: bool = False
    """True when no space stands before it (Chinese, Japanese, Thai)."""


@dataclass(frozen=True)
class Segment:
    """A sentence or breath group: the unit that everything later cites by id."""

    id: int
    """Its place in the transcript, from 0."""
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Removed:
    """Text the model produced and we cut, and why (a loop, text over silence, a phantom phrase)."""

    start_s: float
    end_s: float
    text: str
    reason: str


@dataclass(frozen=True)
class Transcript:
    """Everything said, in order, with times; empty `segments` is an honest answer to silence."""

    language: str
    """ISO 639-1; `und` when nothing was said."""
    language_probability: float
    duration_s: float
    """Of the audio."""
    model: str
    """What made it, e.g. `faster-whisper base int8 cpu`."""
    segments: tuple[Segment, ...]
    removed: tuple[Removed, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def text(self) -> str:
        """All segments' text, a line each."""
        return "\n".join(segment.text for segment in self.segments)


@dataclass(frozen=True)
class ChunkTranscript:
    """What was said in one chunk, with times on the video's clock."""

    span: Span
    segments: tuple[Segment, ...]
    """As the model grouped them; ids count within the chunk."""
    removed: tuple[Removed, ...] = ()
