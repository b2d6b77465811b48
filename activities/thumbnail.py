from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.step import Run, Step, Steps
from mindreel.contracts.inputs import MediaInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import ThumbnailMade

_STEP = Step(name="thumbnail", stage="thumbnail", kind=ThumbnailMade)


class ThumbnailMaker(Protocol):
    """Picks a picture that stands for the video; see `mindreel.media.thumbnail`."""

    def __call__(self, media: Path, info: MediaInfo, directory: Path, *, reporter: Reporter) -> Path | None:
        """None for audio without cover art."""


@dataclass(frozen=True)
class ThumbnailActivity:
    """One picture for the whole video."""

    steps: Steps
    maker: ThumbnailMaker

    @activity.defn(name="thumbnail", no_thread_cancel_exception=True)
    def thumbnail(self, given: MediaInput) -> ThumbnailMade:
        """Make and store the thumbnail."""
        inputs = (given.media.sha256,)
        return self.steps.perform(_STEP, given.request, inputs, lambda run: self._make(run, given))

    def _make(self, run: Run, given: MediaInput) -> ThumbnailMade:
        media = run.local(given.media)
        picture = self.maker(media, given.probe, run.folder, reporter=run.reporter)
        if picture is None:
            run.remark("The source is audio only and has no cover picture, so there is no thumbnail.")
            return ThumbnailMade(step=run.report(), image=None)
        return ThumbnailMade(step=run.report(), image=run.keep("thumbnail.jpg", picture, "image/jpeg"))
