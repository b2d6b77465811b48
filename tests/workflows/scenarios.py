"""What may become of a video: each scenario is run for real, recorded, and replayed ever after."""

import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

from activities.clips import ClipActivities
from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.inputs import AnalyzeInput, ChunkInput, ClipInput, DownloadInput
from mindreel.contracts.media import MediaInfo
from mindreel.contracts.steps import Analyzed, ChunkTranscribed, ClipCut, Downloaded
from mindreel.contracts.video import Options
from tests.support.command import TALK

Activity = Callable[..., Any]


def talk(path: Path) -> None:
    """The first part of the sample."""
    _ffmpeg("-i", TALK, "-t", "45", "-c", "copy", path)


def silence(path: Path) -> None:
    """A picture and eight seconds of nothing."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=8")
    _ffmpeg(*picture, "-f", "lavfi", "-i", "anullsrc=r=16000", "-shortest", path)


def mute(path: Path) -> None:
    """A picture without any audio track."""
    _ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=4", path)


def prose(path: Path) -> None:
    """No video at all."""
    path.write_text("Not a video, whatever its name says.\n" * 100)


def _ffmpeg(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def failing_clip(_real: Mapping[str, Activity]) -> Activity:
    """No clip can be cut."""

    @activity.defn(name="cut_clip")
    def cut_clip(_given: ClipInput) -> ClipCut:
        raise ApplicationError("The cut failed its check.", type="internal", non_retryable=True)

    return cut_clip


def short_clip(real: Mapping[str, Activity]) -> Activity:
    """A cutter that ends two seconds early and says nothing of it."""
    clips: ClipActivities = real["cut_clip"].__self__  # type: ignore[attr-defined] # a bound method

    def cut_short(media: Path, info: MediaInfo, plan: ClipPlan, directory: Path, **options: Any) -> Any:
        path, _ = clips.cutter(media, info, replace(plan, end_s=plan.end_s - 2.0), directory, **options)
        return path, CutReport("smart", plan.start_s, plan.end_s, "All is well.", 1.0)

    return replace(clips, cutter=cut_short).cut_clip


def failing_analysis(_real: Mapping[str, Activity]) -> Activity:
    """The analyzer is broken."""

    @activity.defn(name="analyze")
    def analyze(_given: AnalyzeInput) -> Analyzed:
        raise ApplicationError("The model is missing.", type="setup", non_retryable=True)

    return analyze


def shaky_download(real: Mapping[str, Activity]) -> Activity:
    """The line breaks twice; the third attempt is the real one."""
    download: Callable[[DownloadInput], Downloaded] = real["download"]

    @activity.defn(name="download", no_thread_cancel_exception=True)
    def shaky(given: DownloadInput) -> Downloaded:
        if activity.info().attempt < 3:
            raise ApplicationError("The line broke.", type="network")
        return download(given)

    return shaky


def endless_chunk(_real: Mapping[str, Activity]) -> Activity:
    """Recognition that goes on until it is cancelled."""

    @activity.defn(name="transcribe_chunk", no_thread_cancel_exception=True)
    def endless(_given: ChunkInput) -> ChunkTranscribed:
        CHUNK_RUNNING.set()
        while not activity.is_cancelled():
            activity.heartbeat()
            activity.wait_for_cancelled_sync(0.05)
        raise CancelledError("stopped")

    return endless


CHUNK_RUNNING = threading.Event()
"""Set while `endless_chunk` runs, so that a test knows when to cancel."""


@dataclass(frozen=True)
class Scenario:
    """A video, what goes wrong, and what must become of it."""

    name: str
    make: Callable[[Path], None]
    outcome: str
    """completed, partial, failed or cancelled."""
    reason: str = ""
    """Part of the sentence a person reads."""
    fault: Callable[[Mapping[str, Activity]], Activity] | None = None
    options: Options = field(default_factory=lambda: Options(clips=1))


SCENARIOS = (
    Scenario("completed", talk, "completed"),
    Scenario("completed_after_retries", talk, "completed", fault=shaky_download),
    Scenario("partial_without_clip", talk, "partial", "was not cut: The cut failed", failing_clip),
    Scenario("partial_failed_check", talk, "partial", "planned were", short_clip),
    Scenario("partial_without_analysis", talk, "partial", "analyze step failed: The model", failing_analysis),
    Scenario("partial_silent", silence, "partial", "Nobody speaks"),
    Scenario("partial_mute", mute, "partial", "no audio track"),
    Scenario("failed_not_a_video", prose, "failed", "text"),
    Scenario("cancelled", talk, "cancelled", "cancelled", endless_chunk),
)
