import asyncio
import signal
from types import TracebackType
from typing import Self


class Interrupts:
    """While entered, Ctrl-C raises nothing but sets `first`, then `second`."""

    def __init__(self) -> None:
        self.first, self.second = asyncio.Event(), asyncio.Event()

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._pressed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    def _pressed(self) -> None:
        (self.second if self.first.is_set() else self.first).set()
