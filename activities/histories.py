"""What scans and clean-ups leave on the Temporal server: a scan a minute is megabytes a day."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Run
from temporalio.service import RPCError, RPCStatusCode

from activities.edge import activity_edge, activity_span
from activities.reaching import reaching_server
from activities.tally import Tally
from mindreel.contracts.cleanup import HISTORIES, Cleaned, CleanupOrder, CleanupResult
from mindreel.telemetry import log

KINDS = ("CsvScan", "Cleanup")
"""Workflows that run again and again, and whose old runs nobody looks up."""
DONE_FOR, FAILED_FOR = timedelta(days=1), timedelta(days=7)
"""How long the runs of both stay that went well, and that did not."""
KEPT = 10
"""Of each kind, the last ones: `schedule show` tells how they went, however seldom they come."""

_STAGE = "cleanup"
_AT_ONCE = 16
_REFUSED = (
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.UNIMPLEMENTED,
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.FAILED_PRECONDITION,
)


@dataclass(frozen=True)
class HistoriesActivity:
    """Deletes closed runs, in the client's own namespace; one that is gone already is no harm."""

    client: Client
    most: int = 20_000
    """A clean-up; those beyond wait for the next."""

    @activity.defn(name="delete_histories")
    async def delete_histories(self, order: CleanupOrder) -> CleanupResult:
        """What went, as HISTORIES; a server that does not allow it is said, not raised."""
        with activity_edge(_STAGE, ""), activity_span(_STAGE, ""), reaching_server():
            tally = Tally()
            tally.beat()
            try:
                for kind in KINDS:
                    await self._delete(tally, kind, datetime.fromtimestamp(order.now_s, UTC))
            except RPCError as error:
                if error.status not in _REFUSED:
                    raise
                tally.problem(
                    f"The Temporal server does not let old runs of scans and clean-ups be deleted "
                    f"({error.message}): they stay until its retention ends."
                )
            log().info("old runs deleted", count=_count(tally), problems=tally.result.problems)
            return tally.result

    async def _delete(self, tally: Tally, kind: str, now: datetime) -> None:
        async for runs in self._old(kind, now):
            room = self.most - _count(tally)
            if room <= 0:
                return
            gone = await asyncio.gather(*(self._deleted(run) for run in runs[:room]))
            tally.beat()
            tally.add(HISTORIES, Cleaned(sum(gone)))

    async def _old(self, kind: str, now: datetime) -> AsyncIterator[list[Run]]:
        """Some at a time, the newest first. The list may lag behind: it still names some that are gone."""
        runs: list[Run] = []
        seen = 0
        async for run in self.client.list_workflows(_query(kind, now)):
            seen += 1
            if seen > KEPT:
                runs.append(run)
            if len(runs) == _AT_ONCE:
                yield runs
                runs = []
        yield runs

    async def _deleted(self, run: Run) -> bool:
        """False where it was gone. By its run id: whatever has that workflow id now is not meant."""
        request = DeleteWorkflowExecutionRequest(
            namespace=self.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run.id, run_id=run.run_id),
        )
        try:
            await self.client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True


def _query(kind: str, now: datetime) -> str:
    done, failed = (_time(now - span) for span in (DONE_FOR, FAILED_FOR))
    return (
        f"WorkflowType = '{kind}' AND ((ExecutionStatus = 'Completed' AND CloseTime < '{done}') "
        f"OR (ExecutionStatus != 'Running' AND CloseTime < '{failed}'))"
    )


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(tally: Tally) -> int:
    return tally.result.kinds.get(HISTORIES, Cleaned()).count
