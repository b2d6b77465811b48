from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.edge import activity_edge
from activities.pulse import pulse
from activities.reading import read
from activities.step import Run, Step, Steps
from mindreel.contracts.analysis import Analysis
from mindreel.contracts.clips import ClipPlan, ClipSelection, CutReport, Sidecar
from mindreel.contracts.codec import to_json
from mindreel.contracts.inputs import ClipInput, InsightInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import ClipCut, ClipsPlanned
from mindreel.contracts.transcript import Transcript, Word

_PLAN = Step(name="plan-clips", stage="clips", kind=ClipsPlanned)
_CUT = Step(name="clip", stage="clips", kind=ClipCut)


class ClipPlanner(Protocol):
    """Chooses and snaps the best highlights; see `mindreel.insight.clip_plans`."""

    def __call__(
        self, analysis: Analysis, transcript: Transcript, *, count: int, duration_s: float
    ) -> ClipSelection:
        """At most `count`, with the reason when fewer."""


class Cutter(Protocol):
    """Cuts one clip; see `mindreel.media.cut`."""

    def __call__(
        self,
        media: Path,
        info: MediaInfo,
        plan: ClipPlan,
        directory: Path,
        *,
        vertical: bool,
        captions: tuple[Word, ...],
        language: str | None,
        reporter: Reporter,
    ) -> tuple[Path, CutReport]:
        """The file and how it was made."""


@dataclass(frozen=True)
class ClipActivities:
    """Highlights to files."""

    steps: Steps
    planner: ClipPlanner
    cutter: Cutter

    @activity.defn(name="plan_clips", no_thread_cancel_exception=True)
    def plan_clips(self, given: InsightInput) -> ClipsPlanned:
        """Choose which stretches become clips."""
        inputs = (
            given.analysis.sha256,
            given.transcript.sha256,
            given.request.options.clips,
            given.duration_s,
        )
        return self.steps.perform(
            _PLAN, given.request, inputs, lambda run: self._plan(run, given), share=(0.0, 0.02)
        )

    @activity.defn(name="cut_clip", no_thread_cancel_exception=True)
    def cut_clip(self, given: ClipInput) -> ClipCut:
        """Cut one clip."""
        options = given.request.options
        step = 0.98 / given.total
        begin = 0.02 + step * (given.plan.index - 1)
        with activity_edge(_CUT.stage, given.request.video.id):
            language = options.language if len(given.probe.audio) > 1 else None
            with pulse():
                words = _words_of(given, self.steps) if options.captions else ()
            return self.steps.perform(
                _CUT,
                given.request,
                (given.media.sha256, given.plan, words, options.vertical, language),
                lambda run: self._cut(run, given, words),
                share=(begin, begin + step),
            )

    def _plan(self, run: Run, given: InsightInput) -> ClipsPlanned:
        wanted = given.request.options.clips
        selection = self.planner(
            read(run.store, given.analysis, Analysis),
            read(run.store, given.transcript, Transcript),
            count=wanted,
            duration_s=given.duration_s,
        )
        if wanted and len(selection.plans) < wanted:
            run.remark(selection.reason, degraded=not selection.plans)
        return ClipsPlanned(step=run.report(), plans=selection.plans)

    def _cut(self, run: Run, given: ClipInput, words: tuple[Word, ...]) -> ClipCut:
        options, plan = given.request.options, given.plan
        path, cut = self.cutter(
            run.local(given.media),
            given.probe,
            plan,
            run.folder,
            vertical=options.vertical,
            captions=words,
            language=options.language,
            reporter=run.reporter,
        )
        for sentence in cut.remarks:
            run.remark(f"Clip {plan.name}: {sentence}", degraded=True)
        transcript = read(run.store, given.transcript, Transcript)
        sidecar = Sidecar(plan, cut, _text(transcript, plan), options.captions, options.vertical)
        media_type = "audio/mp4" if path.suffix == ".m4a" else "video/mp4"
        return ClipCut(
            step=run.report(),
            plan=plan,
            cut=cut,
            clip=run.keep(path.name, path, media_type),
            sidecar=run.keep(f"{plan.name}.json", to_json(sidecar), "application/json"),
        )


def _words_of(given: ClipInput, steps: Steps) -> tuple[Word, ...]:
    plan = given.plan
    transcript = read(steps.store, given.transcript, Transcript)
    return tuple(
        word for word in transcript.words if plan.start_s <= word.start_s and word.end_s <= plan.end_s
    )


def _text(transcript: Transcript, plan: ClipPlan) -> str:
    wanted = set(plan.segment_ids)
    return " ".join(segment.text for segment in transcript.segments if segment.id in wanted)
