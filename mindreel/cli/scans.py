"""One look into the inbox, started and waited for."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from mindreel.cli.session import Session
from mindreel.cli.trouble import ending_of
from mindreel.contracts.scan import ScanInput, ScanResult
from mindreel.errors import MindreelError
from workflows.csv_scan import CsvScan
from workflows.ids import CPU_QUEUE, scan_workflow_id

_Handle: TypeAlias = WorkflowHandle[CsvScan, ScanResult]
_PATIENCE_S = 10.0
_UNTOUCHED_EVENTS = 2
"""Started and scheduled: no worker has looked at it."""
_RPC_TIMEOUT = timedelta(seconds=5)
_NOBODY = "No worker has taken this up yet; `doctor` says whether one is there."


async def scan(session: Session, inbox: str, say: Callable[[str], None]) -> ScanResult:
    """What the scan found; `say` is told once when no worker is there.

    Raises `MindreelError` with the reason where it could not look.
    """
    workflow_id = scan_workflow_id(uuid.uuid4().hex[:12])
    said = False
    while True:
        try:
            handle = await _started(session.client, workflow_id, inbox)
            result = await _result_soon(handle)
            if result is not None:
                return result
            session.check_workers()
            if not said and await _untouched(handle):
                said = True
                say(_NOBODY)
        except WorkflowFailureError as failure:
            raise MindreelError(ending_of(failure)) from failure
        except RPCError as error:
            await session.recover(error)
        else:
            session.well()


async def _started(client: Client, workflow_id: str, inbox: str) -> _Handle:
    """Starts it the first time; after that the same one, also when it has ended."""
    try:
        return await client.start_workflow(
            CsvScan.run,
            ScanInput(inbox),
            id=workflow_id,
            task_queue=CPU_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary="Look for new CSV files, asked for by a person",
        )
    except WorkflowAlreadyStartedError:
        return client.get_workflow_handle_for(CsvScan.run, workflow_id)


async def _result_soon(handle: _Handle) -> ScanResult | None:
    try:
        return await asyncio.wait_for(handle.result(), _PATIENCE_S)
    except TimeoutError:
        return None


async def _untouched(handle: _Handle) -> bool:
    return (await handle.describe(rpc_timeout=_RPC_TIMEOUT)).history_length <= _UNTOUCHED_EVENTS
