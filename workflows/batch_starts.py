"""The children of a batch: its rows' videos, and the reading of its playlists."""

import asyncio
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from mindreel.contracts.batch import STARTED, RowMark
    from mindreel.contracts.batch_steps import ExpandInput, RowStart
    from mindreel.contracts.video import VideoRequest
    from workflows.ids import CPU_QUEUE, playlist_workflow_id, video_workflow_id
    from workflows.playlist_row import PlaylistRow
    from workflows.progress import BATCH_KEY
    from workflows.video_pipeline import VideoPipeline

CHILDREN_A_RUN = 500
"""A child is two events when it starts, and up to four when it ends while this run is there to be told."""
_ASK_AGAIN_S = 60.0
_CLOSES_S = 2.0
_SUMMARY_BYTES = 200


class BatchStarts:
    """Starts children that outlive the batch's workflow, and counts them."""

    def __init__(self, batch: str) -> None:
        self._batch = batch
        self._started = 0
        self._playlists: dict[str, ChildWorkflowHandle[Any, Any] | float] = {}
        """Workflow id to its handle, or to the time when to ask again about another run's child."""

    @property
    def room(self) -> int:
        """How many more this run may start."""
        return CHILDREN_A_RUN - self._started

    async def videos(self, rows: Sequence[RowStart]) -> list[RowMark]:
        """Start them all at once; a row whose video has a workflow already counts as started."""
        self._started += len(rows)
        return await asyncio.gather(*(self._video(row) for row in rows))

    async def playlists(self, playlists: Sequence[ExpandInput]) -> None:
        """Start the reading of those that nobody reads."""
        for given in playlists:
            workflow_id = playlist_workflow_id(self._batch, given.row.number)
            if not self._is_read(workflow_id):
                self._started += 1
                self._playlists[workflow_id] = await self._playlist(workflow_id, given)

    async def cancel_playlists(self) -> None:
        """Their videos are not wanted any more."""
        for workflow_id in self._playlists:
            if self._is_read(workflow_id):
                await _cancel(workflow_id)

    async def _video(self, row: RowStart) -> RowMark:
        started = await self._start(row)
        if not started and row.again:  # its last run may be recording its end this very moment
            await workflow.sleep(_CLOSES_S)
            started = await self._start(row)
        if not started:
            workflow.logger.info("row %s is on its way already, or was completed", row.number)
        return RowMark(row.number, row.item, STARTED)

    async def _start(self, row: RowStart) -> bool:
        """False where its video has a workflow that is going on, or was completed and is not to run again."""
        request = row.request
        reuse = WorkflowIDReusePolicy
        try:
            child = await workflow.start_child_workflow(
                VideoPipeline.run,
                request,
                id=video_workflow_id(request.video.id),
                task_queue=CPU_QUEUE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
                id_reuse_policy=reuse.ALLOW_DUPLICATE if row.again else reuse.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=self._found_by(),
                static_summary=summary_of(request),
                priority=Priority(priority_key=row.priority, fairness_key=request.tenant),
            )
        except WorkflowAlreadyStartedError:
            return False
        child.add_done_callback(_heard)
        return True

    async def _playlist(self, workflow_id: str, given: ExpandInput) -> ChildWorkflowHandle[Any, Any] | float:
        row = given.row
        try:
            child = await workflow.start_child_workflow(
                PlaylistRow.run,
                given,
                id=workflow_id,
                task_queue=CPU_QUEUE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=self._found_by(),
                static_summary=_cut(row.title or row.url),
                priority=Priority(priority_key=row.priority, fairness_key=row.tenant),
            )
        except WorkflowAlreadyStartedError:  # by the run before this one
            return workflow.time() + _ASK_AGAIN_S
        child.add_done_callback(_heard)
        return child

    def _is_read(self, workflow_id: str) -> bool:
        known = self._playlists.get(workflow_id, 0.0)
        return workflow.time() < known if isinstance(known, float) else not known.done()

    def _found_by(self) -> TypedSearchAttributes:
        return TypedSearchAttributes([SearchAttributePair(BATCH_KEY, self._batch)])


def _heard(child: asyncio.Task[Any]) -> None:
    """The catalog says how it ended; an exception that nobody looks at would be logged as lost."""
    if not child.cancelled():
        child.exception()


async def _cancel(workflow_id: str) -> None:
    try:
        await workflow.get_external_workflow_handle(workflow_id).cancel()
    except FailureError:
        workflow.logger.info("%s has ended meanwhile", workflow_id)


def summary_of(request: VideoRequest) -> str:
    """What stands beside the run in the Web UI's list."""
    return _cut(request.title or request.source)


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:_SUMMARY_BYTES].decode(errors="ignore")
