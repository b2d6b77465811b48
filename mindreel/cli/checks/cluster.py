"""The Temporal server, its Web UI, and who works on the queues."""

import asyncio
import urllib.error
import urllib.request
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from mindreel.bootstrap.build import engine_of
from mindreel.bootstrap.cluster import Cluster, find_cluster
from mindreel.cli.checks.check import MISSING, OK, WARNING, Check
from mindreel.cli.parsers.schedules import NAMES
from mindreel.cli.schedule_view import IDS, every, look, not_taken
from mindreel.cli.trouble import sentence_of
from mindreel.errors import SetupError
from mindreel.settings import Settings
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, INBOX_QUEUE

_TIMEOUT = timedelta(seconds=5)
_QUEUES = (CPU_QUEUE, CONTROL_QUEUE, INBOX_QUEUE, GPU_QUEUE)
_WHEN_NEEDED = "starts when it is needed"


async def checks(settings: Settings) -> list[Check]:
    """All of them; starts nothing."""
    try:
        cluster = await find_cluster(settings)
        if cluster is None:
            return [Check("Server", OK, f"not running, {_WHEN_NEEDED}")]
        found = [_server(cluster, settings), *_troubles(settings)]
        if cluster.ui_url is not None:
            found.append(await asyncio.to_thread(_web_ui, cluster.ui_url))
        found += [await _queue(cluster, queue) for queue in _QUEUES]
        return found + [await _schedule(cluster, name) for name in NAMES]
    except SetupError as error:
        return [Check("Server", MISSING, str(error), "Start it, or correct TEMPORAL_ADDRESS.")]
    except RPCError as error:
        return [Check("Server", MISSING, sentence_of(error), "Correct the TEMPORAL_* variables.")]


def _server(cluster: Cluster, settings: Settings) -> Check:
    kind = "external" if settings.temporal_external else "embedded"
    return Check("Server", OK, f"{cluster.address}, namespace {cluster.client.namespace} ({kind})")


def _troubles(settings: Settings) -> list[Check]:
    """What the engine says of its processes that keep ending."""
    engine = None if settings.temporal_external else engine_of(settings)
    children = engine.children if engine is not None else ()
    hint = f"See the logs in {settings.logs}."
    return [Check(child.name, WARNING, child.trouble, hint) for child in children if child.trouble]


def _web_ui(url: str) -> Check:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT.total_seconds()):  # noqa: S310 - our engine's own
            return Check("Web UI", OK, url)
    except (urllib.error.URLError, OSError) as error:
        return Check(
            "Web UI", WARNING, f"{url} does not answer ({error})", "Start the engine again: down, up."
        )


async def _queue(cluster: Cluster, queue: str) -> Check:
    kinds = {"activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY}
    if queue == CPU_QUEUE:
        kinds["workflows"] = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    counts = {name: await _pollers(cluster, queue, kind) for name, kind in kinds.items()}
    name = f"Queue {queue}"
    if not all(counts.values()):
        short = "gpu" if queue == GPU_QUEUE else "cpu"
        return Check(name, MISSING, "no worker polls it", f"Start one: worker_main.py --queues {short}")
    return Check(name, OK, f"{max(counts.values())} worker(s) poll it")


async def _schedule(cluster: Cluster, name: str) -> Check:
    view = await look(cluster.client, name, IDS[name])
    title = f"Schedule {name}"
    if view is None:
        return Check(title, WARNING, "does not stand", "`schedule ensure` makes it.")
    if view.paused:
        note = f" ({view.note})" if view.note else ""
        return Check(title, WARNING, f"paused{note}", f"`schedule resume {name}` goes on.")
    if said := not_taken(view):
        return Check(title, WARNING, said, "Correct or rename them in the inbox, or take them out of it.")
    return Check(title, OK, every(view))


async def _pollers(cluster: Cluster, queue: str, kind: TaskQueueType.ValueType) -> int:
    request = DescribeTaskQueueRequest(
        namespace=cluster.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    answer = await cluster.client.workflow_service.describe_task_queue(request, timeout=_TIMEOUT)
    return len(answer.pollers)
