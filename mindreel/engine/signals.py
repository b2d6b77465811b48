import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """While entered, signals do nothing but wake `wait` and are remembered. Main thread only.

    A signal that was ignored before (nohup) stays ignored.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._previous: dict[signal.Signals, Any] = {}
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    @property
    def stopping(self) -> bool:
        """Somebody asked to stop."""
        return self._asked > 0

    @property
    def hurried(self) -> bool:
        """Somebody asked twice: stop without waiting."""
        return self._asked > 1

    def wait(self, timeout_s: float) -> None:
        """Sleep until a signal or `wake`, at most `timeout_s`."""
        select.select([self._reader], [], [], max(0.0, timeout_s))
        try:
            while self._reader.recv(1024):
                pass
        except BlockingIOError:
            return

    def wake(self) -> None:
        """Make `wait` return; any thread may call it."""
        try:
            self._writer.send(b"\0")
        except BlockingIOError:  # full: it will wake anyway
            return

    def __enter__(self) -> Self:
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in _STOP:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._stop)
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._reader.close()
        self._writer.close()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1
