import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.analysis import Analysis
from mindreel.contracts.transcript import Segment, Transcript, Word
from mindreel.contracts.video import SourceInfo
from mindreel.insight.embedded.analyzer import EmbeddedAnalyzer
from mindreel.insight.embeddings import MiniLmEmbedder

SAMPLE = Path(__file__).parents[2] / "samples" / "talk.json"

MakeTranscript = Callable[..., Transcript]


class Recorder:
    """A reporter that remembers progress and may ask to stop."""

    def __init__(self, *, cancel_after: int | None = None) -> None:
        self.fractions: list[float] = []
        self._polls_left = cancel_after

    def progress(self, fraction: float, note: str = "") -> None:
        del note
        self.fractions.append(fraction)

    def wait_cancelled(self, seconds: float) -> bool:
        del seconds
        if self._polls_left is None:
            return False
        self._polls_left -= 1
        return self._polls_left < 0


def spoken(text: str, start_s: float, end_s: float) -> tuple[Word, ...]:
    """The words of a text, spread evenly over its time."""
    pieces = text.split()
    step = (end_s - start_s) / max(1, len(pieces))
    return tuple(
        Word(piece, start_s + i * step, start_s + (i + 1) * step, 0.9) for i, piece in enumerate(pieces)
    )


def make_transcript(
    texts: Sequence[str], language: str = "en", *, word_s: float = 0.4, pause_s: float = 0.4
) -> Transcript:
    """One segment a text, at an even pace; unspaced scripts at six signs a word."""
    segments: list[Segment] = []
    at_s = 0.5
    for text in texts:
        length_s = max(len(text.split()), len(text) / 6) * word_s
        words = spoken(text, at_s, at_s + length_s)
        segments.append(Segment(len(segments), at_s, at_s + length_s, text, words))
        at_s += length_s + pause_s
    return Transcript(language, 0.99, at_s, "made by hand", tuple(segments))


@pytest.fixture
def transcript_of() -> MakeTranscript:
    return make_transcript


@pytest.fixture
def recorder() -> type[Recorder]:
    return Recorder


@pytest.fixture(scope="session")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder(threads=2)


@pytest.fixture(scope="session")
def analyzer(embedder: MiniLmEmbedder) -> EmbeddedAnalyzer:
    return EmbeddedAnalyzer(embedder)


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    """The true text, times and chapters of the sample talk."""
    truth: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return truth


@pytest.fixture(scope="session")
def sample_transcript(sample: dict[str, Any]) -> Transcript:
    segments = tuple(
        Segment(i, s["start_s"], s["end_s"], s["text"], spoken(s["text"], s["start_s"], s["end_s"]))
        for i, s in enumerate(sample["sentences"])
    )
    return Transcript("en", 1.0, sample["chapters"][-1]["end_s"], "the truth", segments)


@pytest.fixture(scope="session")
def sample_analysis(
    analyzer: EmbeddedAnalyzer, sample: dict[str, Any], sample_transcript: Transcript
) -> Analysis:
    return analyzer.analyze(sample_transcript, SourceInfo(title=sample["title"]), reporter=Recorder())
