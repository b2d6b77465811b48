"""One clip: what it consists of, how it is made, and what was made of it."""

from dataclasses import replace
from pathlib import Path

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo, VideoStream
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import Word
from mindreel.errors import InputError
from mindreel.media.audio import choose_track
from mindreel.media.job import ClipJob
from mindreel.media.loudness import ENCODING, Sound, level_for
from mindreel.media.opening import file_argument
from mindreel.media.picture import Shape, vertical_shape, whole_shape
from mindreel.media.reencode import reencode
from mindreel.media.tools import run_ffmpeg
from mindreel.media.window import find_window

MEASURED = 0.05
"""Share of the progress that measuring the sound takes."""


def cut_clip(
    media: Path,
    info: MediaInfo,
    plan: ClipPlan,
    directory: Path,
    *,
    vertical: bool = False,
    captions: tuple[Word, ...] = (),
    language: str | None = None,
    reporter: Reporter,
) -> tuple[Path, CutReport]:
    """Write `plan` as `directory/<plan.name>.mp4` (`.m4a` where `media` has no picture).

    `captions` are the words said in the clip, on the video's clock; they are burned in. `language` chooses
    among audio tracks as in `extract_audio`. Raises `InputError` when the plan lies outside the video,
    `SetupError` when the disk is full, `CancelledError`.
    """
    if info.video is None:
        return _cut_sound(media, info, plan, directory, language, reporter)
    window = find_window(media, info.video, info, plan)
    shape = _shape(media, info.video, plan, vertical=vertical)
    sound = _sound(media, info, window.start_s, window.duration_s, language, reporter)
    reporter.progress(MEASURED)
    job = ClipJob(media, info.video, window, shape, sound, None, directory / f"{plan.name}.mp4")
    reencode(job, reporter=reporter, span=(MEASURED, 1.0))
    return job.target, CutReport("reencode", window.start_s, window.end_s, "", 0.0)


def _shape(media: Path, video: VideoStream, plan: ClipPlan, *, vertical: bool) -> Shape:
    if not vertical or video.width * 16 <= video.height * 9:
        return whole_shape(video)
    return vertical_shape(video, keep_edges=False)


def _sound(
    media: Path, info: MediaInfo, start_s: float, duration_s: float, language: str | None, reporter: Reporter
) -> Sound | None:
    """The clip's sound at its final level; None for a silent film."""
    if not info.audio:
        return None
    sound = Sound(media, choose_track(info.audio, language), start_s, duration_s)
    return replace(sound, level=level_for(sound, reporter=reporter))


def _cut_sound(
    media: Path, info: MediaInfo, plan: ClipPlan, directory: Path, language: str | None, reporter: Reporter
) -> tuple[Path, CutReport]:
    """A clip of a source without picture."""
    end_s = min(plan.end_s, info.duration_s)
    sound = _sound(media, info, plan.start_s, end_s - plan.start_s, language, reporter)
    if sound is None or sound.duration_s <= 0:
        raise InputError(f"Clip {plan.index} lies outside {media.name}, or there is no sound to cut.")
    target = directory / f"{plan.name}.m4a"
    graph = f"[0:a:{sound.track.index}]{sound.filters()}[audio]"
    run_ffmpeg(
        [
            *sound.input(), "-filter_complex", graph, "-map", "[audio]", *ENCODING,
            "-movflags", "+faststart", "-f", "ipod", file_argument(target),
        ],
        duration_s=sound.duration_s,
        reporter=reporter,
        what=f"cut {target.name}",
        span=(MEASURED, 1.0),
    )  # fmt: skip
    return target, CutReport("audio", plan.start_s, end_s, "The source has no picture.", 0.0)
