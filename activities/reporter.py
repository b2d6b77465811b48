import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from temporalio import activity

P = ParamSpec("P")
R = TypeVar("R")

_BEAT_EVERY_S = 0.5
_PULSE_EVERY_S = 3.0


@dataclass(frozen=True)
class Beat:
    """Heartbeat details: what the command line and the Web UI show of a running activity."""

    fraction: float
    """0 to 1 of this activity."""
    note: str = ""


class ActivityReporter:
    """A `Reporter` that heartbeats to Temporal and hears of its cancellation.

    Heartbeats vouch for work: they are sent on progress, and by `pulse` while this process runs. When no
    progress came for `stall_s` they stop, the work is told to end and `stalled` is True, so a hung child
    process ends as a failed attempt and not as an endless one.
    """

    def __init__(
        self, advance: Callable[[float], None], *, stall_s: float = 600.0, fraction: float = 0.0
    ) -> None:
        self._advance = advance
        self._stall_s = stall_s
        self._context = contextvars.copy_context()
        self._fraction = fraction
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

    def note(self, note: str) -> None:
        """Say what is going on, where it brings the step no further that one could count."""
        self.progress(self._fraction, note)

    def wait_cancelled(self, seconds: float) -> bool:
        """Wait up to `seconds`; True as soon as the work should stop."""
        if self._stands_still():
            self.stalled = True
            return True
        self._beat_when_due()
        self._in_activity(activity.wait_for_cancelled_sync, seconds)
        return self._in_activity(activity.is_cancelled)

    @contextmanager
    def pulse(self, every_s: float | None = None) -> Iterator[None]:
        """Heartbeat inside calls that cannot report, native ones and those of a store, for `stall_s` at most.

        One window of speech takes a second on an idle machine and half a minute on a busy one; a worker must
        not be taken for dead meanwhile. A process that is stopped or starved of its CPU beats no more.
        """
        over = threading.Event()
        thread = threading.Thread(target=self._pulse, args=(over, every_s or _PULSE_EVERY_S), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _pulse(self, over: threading.Event, every_s: float) -> None:
        used_s = time.process_time()
        while not over.wait(every_s) and not self._stands_still():
            before_s, used_s = used_s, time.process_time()
            if used_s > before_s:
                self._in_activity(activity.heartbeat, Beat(self._fraction, self._note))

    def _stands_still(self) -> bool:
        return time.monotonic() - self._moved_at > self._stall_s

    def _beat_when_due(self) -> None:
        if time.monotonic() - self._beaten_at >= _BEAT_EVERY_S:
            self._beat()

    def _beat(self) -> None:
        self._beaten_at = time.monotonic()
        self._in_activity(activity.heartbeat, Beat(self._fraction, self._note))
        self._advance(self._fraction)

    def _in_activity(self, call: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        """Temporal finds the activity in the context of the calling thread; work may report from any."""
        return self._context.copy().run(call, *arguments, **named)
