import threading
import time
from collections.abc import Callable
from pathlib import Path

from mindreel.engine import state

_LONGEST_PAUSE_S = 15.0
_LOOKS = 10
"""How often to look within the idle time."""


class IdleWatch:
    """Asks `busy` now and then, in a thread of its own, and calls `on_expired` after `idle_s` without work.

    A command that joins the engine counts as work. What `busy` raises counts as a reason to leave too, and
    is raised again by `leave_home`, in the supervisor's thread.
    """

    def __init__(
        self, home: Path, busy: Callable[[], bool], *, idle_s: float, on_expired: Callable[[], None]
    ) -> None:
        self._home, self._busy, self._idle_s, self._on_expired = home, busy, idle_s, on_expired
        self._pause_s = min(_LONGEST_PAUSE_S, idle_s / _LOOKS)
        self._joined_ns = state.last_joined_ns(home)
        self._last_work = time.monotonic()
        self._ended = threading.Event()
        self._error: Exception | None = None
        self.expired = False
        """True until the supervisor has answered it with `leave_home`."""

    def start(self) -> None:
        """Begin to watch."""
        threading.Thread(target=self._watch, name="idle-watch", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._ended.set()

    def leave_home(self) -> bool:
        """Withdraw the engine's state and say whether to end; False when a command has joined meanwhile.

        A command first joins, then reads the state; this first removes the state, then looks who joined.
        So either this sees the command or the command sees no engine: none is left with a dying one.
        """
        if self._error is not None:
            raise self._error
        state.forget(self._home)
        if not self._somebody_joined():
            return True
        self._last_work = time.monotonic()
        self.expired = False
        return False

    def _watch(self) -> None:
        while not self._ended.wait(self._pause_s):
            if not self.expired:
                self._look()

    def _look(self) -> None:
        try:
            working = self._busy()
        except Exception as error:  # noqa: BLE001 - the supervisor's thread raises it again
            self._error = error
            self._expire()
            return
        if self._somebody_joined() or working:
            self._last_work = time.monotonic()
        elif time.monotonic() - self._last_work >= self._idle_s:
            self._expire()

    def _expire(self) -> None:
        self.expired = True
        self._on_expired()

    def _somebody_joined(self) -> bool:
        before, self._joined_ns = self._joined_ns, state.last_joined_ns(self._home)
        return self._joined_ns != before
