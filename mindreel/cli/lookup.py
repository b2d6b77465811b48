"""From what a person typed for a video to its id, its row and its last request."""

import re
from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mindreel.bootstrap.cluster import Cluster
from mindreel.bootstrap.stores import open_catalog
from mindreel.cli.invocation import invocation
from mindreel.cli.runs import Run, request_of
from mindreel.contracts.codec import from_json
from mindreel.contracts.steps import VideoResult
from mindreel.contracts.video import VideoRequest
from mindreel.errors import InputError
from mindreel.settings import Settings
from mindreel.sources.identity import identify
from mindreel.store.protocols import Catalog, VideoRow
from workflows.ids import video_workflow_id

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_WORKFLOW_PREFIX = video_workflow_id("")
_SHOWN = 5
_RPC_TIMEOUT = timedelta(seconds=5)


def catalog_of(settings: Settings) -> Catalog | None:
    """The catalog; None where nothing has been processed yet, so that a look creates no folder."""
    return open_catalog(settings) if settings.catalog.exists() else None


def find_row(text: str, settings: Settings) -> VideoRow | None:
    """The catalog's row for an id, its beginning, a workflow id, or a source as typed for `run`.

    Raises `InputError` where several begin so.
    """
    catalog = catalog_of(settings)
    if catalog is None:
        return None
    video_id = _id_of(text)
    exact = catalog.get(video_id)
    if exact is not None:
        return exact
    rows = catalog.find(video_id)
    if len(rows) > 1:
        raise InputError(_ambiguous(text, rows))
    return rows[0] if rows else None


def row_of(text: str, settings: Settings) -> VideoRow:
    """Like `find_row`; raises `InputError` where there is none."""
    row = find_row(text, settings)
    if row is None:
        raise unknown(text)
    return row


def unknown(text: str) -> InputError:
    """The sentence for an id that nobody knows."""
    return InputError(f"No video {text} is known here; `{invocation()} list` shows them all.")


def result_in(row: VideoRow) -> VideoResult | None:
    """What the catalog keeps of the last run that ended."""
    if row.result_json is None:
        return None
    return from_json(VideoResult, row.result_json.encode())


async def current_run(text: str, settings: Settings, cluster: Cluster) -> Run | None:
    """The newest run the server knows of; None when it knows none."""
    row = find_row(text, settings)
    workflow_id = row.workflow_id if row is not None else video_workflow_id(_id_of(text))
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
        return await request_of(client, client.get_workflow_handle(video_workflow_id(_id_of(text))))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise unknown(text) from error
        raise


def _id_of(text: str) -> str:
    if not _ID.fullmatch(text):
        return identify(text).id
    return text.removeprefix(_WORKFLOW_PREFIX)


def _ambiguous(text: str, rows: list[VideoRow]) -> str:
    ids = ", ".join(row.id for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"{text} could be {ids}{more}; type a little more of it."
