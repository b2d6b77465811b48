from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.step import Run, Step, Steps
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.inputs import ResultInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.steps import Checked, ClipCut

_STEP = Step(name="quality", stage="quality", kind=Checked)


class ClipChecker(Protocol):
    """Measures a finished clip against its plan; see `mindreel.media.checks`."""

    def __call__(
        self,
        clip: Path,
        info: MediaInfo,
        plan: ClipPlan,
        cut: CutReport,
        *,
        vertical: bool,
        captions: bool,
    ) -> list[str]:
        """Problems as sentences; none when the clip is good."""


@dataclass(frozen=True)
class QualityActivity:
    """Nothing is published unchecked; what fails makes the outcome partial."""

    steps: Steps
    check_media: Callable[[Path], list[str]]
    check_clip: ClipChecker

    @activity.defn(name="quality", no_thread_cancel_exception=True)
    def quality(self, given: ResultInput) -> Checked:
        """Open, decode and measure everything that will be published."""
        inputs = tuple(ref.sha256 for ref in (*_media(given), *(clip.clip for clip in given.outputs.clips)))
        options = given.request.options
        return self.steps.perform(
            _STEP,
            given.request,
            (*inputs, options.vertical, options.captions),
            lambda run: self._check(run, given),
        )

    def _check(self, run: Run, given: ResultInput) -> Checked:
        checks: list[Callable[[], list[str]]] = [
            lambda ref=ref: self._media(run, ref)  # type: ignore[misc] # ref is bound by the default
            for ref in _media(given)
        ]
        checks += [
            lambda clip=clip: self._clip(run, given, clip)  # type: ignore[misc]
            for clip in given.outputs.clips
        ]
        for number, check in enumerate(checks, start=1):
            for problem in check():
                run.remark(problem, degraded=True)
            run.reporter.progress(number / len(checks), f"{number} of {len(checks)} files")
        return Checked(step=run.report(), checks=len(checks))

    def _media(self, run: Run, ref: ArtifactRef) -> list[str]:
        kind = {"video": "The video", "audio": "The audio", "image": "The thumbnail"}
        name = kind.get(ref.media_type.partition("/")[0], ref.key)
        return [f"{name}: {problem}" for problem in self.check_media(run.local(ref))]

    def _clip(self, run: Run, given: ResultInput, clip: ClipCut) -> list[str]:
        assert given.outputs.downloaded is not None  # noqa: S101 - clips are cut from a download
        problems = self.check_clip(
            run.local(clip.clip),
            given.outputs.downloaded.probe,
            clip.plan,
            clip.cut,
            vertical=given.request.options.vertical,
            captions=given.request.options.captions,
        )
        return [f"Clip {clip.plan.name}: {problem}" for problem in problems]


def _media(given: ResultInput) -> tuple[ArtifactRef, ...]:
    outputs = given.outputs
    found = (
        outputs.downloaded.media if outputs.downloaded else None,
        outputs.audio.listen if outputs.audio else None,
        outputs.thumbnail.image if outputs.thumbnail else None,
    )
    return tuple(ref for ref in found if ref is not None)
