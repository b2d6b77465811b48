"""The sound of a clip: cut to the sample, brought to one loudness, encoded."""

from dataclasses import dataclass
from pathlib import Path

from mindreel.contracts.media import AudioStream
from mindreel.contracts.progress import Reporter
from mindreel.media.background import Background
from mindreel.media.loudness import (
    METER,
    RATE_HZ,
    TARGET_LUFS,
    Level,
    Loudness,
    corrected,
    level_from,
    measure,
    measure_file,
)
from mindreel.media.opening import file_argument
from mindreel.media.timeline import seeked_input
from mindreel.media.tools import run_ffmpeg

PREROLL_S = 1.0
FADE_S = 0.015
LOUDNESS_SLACK_LU = 0.7
PEAK_ALLOWED_DB = -1.2
ENCODING = ("-c:a", "aac", "-b:a", "160k", "-ar", str(RATE_HZ), "-ac", "2")


@dataclass(frozen=True)
class Sound:
    """A stretch of one audio track."""

    media: Path
    track: AudioStream
    start_s: float
    """Seconds after the video's time zero."""
    duration_s: float


def encode_sound(sound: Sound, target: Path, *, reporter: Reporter) -> None:
    """Write `sound` to `target` (m4a) at the target loudness, exactly `duration_s` long.

    The result is measured; where limiting or encoding moved it out of the band it is made once more.
    Raises what `run_ffmpeg` raises.
    """
    before = _measure(sound, Level(), reporter)
    level = level_from(before)
    if level.ceiling_db is not None:
        level = corrected(level, _measure(sound, level, reporter))
    _encode(sound, level, target, reporter)
    after = measure_file(target, sound.duration_s, reporter=reporter)
    if not before.silent and not _in_band(after):
        _encode(sound, corrected(level, after), target, reporter)


def _in_band(found: Loudness) -> bool:
    return (
        abs(found.integrated_lufs - TARGET_LUFS) <= LOUDNESS_SLACK_LU
        and found.true_peak_db <= PEAK_ALLOWED_DB
    )


def _measure(sound: Sound, level: Level, reporter: Reporter) -> Loudness:
    arguments, shift_s = _input(sound)
    graph = f"{_graph(sound, level, shift_s)},{METER}[out]"
    arguments += ["-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]
    return measure(arguments, sound.duration_s, reporter=reporter)


def _encode(sound: Sound, level: Level, target: Path, reporter: Reporter) -> None:
    out_s = max(0.0, sound.duration_s - FADE_S)
    arguments, shift_s = _input(sound)
    fades = f"afade=t=in:d={FADE_S},afade=t=out:st={out_s:.6f}:d={FADE_S}"
    run_ffmpeg(
        [
            *arguments, "-filter_complex", f"{_graph(sound, level, shift_s)},{fades}[out]", "-map", "[out]",
            *ENCODING, "-map_metadata", "-1", "-movflags", "+faststart", "-f", "ipod", file_argument(target),
        ],
        duration_s=sound.duration_s,
        reporter=Background(reporter),
        what=f"encode the sound of {target.name}",
    )  # fmt: skip


def _input(sound: Sound) -> tuple[list[str], float]:
    """A little before the start, so that the decoder is warm; and the shift of its clock."""
    return seeked_input(sound.media, max(0.0, sound.start_s - PREROLL_S), "-vn", "-sn")


def _graph(sound: Sound, level: Level, shift_s: float) -> str:
    """From the input's track to samples at the level, exactly `duration_s` long; silence fills gaps."""
    steps = [
        f"asetpts=PTS-{sound.start_s + shift_s:.6f}/TB",
        "atrim=start=0",
        "aresample=async=1:first_pts=0",
        f"aformat=sample_rates={RATE_HZ}:channel_layouts=stereo",
        f"atrim=end={sound.duration_s:.6f}",
        f"apad=whole_dur={sound.duration_s:.6f}",
        level.filters(),
    ]
    return f"[0:a:{sound.track.index}]" + ",".join(steps)
