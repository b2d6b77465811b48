"""The gates of the sites that are fetched from, as their workflows answer."""

import asyncio
from datetime import timedelta

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from mindreel.contracts.sites import GateView
from workflows.site_gate import SiteGate

_RUNNING = "WorkflowType = 'SiteGate' AND ExecutionStatus = 'Running'"
_MOST = 100
_QUERY_TIMEOUT = timedelta(seconds=2)
_NO_ANSWER = (
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.NOT_FOUND,
)
"""Of a query: no worker is there to answer it, or the gate has just ended."""


async def gates(client: Client) -> list[GateView]:
    """Those that answer, by site. Raises `RPCError` when the server does not."""
    runs = [each.id async for each in client.list_workflows(_RUNNING, limit=_MOST)]
    views = await asyncio.gather(*(_view(client, workflow_id) for workflow_id in runs))
    return sorted((view for view in views if view is not None), key=lambda view: view.site)


async def _view(client: Client, workflow_id: str) -> GateView | None:
    handle = client.get_workflow_handle_for(SiteGate.run, workflow_id)
    try:
        return await handle.query(SiteGate.gate, rpc_timeout=_QUERY_TIMEOUT)
    except WorkflowQueryFailedError:
        return None
    except RPCError as error:
        if error.status in _NO_ANSWER:
            return None
        raise
