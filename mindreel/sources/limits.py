"""Refusals before and while bytes arrive."""

import shutil
from pathlib import Path

from mindreel.contracts.video import Limits
from mindreel.errors import LimitExceededError, SetupError

_MEGABYTE = 1_000_000
_MINUTE_S = 60
_HOUR_S = 3600


def check_size(size_bytes: int, limits: Limits) -> None:
    """Refuse more than `limits.max_bytes`; raises `LimitExceededError`."""
    if size_bytes > limits.max_bytes:
        raise LimitExceededError(
            f"The video has {size_text(size_bytes)}, more than the limit of {size_text(limits.max_bytes)}; "
            "choose a smaller one or raise MINDREEL_MAX_BYTES."
        )


def check_duration(duration_s: float | None, limits: Limits) -> None:
    """Refuse a known duration over `limits.max_duration_s`; raises `LimitExceededError`."""
    if duration_s is not None and duration_s > limits.max_duration_s:
        raise LimitExceededError(
            f"The video lasts {duration_text(duration_s)}, longer than the limit of "
            f"{duration_text(limits.max_duration_s)}; choose a shorter one or raise "
            "MINDREEL_MAX_DURATION_S."
        )


def check_free_space(needed_bytes: int, limits: Limits, directory: Path) -> None:
    """Refuse what would leave less than `limits.min_free_bytes` on the disk; raises `LimitExceededError`."""
    free = shutil.disk_usage(directory).free
    if free - needed_bytes < limits.min_free_bytes:
        raise LimitExceededError(
            f"The video needs {size_text(needed_bytes)}, and {size_text(limits.min_free_bytes)} must stay "
            f"free (MINDREEL_MIN_FREE_BYTES), but the data disk has {size_text(free)}; free some space."
        )


def check_still_free(limits: Limits, directory: Path) -> None:
    """While bytes of unknown number arrive: stop before the disk is full; raises `SetupError`."""
    free = shutil.disk_usage(directory).free
    if free < limits.min_free_bytes:
        raise SetupError(
            f"Only {size_text(free)} are left on the data disk, and {size_text(limits.min_free_bytes)} must "
            "stay free; free some space, then run the same command again."
        )


def disk_full() -> SetupError:
    """The sentence for a disk that ran full while writing."""
    return SetupError("The data disk is full; free some space, then run the same command again.")


def size_text(size_bytes: int) -> str:
    """`12.3 MB`, `4.0 GB`; below a megabyte in bytes."""
    if size_bytes < _MEGABYTE:
        return f"{size_bytes} bytes"
    if size_bytes < 1000 * _MEGABYTE:
        return f"{size_bytes / _MEGABYTE:.1f} MB"
    return f"{size_bytes / (1000 * _MEGABYTE):.1f} GB"


def duration_text(seconds: float) -> str:
    """`2 h 05 min`, `12 min`, `40 s`."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE_S)
    hours, minutes = divmod(minutes, _HOUR_S // _MINUTE_S)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
