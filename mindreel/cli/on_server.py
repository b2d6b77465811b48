"""What the server knows of a video that a person names."""

from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mindreel.bootstrap.cluster import Cluster
from mindreel.cli.lookup import find_row, id_of, unknown
from mindreel.cli.runs import Run, request_of
from mindreel.contracts.codec import from_json
from mindreel.contracts.video import VideoRequest
from mindreel.errors import InputError
from mindreel.settings import Settings
from workflows.ids import video_workflow_id

_RPC_TIMEOUT = timedelta(seconds=5)


async def current_run(text: str, settings: Settings, cluster: Cluster) -> Run | None:
    """The newest run the server knows of; None when it knows none."""
    row = find_row(text, settings)
    known = row.workflow_id if row is not None else ""  # a queued video's first run has not said its own yet
    workflow_id = known or video_workflow_id(row.id if row is not None else id_of(text))
    try:
        seen = await cluster.client.get_workflow_handle(workflow_id).describe(rpc_timeout=_RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return Run(workflow_id, seen.run_id, joined=True)


async def last_request(text: str, settings: Settings, client: Client | None) -> VideoRequest:
    """What was last asked for this video: from the catalog, else from the server's history."""
    row = find_row(text, settings)
    if row is not None and row.request_json:
        try:
            return from_json(VideoRequest, row.request_json.encode())
        except ValidationError as error:
            raise InputError(
                f"The options of {row.id} were recorded by another version; run it again from its source."
            ) from error
    if client is None:
        raise unknown(text)
    try:
        return await request_of(client, client.get_workflow_handle(video_workflow_id(id_of(text))))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise unknown(text) from error
        raise
