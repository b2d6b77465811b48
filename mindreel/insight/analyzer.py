from typing import Protocol

from mindreel.contracts.analysis import Analysis
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo


class Analyzer(Protocol):
    """Says what a video is about, from its transcript."""

    @property
    def name(self) -> str:
        """With its version, e.g. `embedded/1`: part of artifact keys, so a better one redoes the work."""

    def analyze(self, transcript: Transcript, info: SourceInfo, *, reporter: Reporter) -> Analysis:
        """Every item cites segments of `transcript`; what could not be done is told in `skipped`.

        Raises `SetupError` where a model is missing, `CancelledError` when told to stop.
        """
