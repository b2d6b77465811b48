import json
from dataclasses import replace

from temporalio import activity

from mindreel.contracts.cleanup import Cleaned, CleanupResult
from mindreel.contracts.codec import from_json
from mindreel.errors import CancelledError, TransientError

_MOST_PROBLEMS = 20


class Tally:
    """What a clean-up has removed so far, over all attempts: each heartbeat carries it to the next one."""

    def __init__(self) -> None:
        details = activity.info().heartbeat_details
        self.result = (
            from_json(CleanupResult, json.dumps(details[0]).encode()) if details else CleanupResult()
        )

    def add(self, kind: str, cleaned: Cleaned) -> None:
        """Count what was removed."""
        if not cleaned.count:
            return
        so_far = self.result.kinds.get(kind, Cleaned())
        total = Cleaned(so_far.count + cleaned.count, so_far.freed_bytes + cleaned.freed_bytes)
        freed = self.result.freed_bytes + cleaned.freed_bytes
        self.result = replace(self.result, freed_bytes=freed, kinds={**self.result.kinds, kind: total})
        self.beat()

    def problem(self, sentence: str) -> None:
        """Note what could not be removed; after twenty that is known well enough."""
        if sentence not in self.result.problems and len(self.result.problems) < _MOST_PROBLEMS:
            self.result = replace(self.result, problems=(*self.result.problems, sentence))

    def beat(self) -> None:
        """Show that the work goes on. Raises `CancelledError`, or `TransientError` when the worker stops."""
        activity.heartbeat(self.result)
        if not activity.is_cancelled():
            return
        details = activity.cancellation_details()
        if details is not None and not details.cancel_requested:
            raise TransientError("The worker had to let go of the clean-up.")
        raise CancelledError("The clean-up was cancelled.")
