"""How far a download is, over all its parts; stops it at the size limit."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mindreel.contracts.video import Limits
from mindreel.sources.limits import check_size, check_still_free, size_text

_REPORT_EVERY_S = 0.25

Info = dict[str, Any]


class Transfer:
    """Follows yt-dlp's hooks; `tell` gets a fraction (0 to 1) and a note with amount and rate."""

    def __init__(self, limits: Limits, directory: Path, tell: Callable[[float, str], None]) -> None:
        self.started = False
        """True once media bytes may have flowed."""
        self._limits = limits
        self._directory = directory
        self._tell = tell
        self._weights: list[float] = [1.0]
        self._done: dict[str, int] = {}
        self._told_at = 0.0

    def begin(self, entry: Info) -> None:
        """A new attempt at the parts of `entry`."""
        parts = entry.get("requested_formats") or [entry]
        self.started = True
        self._done = {}
        self._weights = [float(part.get("filesize") or part.get("tbr") or 1.0) for part in parts]

    def progressed(self, status: Info) -> None:
        """Hook for every block; raises `LimitExceededError` past the size limit."""
        self._done[status["filename"]] = int(status.get("downloaded_bytes") or 0)
        total = sum(self._done.values())
        check_size(total, self._limits)
        announced = status.get("total_bytes")
        if announced:
            check_size(total - self._done[status["filename"]] + int(announced), self._limits)
        now = time.monotonic()
        if now - self._told_at >= _REPORT_EVERY_S or status["status"] == "finished":
            self._told_at = now
            check_still_free(self._limits, self._directory)
            self._tell(self._fraction(status), _note(total, status))

    def postprocessed(self, status: Info) -> None:
        """Hook for ffmpeg's joining and repairing."""
        if status["status"] == "started" and status["postprocessor"] != "MoveFiles":
            self._tell(1.0, "joining picture and sound")

    def _fraction(self, status: Info) -> float:
        """Of all parts; parts come one after the other, in the order of the weights."""
        index = min(len(self._done), len(self._weights)) - 1
        before = sum(self._weights[:index])
        return (before + self._weights[index] * _part_fraction(status)) / sum(self._weights)


def _part_fraction(status: Info) -> float:
    if status["status"] == "finished":
        return 1.0
    if status.get("fragment_count"):
        return min(1.0, float(status.get("fragment_index") or 0) / float(status["fragment_count"]))
    total = status.get("total_bytes") or status.get("total_bytes_estimate")
    return min(1.0, float(status.get("downloaded_bytes") or 0) / float(total)) if total else 0.0


def _note(total: int, status: Info) -> str:
    speed = status.get("speed")
    return f"{size_text(total)} at {size_text(int(speed))}/s" if speed else size_text(total)
