"""The embedded engine's plan: which workers, which search attributes, how long history is kept."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from mindreel.bootstrap.build import ROOT, Build, current, database_of, remember
from mindreel.bootstrap.client import connect
from mindreel.engine.state import EngineState
from mindreel.engine.supervisor import EnginePlan, WorkerCommand
from mindreel.errors import SetupError
from mindreel.settings import Settings
from workflows.progress import SEARCH_ATTRIBUTES

RETENTION = timedelta(days=90)
"""How long the Web UI shows closed runs; the server's default is one day."""

_HOUSEKEEPING = ("CsvScan", "Cleanup", "SiteGate")
"""Workflows for which alone no engine need stay: the schedules run again, a gate without visitors is idle."""

_OPEN = " AND ".join(
    ['ExecutionStatus = "Running"', *(f'WorkflowType != "{each}"' for each in _HOUSEKEEPING)]
)


def engine_plan(settings: Settings, *, idle_minutes: float | None) -> EnginePlan:
    """Server, CPU worker and GPU worker, all state under one home.

    `idle_minutes` None: it stays until it is stopped; else it is a background engine and leaves when idle.
    """
    build = current(settings, background=idle_minutes is not None)
    watch = _Watch()

    def prepare(state: EngineState) -> None:
        watch.address = state.address
        _prepare(settings, build, state)

    return EnginePlan(
        home=settings.home,
        workers=tuple(_worker(settings, queue) for queue in ("cpu", "gpu")),
        search_attributes=SEARCH_ATTRIBUTES,
        prepare=prepare,
        idle_minutes=idle_minutes,
        busy=watch.busy,
        version=build.version,
        database=database_of(settings),
    )


def background_command(settings: Settings) -> Sequence[str]:
    """What starts such an engine for this home from any program of ours."""
    idle = f"{settings.idle_minutes:g}"
    return [sys.executable, str(ROOT / "starter.py"), "up", "--when-idle", idle]


async def has_open_workflows(client: Client) -> bool:
    """True while anything goes on that somebody waits for."""
    return (await client.count_workflows(_OPEN)).count > 0


def _worker(settings: Settings, queue: str) -> WorkerCommand:
    return WorkerCommand(
        name=f"worker-{queue}",
        arguments=(sys.executable, str(ROOT / "worker_main.py"), "--queues", queue),
        environment={"MINDREEL_HOME": str(settings.home)},
    )


def _prepare(settings: Settings, build: Build, state: EngineState) -> None:
    try:
        asyncio.run(_keep_history(state.address))
        remember(settings.home, build)
    except (RPCError, OSError) as error:
        raise SetupError(f"The Temporal server could not be set up: {error}") from error


async def _keep_history(address: str) -> None:
    client = await connect(address)
    config = NamespaceConfig(workflow_execution_retention_ttl=_duration(RETENTION))
    request = UpdateNamespaceRequest(namespace=client.namespace, config=config)
    await client.workflow_service.update_namespace(request)


def _duration(span: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(span)
    return duration


class _Watch:
    """Whether the server has work; asked in the engine's watching thread, about every 15 seconds."""

    def __init__(self) -> None:
        self.address = ""

    def busy(self) -> bool:
        """True also while the server does not answer: it is being started again."""
        try:
            return asyncio.run(self._ask())
        except (RPCError, SetupError):
            return True

    async def _ask(self) -> bool:
        return await has_open_workflows(await connect(self.address))
