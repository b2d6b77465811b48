"""How loud sound is, and what brings it to the target.

Loudness is measured as in ITU-R BS.1770 and EBU R 128 (ffmpeg's `ebur128`: the measure that `loudnorm` uses,
at a fifth of its cost). Where one gain reaches the target under the peak limit, only that gain is applied;
else a look-ahead limiter at four times the rate holds the true peak.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from mindreel.contracts.progress import Reporter
from mindreel.errors import MindreelError
from mindreel.media.background import Background
from mindreel.media.opening import input_arguments
from mindreel.media.tools import run_ffmpeg

TARGET_LUFS = -14.0
TARGET_PEAK_DB = -2.0
"""True peak before encoding; AAC adds up to about a decibel."""
SILENCE_LUFS = -60.0
"""Below this nothing is amplified: it is silence, and raising it would only raise noise."""
RATE_HZ = 48_000
OVERSAMPLED_HZ = 192_000
MAX_EXTRA_DB = 6.0
METER = "ebur128=peak=true:framelog=quiet"


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
class Level:
    """A gain, and a ceiling where the gain alone would overshoot."""

    gain_db: float = 0.0
    ceiling_db: float | None = None

    def filters(self) -> str:
        """As ffmpeg filters."""
        gain = f"volume={self.gain_db:.2f}dB"
        if self.ceiling_db is None:
            return gain
        limit = 10 ** (self.ceiling_db / 20)
        return (
            f"{gain},aresample={OVERSAMPLED_HZ},"
            f"alimiter=limit={limit:.4f}:level=0:latency=1:attack=5:release=60,aresample={RATE_HZ}"
        )


def level_from(found: Loudness) -> Level:
    """The level that brings a sound measured as `found` to the target, as far as can be told before."""
    if found.silent:
        return Level()
    gain_db = TARGET_LUFS - found.integrated_lufs
    if found.true_peak_db + gain_db <= TARGET_PEAK_DB:
        return Level(gain_db)
    return Level(gain_db, TARGET_PEAK_DB)


def corrected(level: Level, found: Loudness) -> Level:
    """A better level, after a try at `level` was measured as `found`."""
    missing_db = max(-MAX_EXTRA_DB, min(MAX_EXTRA_DB, TARGET_LUFS - found.integrated_lufs))
    over_db = max(0.0, found.true_peak_db - TARGET_PEAK_DB)
    ceiling_db = (TARGET_PEAK_DB if level.ceiling_db is None else level.ceiling_db) - over_db
    return Level(level.gain_db + missing_db, ceiling_db)


def measure_file(path: Path, duration_s: float, *, reporter: Reporter) -> Loudness:
    """Loudness and true peak of the first audio track of `path`."""
    arguments = [*input_arguments(path, "-vn"), "-map", "0:a:0", "-af", METER, "-f", "null", "-"]
    return measure(arguments, duration_s, reporter=reporter)


def measure(arguments: list[str], duration_s: float, *, reporter: Reporter) -> Loudness:
    """What the meter in `arguments` (a whole ffmpeg run) says."""
    log = run_ffmpeg(
        arguments, duration_s=duration_s, reporter=Background(reporter), what="measure the loudness"
    )
    text = "\n".join(log)
    integrated = re.findall(r"^\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS", text, re.MULTILINE)
    peak = re.findall(r"^\s+Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", text, re.MULTILINE)
    if not integrated or not peak:
        raise MindreelError("ffmpeg measured no loudness; its ebur128 filter answered in an unknown form.")
    lufs = float(integrated[-1])
    return Loudness(lufs if math.isfinite(lufs) else -70.0, float(peak[-1]))
