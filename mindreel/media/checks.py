"""What the quality gate looks at before anything is published; every problem is one sentence."""

from pathlib import Path

from mindreel.contracts.clips import ClipPlan, CutReport
from mindreel.contracts.media import MediaInfo, Span
from mindreel.contracts.progress import QuietReporter
from mindreel.errors import MindreelError
from mindreel.media.boxes import is_faststart, top_level_boxes
from mindreel.media.decoding import complaints
from mindreel.media.loudness import measure_file
from mindreel.media.opening import open_media
from mindreel.media.probe import probe

LOUDNESS_LUFS = (-15.5, -12.5)
MAX_PEAK_DB = -1.0
MAX_DRIFT_S = 0.040
WORD_SLACK_S = 0.02
"""Recognised word times come in steps this long."""
MILLISECOND = 0.001
"""Slack for times that were rounded on their way through files."""
NARROWEST = 0.57
"""Width over height of a 9:16 picture, rounded up."""


def check_media(path: Path) -> list[str]:
    """Open `path` (media or a picture) and decode it; problems as sentences, none when it is good.

    Files over three minutes are decoded at their key frames, their sound as a whole.
    """
    return complaints(path)


def check_clip(
    clip: Path,
    info: MediaInfo,
    plan: ClipPlan,
    cut: CutReport,
    *,
    vertical: bool,
    captions: bool = False,
) -> list[str]:
    """Measure a finished clip against its plan and its source; problems as sentences, none when good."""
    try:
        made = probe(clip)
    except MindreelError as error:
        return [str(error)]
    return [
        *_length(made, info, plan, cut),
        *_words(plan, cut, info),
        *_shape(made, info, vertical=vertical),
        *(["captions were asked for and are not in it."] if captions and not cut.captioned else []),
        *_tracks(clip, made, info),
        *_loudness(clip, made, info, cut),
        *([] if is_faststart(top_level_boxes(clip)) else ["its index stands at the end (no faststart)."]),
        *complaints(clip),
    ]


def _length(made: MediaInfo, info: MediaInfo, plan: ClipPlan, cut: CutReport) -> list[str]:
    """Within one frame of the plan at both ends and in all."""
    frame_s = max(stream.frame_s for stream in (made.video, info.video) if stream) if info.video else 0.05
    planned_s = min(plan.end_s, info.duration_s) - plan.start_s
    problems = []
    if abs(made.duration_s - planned_s) > frame_s + MILLISECOND:
        problems.append(f"it lasts {made.duration_s:.3f} s, planned were {planned_s:.3f} s.")
    if abs(cut.start_s - plan.start_s) > frame_s + MILLISECOND:
        problems.append(f"it begins at {cut.start_s:.3f} s, planned was {plan.start_s:.3f} s.")
    return problems


def _words(plan: ClipPlan, cut: CutReport, info: MediaInfo) -> list[str]:
    """The first and the last word are whole."""
    slack_s = max(WORD_SLACK_S, info.video.frame_s / 2 if info.video else 0.0) + MILLISECOND
    problems = []
    if plan.first_word_start_s < cut.start_s - slack_s:
        problems.append(f"its first word begins {cut.start_s - plan.first_word_start_s:.3f} s before it.")
    if plan.last_word_end_s > cut.end_s + slack_s:
        problems.append(f"its last word ends {plan.last_word_end_s - cut.end_s:.3f} s after it.")
    return problems


def _shape(made: MediaInfo, info: MediaInfo, *, vertical: bool) -> list[str]:
    """The picture is there, and of the size that was asked for."""
    if info.video is None:
        return []
    if made.video is None:
        return ["it has no picture."]
    size = f"its picture is {made.video.width}x{made.video.height}"
    if vertical:
        upright = made.video.width <= made.video.height * NARROWEST
        return [] if upright else [f"{size}, asked was 9:16."]
    same = abs(made.video.width - info.video.width) <= 1 and abs(made.video.height - info.video.height) <= 1
    return [] if same else [f"{size}, the source's is {info.video.width}x{info.video.height}."]


def _tracks(clip: Path, made: MediaInfo, info: MediaInfo) -> list[str]:
    """Sound where the source has sound; both tracks begin and end together."""
    if not info.audio:
        return []
    if not made.audio:
        return ["it has no sound."]
    if made.video is None:
        return []
    picture, sound = _spans(clip)
    problems = []
    if abs(picture.start_s - sound.start_s) > MAX_DRIFT_S:
        problems.append(f"picture and sound begin {abs(picture.start_s - sound.start_s):.3f} s apart.")
    if abs(picture.end_s - sound.end_s) > max(MAX_DRIFT_S, made.video.frame_s):
        problems.append(f"picture and sound end {abs(picture.end_s - sound.end_s):.3f} s apart.")
    return problems


def _spans(clip: Path) -> tuple[Span, Span]:
    """Where picture and sound begin and end, after edit lists."""
    with open_media(clip) as container:
        spans = []
        for stream in (container.streams.video[0], container.streams.audio[0]):
            tick = float(stream.time_base or 0)
            start_s = (stream.start_time or 0) * tick
            spans.append(Span(start_s, start_s + (stream.duration or 0) * tick))
    return spans[0], spans[1]


def _loudness(clip: Path, made: MediaInfo, info: MediaInfo, cut: CutReport) -> list[str]:
    """In the band; a silent stretch stays silent and is no fault."""
    if not info.audio or not made.audio:
        return []
    found = measure_file(clip, cut.end_s - cut.start_s, reporter=QuietReporter())
    problems = []
    low, high = LOUDNESS_LUFS
    if not found.silent and not low <= found.integrated_lufs <= high:
        problems.append(f"its loudness is {found.integrated_lufs:.1f} LUFS, wanted are {low} to {high}.")
    if found.true_peak_db > MAX_PEAK_DB:
        problems.append(f"its true peak is {found.true_peak_db:.1f} dB, at most {MAX_PEAK_DB} is allowed.")
    return problems
