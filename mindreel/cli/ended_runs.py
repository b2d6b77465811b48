"""Videos that the catalog holds to be under way and whose workflow has ended without a word of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio.client import Client

from activities.video_end import VideoEnd, end_of
from mindreel.contracts.codec import to_json
from mindreel.contracts.steps import VideoResult
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.protocols import Catalog, Standing
from workflows.ids import video_workflow_id

_RUNNING = "WorkflowType = 'VideoPipeline' AND ExecutionStatus = 'Running'"
_GOING_ON = ("running", "paused")
_AT_ONCE = 16
_SILENT_S = 3600.0
"""Whoever says nothing for so long is not believed to run elsewhere; the ledger's measure too."""


@dataclass(frozen=True)
class EndedRun:
    """One of them."""

    row: Standing
    text: str
    record: Callable[[], Awaitable[str]]
    """Writes into the catalog how it ended; says what was done."""


@dataclass
class EndedRuns:
    """Asks the server; each may be told twice and does no harm the second time."""

    client: Client
    catalog: Catalog
    ledger: BatchLedger
    notes: list[str] = field(default_factory=list)
    """What cannot be decided here."""

    async def among(self, rows: Sequence[Standing]) -> list[EndedRun]:
        """Of queued and running `rows`. Raises `RPCError`, `SetupError`, `StoreError`."""
        awaited = await asyncio.to_thread(self._awaited)
        # One query answers for thousands; it may lag behind, so those it does not name are asked one by one.
        running = {run.id async for run in self.client.list_workflows(_RUNNING)}
        silent = [
            row
            for row in rows
            if _workflow_of(row) not in running and (row.status == "running" or row.id not in awaited)
        ]
        found: list[EndedRun] = []
        for begin in range(0, len(silent), _AT_ONCE):
            some = await asyncio.gather(*(self._ask(row) for row in silent[begin : begin + _AT_ONCE]))
            found += [each for each in some if each is not None]
        return found

    def _awaited(self) -> set[str]:
        """Ids of videos whose batch goes on: it starts them, and asks after them, by itself."""
        names = [each.name for each in self.ledger.batches() if each.open and each.state in _GOING_ON]
        return {video_id for name in names for video_id in self.ledger.open_videos(name)}

    async def _ask(self, row: Standing) -> EndedRun | None:
        end = await end_of(self.client, _workflow_of(row))
        if end is None:
            return None
        if not end.known and _silent_s(row) < _SILENT_S:
            self.notes.append(
                f"{row.id} is recorded as {row.status}, and this Temporal server does not know its run: "
                "another server may be at it, else repair it in an hour."
            )
            return None
        why = f" ({end.reasons[0]})" if end.reasons else ""
        text = (
            f"{row.id} is recorded as {row.status}, and its run has ended as {end.status}{why}; "
            "mending records that."
        )
        return EndedRun(row, text, lambda: self._record(row, end))

    async def _record(self, row: Standing, end: VideoEnd) -> str:
        now = await asyncio.to_thread(self.catalog.get, row.id)
        if now is None or (now.status, now.updated_at) != (row.status, row.updated_at):
            return "It has changed meanwhile: nothing was done."
        result = end.result or VideoResult(
            row.id, row.source, end.status, end.reasons, row.library or "", {}, ()
        )
        await asyncio.to_thread(
            self.catalog.finish,
            row.id,
            status=end.status,
            reasons=end.reasons,
            library=result.library or None,
            result_json=to_json(result, indent=None).decode(),
            error_class=end.error_class,
        )
        return f"It is recorded as {end.status}."


def _workflow_of(row: Standing) -> str:
    """A queued video's first run has not said its own yet."""
    return row.workflow_id or video_workflow_id(row.id)


def _silent_s(row: Standing) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(row.updated_at)).total_seconds()
