import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from mindreel.errors import BusyError, MindreelError, TransientError
from mindreel.store.supabase.waiting import once_free

Call = Callable[[str, Mapping[str, object]], Any]
"""A function of the database by name, with its arguments; what it returns."""
_RENEWALS = 3
"""In the time that a lease lasts, so that one or two may fail."""


class Lease:
    """A video held by this process for as long as it lives: a short lease that it renews.

    So a holder that died holds nobody for longer than the lease, and one that is slow loses nothing.
    """

    def __init__(self, call: Call, video_id: str, lease_s: float) -> None:
        self._call = call
        self._lease_s = lease_s
        self._held = {"video_id": video_id, "holder": uuid4().hex}

    @contextmanager
    def held(self) -> Iterator[Any]:
        """The video's row; waits for other holders. Raises `BusyError` at the end where it ran out meanwhile.

        Where the body could not hear from a store, what it asked for may still be on its way, and must not
        happen beside a run: then the lease is left to end by itself.
        """
        row = self._begun()
        try:
            with self._renewed():
                yield row
        except BusyError:
            raise
        except BaseException:
            self._given_up()
            raise
        if not self._call("catalog_release", self._held):
            video_id = self._held["video_id"]
            raise BusyError(
                f"What was done to {video_id} took so long that others may have begun a run of it."
            )

    def _begun(self) -> Any:  # noqa: ANN401 - JSON
        try:
            return once_free(lambda: self._call("catalog_hold", self._timed()))
        except BaseException:  # also where the lease was given and the answer lost
            self._given_up()
            raise

    @contextmanager
    def _renewed(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._renew, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(self._lease_s / _RENEWALS):
            with suppress(MindreelError):  # the next one may come through; else the end says that it ran out
                if not self._call("catalog_renew", self._timed()):
                    return

    def _given_up(self) -> None:
        with suppress(TransientError):  # what went wrong matters more, and the lease ends by itself
            self._call("catalog_release", self._held)

    def _timed(self) -> dict[str, object]:
        return {**self._held, "lease_s": self._lease_s}
