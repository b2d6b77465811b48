from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.reading import read
from activities.step import Run, Step, Steps
from mindreel.contracts.analysis import Analysis
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import AnalyzeInput
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import Analyzed
from mindreel.contracts.transcript import Transcript
from mindreel.contracts.video import SourceInfo

_STEP = Step(name="analysis", stage="analyze", kind=Analyzed)


class Analyzer(Protocol):
    """Finds what is worth knowing; see `mindreel.insight.analyzer`."""

    @property
    def name(self) -> str:
        """With its version, which is part of the artifact's key."""

    def analyze(self, transcript: Transcript, info: SourceInfo, *, reporter: Reporter) -> Analysis:
        """Every item cites segments."""


@dataclass(frozen=True)
class AnalyzeActivity:
    """Summary, chapters, highlights, quiz; nothing that was not said."""

    steps: Steps
    analyzer: Analyzer
    ground: Callable[[Analysis, Transcript], tuple[Analysis, tuple[str, ...]]]
    """Drops or repairs what does not stand in the transcript, and says what."""

    @activity.defn(name="analyze", no_thread_cancel_exception=True)
    def analyze(self, given: AnalyzeInput) -> Analyzed:
        """Analyze, check against the transcript, store."""
        inputs = (given.transcript.sha256, given.info.sha256, self.analyzer.name)
        return self.steps.perform(_STEP, given.request, inputs, lambda run: self._analyze(run, given))

    def _analyze(self, run: Run, given: AnalyzeInput) -> Analyzed:
        transcript = read(run.store, given.transcript, Transcript)
        info = read(run.store, given.info, SourceInfo)
        found = self.analyzer.analyze(transcript, info, reporter=run.reporter)
        analysis, dropped = self.ground(found, transcript)
        for sentence in (*analysis.skipped, *dropped):
            run.remark(sentence)
        reference = run.keep("analysis.json", to_json(analysis), "application/json")
        return Analyzed(step=run.report(), analysis=reference)
