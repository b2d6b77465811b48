from temporalio import workflow

from mindreel.contracts.batch import BatchView

_SHORTEST_S, _LONGEST_S = 2.0, 30.0
_ROWS_A_SECOND = 200
_SHARE = 0.1
_STILL_S = 300.0
_RECONCILE_S = 60.0


class BatchPace:
    """How long a batch rests between two looks: longer with more rows, longer the longer nothing is new.

    Two seconds while a person may be watching a small file, half a minute for ten thousand rows or after an
    hour, five minutes where nothing moves at all (a paused batch, a closed gate).
    """

    def __init__(self) -> None:
        self._since = workflow.time()
        self._moved_at = self._since
        self._reconciled_at: float | None = None

    def begin_anew(self) -> None:
        """Somebody wants something: look soon, and at everything."""
        self._since = self._moved_at = workflow.time()
        self._reconciled_at = None

    def moved(self) -> None:
        """Something has changed since the last look."""
        self._moved_at = workflow.time()

    def rest_s(self, view: BatchView) -> float:
        """Until the next look."""
        now = workflow.time()
        rest_s = max(_SHORTEST_S, view.total / _ROWS_A_SECOND, _SHARE * (now - self._since))
        longest_s = max(_LONGEST_S, min(_STILL_S, now - self._moved_at))
        return min(rest_s, longest_s)

    def reconcile_now(self) -> bool:
        """True about once a minute: whether silent videos still live is not worth asking each time."""
        now = workflow.time()
        if self._reconciled_at is not None and now - self._reconciled_at < _RECONCILE_S:
            return False
        self._reconciled_at = now
        return True
