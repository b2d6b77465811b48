"""Starting a video's workflow, or joining the one that is already going on."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from mindreel.cli.invocation import invocation
from mindreel.cli.trouble import ending_of
from mindreel.cli.watch import is_running
from mindreel.contracts.steps import VideoResult
from mindreel.contracts.video import VideoRequest
from mindreel.errors import InputError
from workflows.ids import CPU_QUEUE, video_workflow_id
from workflows.video_pipeline import VideoPipeline

_SUMMARY_BYTES = 200
_POLL_S = 0.5
_CANCEL_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Run:
    """One run of one video's workflow."""

    workflow_id: str
    run_id: str
    joined: bool
    """True when it was going on before we came."""


async def start_or_join(
    client: Client, request: VideoRequest, *, wait: bool, on_wait: Callable[[], None] = lambda: None
) -> Run:
    """Start `request`, or join a running one that asks for the same.

    One video has one run at a time. Where the running one has other options, ours starts after it; with
    `wait` False that raises `InputError` instead. `on_wait` is called once when waiting begins.
    """
    waited = False
    while True:
        try:
            return await _start(client, request)
        except WorkflowAlreadyStartedError as running:
            handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(
                running.workflow_id, run_id=running.run_id
            )
        if await _asks_the_same(client, handle, request):
            return Run(handle.id, handle.run_id or "", joined=True)
        if not wait:
            raise InputError(
                f"{request.source} is being processed with other options; wait until that is done, "
                f"or cancel it: {invocation()} cancel {request.video.id}"
            )
        if not waited:
            waited = True
            on_wait()
        await _until_closed(handle)


async def _start(client: Client, request: VideoRequest) -> Run:
    handle = await client.start_workflow(
        VideoPipeline.run,
        request,
        id=video_workflow_id(request.video.id),
        task_queue=CPU_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        static_summary=_summary(request),
        static_details=_details(request),
    )
    return Run(handle.id, handle.result_run_id or handle.first_execution_run_id or "", joined=False)


async def request_of(client: Client, handle: WorkflowHandle[Any, Any]) -> VideoRequest:
    """What a run was asked for, from the first event of its history: whoever started it."""
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        request: VideoRequest = (await client.data_converter.decode(payloads, [VideoRequest]))[0]
        return request
    raise AssertionError("every history begins with an event")


async def result_of(client: Client, run: Run) -> VideoResult | str:
    """The result of a run that has ended, or the one sentence on why there is none."""
    handle = client.get_workflow_handle_for(VideoPipeline.run, run.workflow_id, run_id=run.run_id)
    try:
        return await handle.result()
    except WorkflowFailureError as failure:
        return ending_of(failure)


async def cancel(client: Client, run: Run) -> bool:
    """Ask a run to stop and wait until it has; False when it is still going on after a minute."""
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    await handle.cancel()
    try:
        await asyncio.wait_for(_until_closed(handle), _CANCEL_PATIENCE_S)
    except TimeoutError:
        return False
    return True


async def _asks_the_same(client: Client, handle: WorkflowHandle[Any, Any], request: VideoRequest) -> bool:
    running = await request_of(client, handle)
    return running.options == request.options and running.force == request.force


async def _until_closed(handle: WorkflowHandle[Any, Any]) -> None:
    while await is_running(handle):  # noqa: ASYNC110 - the other side is a server
        await asyncio.sleep(_POLL_S)


def _summary(request: VideoRequest) -> str:
    """What stands beside the run in the Web UI's list; the server takes a limited number of bytes."""
    text = request.source if request.video.platform != "file" else PurePath(request.video.locator).name
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _details(request: VideoRequest) -> str:
    """Markdown for the Web UI."""
    options = request.options
    chosen = [f"at most {options.clips} clips" if options.clips else "no clips"]
    chosen += ["burned captions"] if options.captions else []
    chosen += ["9:16"] if options.vertical else []
    chosen += [f"language {options.language}" if options.language else "language detected"]
    chosen += [f"model {_code(options.model)}"] if options.model else []
    chosen += ["everything done again"] if request.force else []
    rows = {
        "Source": _code(request.source[:2000]),
        "Platform": request.video.platform,
        "Video": _code(request.video.id),
        "Options": ", ".join(chosen),
    }
    return "\n".join(f"- **{name}**: {text}" for name, text in rows.items())


def _code(text: str) -> str:
    """A Markdown code span; its fence is longer than any run of backticks inside (CommonMark 6.1)."""
    line = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"{fence}{line}{fence}"
