"""The sound of a clip: cut to the sample, brought to one loudness, encoded.

Loudness is measured as in ITU-R BS.1770 and EBU R 128 (ffmpeg's `ebur128`: the measure that `loudnorm` uses,
at a fifth of its cost). Where one gain reaches the target under the peak limit, only that gain is applied;
else a look-ahead limiter at four times the rate holds the true peak.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from mindreel.contracts.media import AudioStream
from mindreel.contracts.progress import Reporter
from mindreel.errors import MindreelError
from mindreel.media.opening import input_arguments
from mindreel.media.tools import run_ffmpeg

TARGET_LUFS = -14.0
PEAK_DB = -2.0
"""True peak before encoding; AAC adds up to about a decibel."""
SILENCE_LUFS = -60.0
"""Below this nothing is amplified: it is silence, and raising it would only raise noise."""
RATE_HZ = 48_000
OVERSAMPLED_HZ = 192_000
PREROLL_S = 1.0
FADE_S = 0.015
MAX_EXTRA_DB = 6.0
ENCODING = ("-c:a", "aac", "-b:a", "160k", "-ar", str(RATE_HZ), "-ac", "2")


@dataclass(frozen=True)
class Loudness:
    """What was measured."""

    integrated_lufs: float
    """-70 for silence."""
    true_peak_db: float
    """Negative infinity for digital silence."""

    @property
    def silent(self) -> bool:
        """True when there is nothing to normalise."""
        return self.integrated_lufs < SILENCE_LUFS


@dataclass(frozen=True)
class Sound:
    """A stretch of one audio track, and how it is filtered; an input of its own of the ffmpeg run."""

    media: Path
    track: AudioStream
    start_s: float
    duration_s: float
    level: str = "anull"
    """The filters that bring it to the target."""

    def input(self) -> list[str]:
        """The input arguments: a little before the start, so that the decoder is warm."""
        return input_arguments(self.media, "-vn", "-ss", f"{self._from_s:.6f}")

    def filters(self) -> str:
        """From the input's track to finished samples, exactly `duration_s` long."""
        lead, end = self.start_s - self._from_s, self.duration_s
        return ",".join(
            [
                "aresample=async=1:first_pts=0",
                f"aformat=sample_rates={RATE_HZ}:channel_layouts=stereo",
                f"atrim=start={lead:.6f}:end={lead + end:.6f}",
                "asetpts=PTS-STARTPTS",
                f"apad=whole_dur={end:.6f}",
                self.level,
                f"afade=t=in:d={FADE_S}",
                f"afade=t=out:st={max(0.0, end - FADE_S):.6f}:d={FADE_S}",
            ]
        )

    @property
    def _from_s(self) -> float:
        return max(0.0, self.start_s - PREROLL_S)


def level_for(sound: Sound, *, reporter: Reporter) -> str:
    """The filters that bring `sound` to the target loudness under the peak limit."""
    found = _measure_through(sound, "anull", reporter)
    if found.silent:
        return "anull"
    gain_db = TARGET_LUFS - found.integrated_lufs
    if found.true_peak_db + gain_db <= PEAK_DB:
        return f"volume={gain_db:.2f}dB"
    limited = _measure_through(sound, _limited(gain_db), reporter)
    extra_db = min(MAX_EXTRA_DB, max(0.0, TARGET_LUFS - limited.integrated_lufs))
    return _limited(gain_db + extra_db)


def _limited(gain_db: float) -> str:
    limit = 10 ** (PEAK_DB / 20)
    return (
        f"volume={gain_db:.2f}dB,aresample={OVERSAMPLED_HZ},"
        f"alimiter=limit={limit:.4f}:level=0:latency=1:attack=5:release=60,aresample={RATE_HZ}"
    )


def _measure_through(sound: Sound, level: str, reporter: Reporter) -> Loudness:
    tried = Sound(sound.media, sound.track, sound.start_s, sound.duration_s, level)
    graph = f"[0:a:{sound.track.index}]{tried.filters()},ebur128=peak=true:framelog=quiet[out]"
    arguments = [*tried.input(), "-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]
    return _measured(arguments, sound.duration_s, reporter)


def measure_file(path: Path, duration_s: float, *, reporter: Reporter) -> Loudness:
    """Loudness and true peak of the first audio track of `path`."""
    filters = "ebur128=peak=true:framelog=quiet"
    arguments = [*input_arguments(path, "-vn"), "-map", "0:a:0", "-af", filters, "-f", "null", "-"]
    return _measured(arguments, duration_s, reporter)


def _measured(arguments: list[str], duration_s: float, reporter: Reporter) -> Loudness:
    log = run_ffmpeg(
        arguments, duration_s=duration_s, reporter=_Silent(reporter), what="measure the loudness"
    )
    text = "\n".join(log)
    integrated = re.findall(r"^\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS", text, re.MULTILINE)
    peak = re.findall(r"^\s+Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", text, re.MULTILINE)
    if not integrated or not peak:
        raise MindreelError("ffmpeg measured no loudness; its ebur128 filter answered in an unknown form.")
    lufs = float(integrated[-1])
    return Loudness(lufs if math.isfinite(lufs) else -70.0, float(peak[-1]))


class _Silent:
    """Passes cancellation on and keeps progress back: measuring is no visible part of the work."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def progress(self, fraction: float, note: str = "") -> None:
        """Do nothing."""

    def wait_cancelled(self, seconds: float) -> bool:
        """As the reporter says."""
        return self._reporter.wait_cancelled(seconds)
