import time
from collections.abc import Callable
from typing import TypeVar

from mindreel.store.supabase.faults import HeldError

T = TypeVar("T")

_LONGEST_S = 30.0
"""As long as the embedded store waits for a file that others hold."""
_PAUSES_S = (0.02, 1.0)


def once_free(call: Callable[[], T]) -> T:
    """What `call` returns once nobody holds what it wants; raises `HeldError` where that takes too long."""
    deadline = time.monotonic() + _LONGEST_S
    pause_s, longest_s = _PAUSES_S
    while True:
        try:
            return call()
        except HeldError:
            if time.monotonic() + pause_s > deadline:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, longest_s)
