"""One clip: what it consists of, how it is made, and what was made of it."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo, VideoStream
from mindreel.contracts.progress import Reporter
from mindreel.contracts.transcript import Word
from mindreel.errors import InputError
from mindreel.media.audio import choose_track
from mindreel.media.background import Background
from mindreel.media.job import ClipJob
from mindreel.media.picture import Shape, vertical_shape, whole_shape
from mindreel.media.reencode import reencode
from mindreel.media.smartcut.cutter import smart_cut
from mindreel.media.smartcut.reasons import NotSmartError
from mindreel.media.soundtrack import Sound, encode_sound
from mindreel.media.window import find_window


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
        return _cut_sound(media, info, plan, directory, language, reporter=reporter)
    window = find_window(media, info.video, info, plan)
    shape = _shape(info.video, vertical=vertical)
    target = directory / f"{plan.name}.mp4"
    with TemporaryDirectory(prefix=".cut-", dir=directory) as folder, ThreadPoolExecutor(1) as pool:
        beside = Background(reporter)
        sound = Path(folder) / "sound.m4a" if info.audio else None
        job = ClipJob(media, info.video, window, shape, sound, None, target)
        ready: Future[None] = Future()
        if sound:
            track = choose_track(info.audio, language)
            wanted = Sound(media, track, window.start_s, window.duration_s)
            ready = pool.submit(encode_sound, wanted, sound, reporter=beside)
        else:
            ready.set_result(None)
        try:
            return target, _make(job, ready, reporter)
        finally:
            beside.stop()


def _make(job: ClipJob, ready: Future[None], reporter: Reporter) -> CutReport:
    """Copy what can be copied; re-encode where it cannot, and say why."""
    window = job.window
    try:
        if not job.as_it_is:
            raise NotSmartError("its picture was changed")
        if not window.constant:
            raise NotSmartError("the source's frame rate varies")
        share = smart_cut(job, ready, reporter=reporter)
    except NotSmartError as reason:
        ready.result()
        reencode(job, reporter=reporter)
        return CutReport("reencode", window.start_s, window.end_s, f"Encoded again because {reason}.", 0.0)
    why = f"{share:.0%} of the frames are the source's own; only the edges were encoded again."
    return CutReport("smart", window.start_s, window.end_s, why, share)


def _shape(video: VideoStream, *, vertical: bool) -> Shape:
    if not vertical or video.width * 16 <= video.height * 9:
        return whole_shape(video)
    return vertical_shape(video, keep_edges=False)


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
