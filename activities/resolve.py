from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.catalog_row import begin_row, titled
from activities.edge import activity_edge
from activities.pulse import pulse
from activities.step import Run, Step, Steps
from mindreel.contracts.codec import to_json
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import Resolved
from mindreel.contracts.video import Limits, SourceInfo, VideoIdentity, VideoRequest

_STEP = Step(name="resolve", stage="resolve", kind=Resolved, version=2)


class Resolver(Protocol):
    """Asks the site, or looks at the file, what a video is; see `mindreel.sources.resolve`."""

    def __call__(
        self, video: VideoIdentity, limits: Limits, *, scratch: Path, reporter: Reporter
    ) -> SourceInfo:
        """Raises the source errors of `mindreel.errors`."""


@dataclass(frozen=True)
class ResolveActivity:
    """Says what a video is, and whether it is within the limits."""

    steps: Steps
    resolver: Resolver
    limits: Limits

    @activity.defn(name="resolve", no_thread_cancel_exception=True)
    def resolve(self, request: VideoRequest) -> Resolved:
        """Begin the catalog's row and fetch the video's metadata."""
        with activity_edge(_STEP.stage, request.video.id):
            with pulse():
                begin_row(self.steps.catalog, request)
            inputs = self._inputs(request)
            made = self.steps.perform(_STEP, request, inputs, lambda run: self._resolve(run, request))
            resolved = titled(made, request)
            with pulse(1.0):
                self.steps.catalog.describe(
                    request.video.id, title=resolved.title, duration_s=resolved.duration_s
                )
            return resolved

    def finished(self, request: VideoRequest) -> Resolved | None:
        """What an earlier run learned and this one would reuse."""
        return self.steps.finished(_STEP, request, self._inputs(request))

    def _inputs(self, request: VideoRequest) -> tuple[object, ...]:
        return (request.video.locator, self.limits)  # what a limit refuses now may have been allowed

    def _resolve(self, run: Run, request: VideoRequest) -> Resolved:
        info = self.resolver(request.video, self.limits, scratch=run.folder, reporter=run.reporter)
        for sentence in info.remarks:
            run.remark(sentence)
        reference = run.keep("info.json", to_json(info), "application/json")
        return Resolved(
            step=run.report(),
            video=request.video,
            title=info.title,
            duration_s=info.duration_s,
            info=reference,
            entries=info.entries,
        )
