"""Run a scenario on a real server, with the real activities of both queues in this process."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from mindreel.bootstrap.activities import cpu_activities, gpu_activities
from mindreel.bootstrap.control import control_activities, inbox_activities
from mindreel.bootstrap.worker import WORKFLOWS
from mindreel.contracts.steps import VideoResult
from mindreel.contracts.video import VideoRequest
from mindreel.engine.server import _TUNING, find_temporal
from mindreel.settings import load
from mindreel.sources.identity import identify
from tests.workflows.scenarios import Activity, Scenario
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, video_workflow_id
from workflows.progress import SEARCH_ATTRIBUTES
from workflows.video_pipeline import VideoPipeline

Handle = WorkflowHandle[VideoPipeline, VideoResult]


@asynccontextmanager
async def server(*settings: str) -> AsyncIterator[Client]:
    """The real dev server with our search attributes, as quick as the one of the engine; and `settings`."""
    tuning = [*(f"{name}={value}" for name, value in _TUNING.items()), *settings]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_temporal()),
        dev_server_log_level="error",
        dev_server_extra_args=[part for each in tuning for part in ("--dynamic-config-value", each)],
        search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
    ) as environment:
        yield environment.client


@asynccontextmanager
async def started(client: Client, scenario: Scenario, folder: Path) -> AsyncIterator[Handle]:
    """Workers are up and the scenario's workflow is on its way."""
    settings = load({"MINDREEL_HOME": str(folder / "home")})
    media = (*cpu_activities(settings), *gpu_activities(settings))
    quick = (*inbox_activities(settings), *control_activities(settings, client))
    found = {name_of(each): each for each in (*media, *quick)}
    if scenario.fault is not None:
        fault = scenario.fault(found)
        found[name_of(fault)] = fault
    video = folder / "talk.mp4"
    scenario.make(video)
    request = VideoRequest(str(video), identify(str(video)), scenario.options)
    with ThreadPoolExecutor(8) as pool:
        async with AsyncExitStack() as stack:
            for queue in (CPU_QUEUE, GPU_QUEUE, CONTROL_QUEUE):
                await stack.enter_async_context(_worker(client, queue, found, pool))
            yield await client.start_workflow(
                VideoPipeline.run,
                request,
                id=video_workflow_id(request.video.id),
                task_queue=CPU_QUEUE,
                execution_timeout=timedelta(minutes=5),
            )


def name_of(function: Activity) -> str:
    """The activity's registered name."""
    definition = activity._Definition.must_from_callable(function)
    assert definition.name
    return definition.name


def _worker(client: Client, queue: str, found: dict[str, Activity], pool: ThreadPoolExecutor) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=list(found.values()),
        activity_executor=pool,
        max_concurrent_activities=4,
        max_heartbeat_throttle_interval=timedelta(milliseconds=200),
    )
