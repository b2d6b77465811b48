import time
from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity

_BEAT_EVERY_S = 0.5
_STALL_S = 600.0
"""No step goes ten minutes without a sign of progress; what does is hung."""


@dataclass(frozen=True)
class Beat:
    """Heartbeat details: what the command line and the Web UI show of a running activity."""

    fraction: float
    """0 to 1 of this activity."""
    note: str = ""


class ActivityReporter:
    """A `Reporter` that heartbeats to Temporal and hears of its cancellation.

    Heartbeats vouch for progress: when none came for `stall_s`, the work is told to stop and `stalled`
    is True, so a hung child process ends as a failed attempt and not as an endless one.
    """

    def __init__(self, advance: Callable[[float], None], *, stall_s: float = _STALL_S) -> None:
        self._advance = advance
        self._stall_s = stall_s
        self._fraction = 0.0
        self._note = ""
        self._moved_at = self._beaten_at = time.monotonic()
        self.stalled = False
        self._beat()

    def progress(self, fraction: float, note: str = "") -> None:
        """Say that `fraction` (0 to 1) is done."""
        fraction = min(1.0, fraction)
        if fraction > self._fraction or note != self._note:
            self._moved_at = time.monotonic()
        self._fraction, self._note = max(self._fraction, fraction), note
        self._beat_when_due()

    def wait_cancelled(self, seconds: float) -> bool:
        """Wait up to `seconds`; True as soon as the work should stop."""
        self._beat_when_due()
        if time.monotonic() - self._moved_at > self._stall_s:
            self.stalled = True
            return True
        activity.wait_for_cancelled_sync(seconds)
        return activity.is_cancelled()

    def _beat_when_due(self) -> None:
        if time.monotonic() - self._beaten_at >= _BEAT_EVERY_S:
            self._beat()

    def _beat(self) -> None:
        self._beaten_at = time.monotonic()
        activity.heartbeat(Beat(self._fraction, self._note))
        self._advance(self._fraction)
