"""The videos of a batch as workflows: told to pause, resume or stop, and asked whether they still live."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.edge import activity_edge, activity_span
from activities.reaching import reaching_server
from activities.video_end import end_of
from mindreel.contracts.batch_steps import CANCEL, TellInput
from mindreel.contracts.codec import to_json
from mindreel.store.batch_ledger import BatchLedger
from mindreel.store.protocols import Catalog
from mindreel.telemetry import log

_STAGE = "csv"
_AT_ONCE = 16
_LIVING_A_PASS = 200
"""After so many that go on a pass ends: thousands may wait at a gate, and are asked by and by."""


@dataclass(frozen=True)
class BatchVideosActivities:
    """Reaches the workflows of a batch's videos; each may run twice and does no harm the second time."""

    client: Client
    ledger: BatchLedger
    catalog: Catalog
    workflow_id_of: Callable[[str], str]
    """By video id."""
    unchanged_s: float = 120.0
    """A video that said nothing for so long is asked whether it still lives."""
    _asked_at: dict[str, dict[str, float]] = field(default_factory=dict)
    """Batch name to its silent videos that were asked, and when, on the clock of this process."""

    @activity.defn(name="tell_videos")
    async def tell_videos(self, given: TellInput) -> int:
        """Pause, resume or cancel the videos that are under way; how many were reached."""
        with activity_edge(_STAGE, given.name), activity_span(_STAGE, given.name), reaching_server():
            ids = await asyncio.to_thread(self.ledger.open_videos, given.name)
            reached = 0
            for begin in range(0, len(ids), _AT_ONCE):
                some = ids[begin : begin + _AT_ONCE]
                reached += sum(await asyncio.gather(*(self._tell(each, given.change) for each in some)))
                activity.heartbeat(f"{begin + len(some)} of {len(ids)}")
            log().info("videos told", batch=given.name, change=given.change, reached=reached)
            return reached

    @activity.defn(name="reconcile_videos")
    async def reconcile_videos(self, name: str) -> int:
        """Record the end of videos whose workflow ended without a word of it; how many there were.

        A workflow that was terminated, or whose history a server lost, cannot say so itself.
        """
        with activity_edge(_STAGE, name), activity_span(_STAGE, name), reaching_server():
            silent = await self._silent(name)
            asked_at = self._asked_at.pop(name, {})
            asked_at = {each: asked_at[each] for each in silent if each in asked_at}
            silent.sort(key=lambda each: asked_at.get(each, 0.0))
            mended = living = 0
            for begin in range(0, len(silent), _AT_ONCE):
                some = silent[begin : begin + _AT_ONCE]
                ended = await asyncio.gather(*(self._reconcile(each) for each in some))
                asked_at |= dict.fromkeys(some, time.monotonic())
                activity.heartbeat(f"{begin + len(some)} of {len(silent)}")
                mended, living = mended + ended.count(True), living + ended.count(False)
                if living >= _LIVING_A_PASS:
                    break
            if silent:
                self._asked_at[name] = asked_at
            return mended

    async def _tell(self, video_id: str, change: str) -> bool:
        handle = self.client.get_workflow_handle(self.workflow_id_of(video_id))
        try:
            if change == CANCEL:
                await handle.cancel()
            else:  # the signals of `VideoPipeline` bear the names of the changes
                await handle.signal(change)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False  # it ended meanwhile
        return True

    async def _silent(self, name: str) -> list[str]:
        """Open videos that did not change for long and are not among the running workflows of the batch.

        One query answers for thousands; those it does not name are then asked one by one, because it may lag
        behind, because a video may have been started by somebody else, and because it finds nothing for a
        batch with a double quote or a backslash in its name.
        """
        ids = await asyncio.to_thread(self.ledger.open_videos, name, unchanged_s=self.unchanged_s)
        if not ids:
            return []
        query = f"ExecutionStatus = 'Running' AND MindreelBatch = '{_quoted(name)}'"
        running = {run.id async for run in self.client.list_workflows(query)}
        return [each for each in ids if self.workflow_id_of(each) not in running]

    async def _reconcile(self, video_id: str) -> bool:
        end = await end_of(self.client, self.workflow_id_of(video_id))
        if end is None:
            return False
        log().warning("video ended without a word", video_id=video_id, status=end.status, reason=end.reasons)
        await asyncio.to_thread(
            self.catalog.finish,
            video_id,
            status=end.status,
            reasons=end.reasons,
            library=end.result.library or None if end.result else None,
            result_json=to_json(end.result, indent=None).decode() if end.result else None,
            error_class=end.error_class,
        )
        return True


def _quoted(text: str) -> str:
    """Inside the single quotes of a visibility query."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
