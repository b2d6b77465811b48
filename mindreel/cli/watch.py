"""Reads a run's progress from Temporal: the query `progress`, and what its activities' heartbeats say."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.reporter import Beat
from mindreel.cli.meter import STAGE_OF_ACTIVITY, Meter, Pending, View
from mindreel.contracts.steps import StepReport
from workflows.progress import RunProgress
from workflows.video_pipeline import VideoPipeline

_RPC_TIMEOUT = timedelta(seconds=5)
_QUERY_TIMEOUT = timedelta(seconds=2)
_STUCK_ATTEMPTS = 5
_NO_ANSWER = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION)
"""Of a query: no worker is there to answer it yet."""


class RunWatcher:
    """Looks at one run again and again."""

    def __init__(self, workflow_id: str, run_id: str) -> None:
        self.workflow_id, self.run_id = workflow_id, run_id
        self.ended = False
        """True once the workflow is closed."""
        self.answered = False
        """True once a worker has answered: until then nobody may be working on it."""
        self.stuck = False
        """True while the workflow's own code fails on its worker, again and again."""
        self.progress = RunProgress()
        self._events = -1
        self._meter = Meter()

    async def look(self, client: Client) -> View:
        """How far it is now. Raises `RPCError` when the server does not answer."""
        handle = client.get_workflow_handle_for(VideoPipeline.run, self.workflow_id, run_id=self.run_id)
        seen = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
        if seen.history_length != self._events and await self._ask(handle):
            self._events = seen.history_length
            # Pending activities must not be older than the answer, or one would count twice.
            seen = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
        self.stuck = seen.raw_description.pending_workflow_task.attempt >= _STUCK_ATTEMPTS
        self.ended = seen.status is not WorkflowExecutionStatus.RUNNING
        pending = [await _pending(client, each) for each in seen.raw_description.pending_activities]
        return self._meter.view(self.progress, pending, now_s=time.monotonic())

    def stage_reports(self) -> tuple[StepReport, ...]:
        """One a stage that did something, as the result of a finished run has them."""
        return tuple(
            StepReport(stage.name, stage.seconds, stage.attempts, stage.reused)
            for stage in self.progress.stages
            if stage.attempts
        )

    async def _ask(self, handle: WorkflowHandle[Any, Any]) -> bool:
        try:
            self.progress = await handle.query(VideoPipeline.progress, rpc_timeout=_QUERY_TIMEOUT)
        except WorkflowQueryFailedError:
            return False
        except RPCError as error:
            if error.status not in _NO_ANSWER:
                raise
            return False
        self.answered = True
        return True


async def is_running(handle: WorkflowHandle[Any, Any]) -> bool:
    """False once the workflow is closed."""
    seen: WorkflowExecutionDescription = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
    return seen.status is WorkflowExecutionStatus.RUNNING


async def _pending(client: Client, info: Any) -> Pending:  # noqa: ANN401 - a protobuf message without types
    beat = await _beat(client, info.heartbeat_details.payloads)
    name = info.activity_type.name
    return Pending(
        stage=STAGE_OF_ACTIVITY.get(name, name),
        fraction=beat.fraction,
        note=beat.note,
        started=info.state != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
        attempt=info.attempt,
        failure=_failure(info.last_failure),
        retry_in_s=_seconds_until(info.next_attempt_schedule_time),
    )


async def _beat(client: Client, payloads: Any) -> Beat:  # noqa: ANN401 - as above
    if not payloads:
        return Beat(0.0)
    beat: Beat = (await client.data_converter.decode(payloads, [Beat]))[0]
    return beat


def _failure(failure: Any) -> str:  # noqa: ANN401 - as above
    if failure.HasField("timeout_failure_info"):
        return "its worker stopped answering"
    return str(failure.message)


def _seconds_until(when: Timestamp) -> float | None:
    if not when.seconds:
        return None
    return max(0.0, (when.ToDatetime(tzinfo=UTC) - datetime.now(tz=UTC)).total_seconds())
