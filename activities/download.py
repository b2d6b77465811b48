import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.catalog_row import titled
from activities.edge import activity_edge
from activities.pulse import pulse
from activities.reading import read
from activities.step import Run, Step, Steps
from mindreel.contracts.inputs import DownloadInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.progress import Reporter
from mindreel.contracts.steps import Downloaded
from mindreel.contracts.video import Limits, SourceInfo, VideoIdentity, VideoRequest
from mindreel.errors import LimitExceededError

_STEP = Step(name="download", stage="download", kind=Downloaded, resumable=True)


class Downloader(Protocol):
    """Brings the media into a folder; see `mindreel.sources.download`."""

    def __call__(
        self, video: VideoIdentity, info: SourceInfo, directory: Path, limits: Limits, *, reporter: Reporter
    ) -> Path:
        """The file. Raises the source errors of `mindreel.errors`."""


class Prober(Protocol):
    """Opens a file and says what is in it; see `mindreel.media.probe`."""

    def __call__(self, path: Path, *, name: str) -> MediaInfo:
        """Raises `NotAVideoError`, whose sentence calls the file `name`."""


@dataclass(frozen=True)
class DownloadActivity:
    """Bring the video here, and believe nothing before it is probed."""

    steps: Steps
    downloader: Downloader
    prober: Prober
    limits: Limits

    @activity.defn(name="download", no_thread_cancel_exception=True)
    def download(self, given: DownloadInput) -> Downloaded:
        """Fetch, probe and store the media."""
        video = given.request.video
        with activity_edge(_STEP.stage, video.id):
            inputs = self._inputs(given.request)
            made = self.steps.perform(_STEP, given.request, inputs, lambda run: self._download(run, given))
            done = titled(made, given.request)
            with pulse(1.0):
                self.steps.catalog.describe(video.id, title=done.title, duration_s=done.probe.duration_s)
            return done

    def is_finished(self, request: VideoRequest) -> bool:
        """Whether the media of an earlier run is here and would be reused."""
        return self.steps.finished(_STEP, request, self._inputs(request)) is not None

    def _inputs(self, request: VideoRequest) -> tuple[object, ...]:
        video = request.video
        return (video.locator, self.limits.max_height) if video.platform != "file" else (video.id,)

    def _download(self, run: Run, given: DownloadInput) -> Downloaded:
        info = read(run.store, given.info, SourceInfo)
        path = self.downloader(given.request.video, info, run.folder, self.limits, reporter=run.reporter)
        probe = self.prober(path, name=given.request.source)
        if probe.duration_s > self.limits.max_duration_s:
            raise LimitExceededError(
                f"{given.request.source} is {probe.duration_s / 3600:.1f} hours long; the limit is "
                f"{self.limits.max_duration_s / 3600:.1f} hours (MINDREEL_MAX_DURATION_S)."
            )
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        media = run.keep(f"media{path.suffix.lower()}", path, media_type)
        title = probe.title if given.request.video.platform == "file" and probe.title else info.title
        return Downloaded(step=run.report(), media=media, probe=probe, title=title)
