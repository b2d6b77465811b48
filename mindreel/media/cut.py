"""One clip: what it consists of, how it is made, and what was made of it."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo, VideoStream
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import Word
from mindreel.errors import InputError
from mindreel.media.audio import choose_track
from mindreel.media.background import Background, Rising
from mindreel.media.captions import write_captions
from mindreel.media.job import ClipJob
from mindreel.media.picture import Shape, vertical_shape, whole_shape
from mindreel.media.reencode import reencode
from mindreel.media.slides import is_slides
from mindreel.media.smartcut.cutter import smart_cut
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.soundtrack import Sound, encode_sound
from mindreel.media.typefaces import NoFontError
from mindreel.media.window import Window, find_window


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
    _refuse_itself(media, directory / plan.name)
    if info.video is None:
        return _cut_sound(media, info, plan, directory, language, reporter=reporter)
    window = find_window(media, info.video, info, plan)
    with TemporaryDirectory(prefix=".cut-", dir=directory) as folder:
        job = ClipJob(
            media=media,
            video=info.video,
            window=window,
            shape=_shape(media, info.video, window, vertical=vertical),
            sound=Path(folder) / "sound.m4a" if info.audio else None,
            captions=None,
            target=directory / f"{plan.name}.mp4",
        )
        job, remarks = _captioned(job, captions, Path(folder))
        return job.target, replace(_make(job, info, language, Rising(reporter)), remarks=remarks)


def _refuse_itself(media: Path, target: Path) -> None:
    """A clip must never be written over its source."""
    if media.resolve().with_suffix("") == target.resolve():
        raise InputError(f"The clip {target.name} would be written over its own source {media}.")


def _shape(media: Path, video: VideoStream, window: Window, *, vertical: bool) -> Shape:
    if not vertical or video.width * 16 <= video.height * 9:
        return whole_shape(video)
    return vertical_shape(video, keep_edges=is_slides(media, video, window))


def _captioned(job: ClipJob, words: tuple[Word, ...], folder: Path) -> tuple[ClipJob, tuple[str, ...]]:
    """The job with captions; or without, and the sentence that says why."""
    if not words:
        return job, ()
    try:
        captions = write_captions(words, job.window, job.shape, folder)
    except NoFontError as reason:
        return job, (f"Captions were left out: {reason}.",)
    return replace(job, captions=captions), ()


def _make(job: ClipJob, info: MediaInfo, language: str | None, reporter: Reporter) -> CutReport:
    """The sound is made beside the picture; the picture is copied, or encoded again and the reason said."""
    beside = Background(reporter)
    with ThreadPoolExecutor(1) as pool:
        try:
            return _picture(job, pool.submit(_sound, job, info, language, beside), reporter)
        finally:
            beside.stop()


def _sound(job: ClipJob, info: MediaInfo, language: str | None, reporter: Reporter) -> None:
    if job.sound:
        track = choose_track(info.audio, language)
        wanted = Sound(job.media, track, job.window.start_s, job.window.duration_s)
        encode_sound(wanted, job.sound, reporter=reporter)


def _picture(job: ClipJob, sound_ready: Future[None], reporter: Reporter) -> CutReport:
    window, captioned = job.window, job.captions is not None
    try:
        share = smart_cut(job, sound_ready, reporter=reporter)
    except NotSmartError as reason:
        sound_ready.result()
        reencode(job, reporter=reporter)
        why = f"Encoded again because {reason}."
        return CutReport("reencode", window.start_s, window.end_s, why, 0.0, captioned=captioned)
    why = f"{share:.0%} of the frames are the source's own; only the edges were encoded again."
    return CutReport("smart", window.start_s, window.end_s, why, share)


def _cut_sound(
    media: Path, info: MediaInfo, plan: ClipPlan, directory: Path, language: str | None, *, reporter: Reporter
) -> tuple[Path, CutReport]:
    """A clip of a source without picture."""
    end_s = min(plan.end_s, info.duration_s)
    if not 0 <= plan.start_s < end_s:
        raise InputError(
            f"Clip {plan.index} lies outside {media.name}, which is {info.duration_s:.2f} s long."
        )
    target = directory / f"{plan.name}.m4a"
    sound = Sound(media, choose_track(info.audio, language), plan.start_s, end_s - plan.start_s)
    encode_sound(sound, target, reporter=reporter)
    reporter.progress(1.0)
    return target, CutReport("audio", plan.start_s, end_s, "The source has no picture.", 0.0)
