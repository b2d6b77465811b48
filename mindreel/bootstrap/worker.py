"""Workers: which queue runs what, how much at once, and how they stop."""

import asyncio
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from mindreel.bootstrap.activities import Activity, cpu_activities, gpu_activities
from mindreel.bootstrap.client import connect
from mindreel.bootstrap.control import control_activities, inbox_activities, notice_activities
from mindreel.bootstrap.schedules import ensure_schedules
from mindreel.bootstrap.search_attributes import register_search_attributes
from mindreel.bootstrap.stores import make_stores_ready
from mindreel.engine.scratch import Scratch
from mindreel.errors import SetupError
from mindreel.settings import Settings
from mindreel.speech.device import choose, chunks_at_once
from mindreel.telemetry import log
from workflows.cleanup import Cleanup
from workflows.csv_batch import CsvBatch
from workflows.csv_scan import CsvScan
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, INBOX_QUEUE, NOTICE_QUEUE
from workflows.notice import Notice
from workflows.playlist_row import PlaylistRow
from workflows.site_gate import SiteGate
from workflows.video_pipeline import VideoPipeline

WORKFLOWS = (VideoPipeline, CsvScan, CsvBatch, PlaylistRow, SiteGate, Notice, Cleanup)

DRAIN = timedelta(seconds=20)
"""How long running activities may go on after a stop was asked for; then they are cancelled and retried.

Shorter than the supervisor's patience, so that what is cancelled has time to clean up.
"""
_CONTROL_THREADS = 8
_INBOX_THREADS = 2
_NOTICES_AT_ONCE = 2
_CACHED_WORKFLOWS = 200
"""A workflow in the cache costs about half a megabyte; one that is not is replayed, in milliseconds."""


async def run_workers(settings: Settings, queues: Sequence[str]) -> None:
    """Work on `queues` (cpu, gpu) until SIGTERM or Ctrl-C, then drain."""
    Scratch(settings.scratch).sweep()
    client = await connect(patient=True)
    await asyncio.to_thread(make_stores_ready, settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        for queue in queues:
            for worker in _BUILDERS[queue](client, settings):
                await stack.enter_async_context(worker)
            log().info("worker ready", queue=queue, pid=os.getpid())
        if "cpu" in queues:
            await _let_cluster_be_ready(client, settings)
        await stop.wait()
        log().info("worker draining")


def _cpu_workers(client: Client, settings: Settings) -> list[Worker]:
    at_once = max(2, os.cpu_count() or 2)
    return [
        _worker(client, CPU_QUEUE, cpu_activities(settings), at_once, workflows=WORKFLOWS),
        _worker(client, CONTROL_QUEUE, control_activities(settings, client), _CONTROL_THREADS),
        _worker(client, INBOX_QUEUE, inbox_activities(settings), _INBOX_THREADS),
        _worker(client, NOTICE_QUEUE, notice_activities(settings), _NOTICES_AT_ONCE),
    ]


def _gpu_workers(client: Client, settings: Settings) -> list[Worker]:
    speech = settings.speech
    at_once = speech.workers or chunks_at_once(choose(speech.device, speech.compute_type))
    return [_worker(client, GPU_QUEUE, gpu_activities(settings), at_once)]


async def _let_cluster_be_ready(client: Client, settings: Settings) -> None:
    """An operator may have made both, so a cluster that refuses is told of, not given up."""
    try:
        await register_search_attributes(client)
        await ensure_schedules(client, settings)
    except (SetupError, RPCError) as error:
        log().warning("search attributes or schedules not made", reason=str(error))


_BUILDERS = {"cpu": _cpu_workers, "gpu": _gpu_workers}


def _worker(
    client: Client, queue: str, activities: list[Activity], at_once: int, *, workflows: Sequence[type] = ()
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        activity_executor=ThreadPoolExecutor(at_once, thread_name_prefix=queue),
        max_concurrent_activities=at_once,
        max_cached_workflows=_CACHED_WORKFLOWS if workflows else 0,
        # Heartbeats are otherwise sent at 0.8 of their timeout: progress would freeze and cancels come late.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        # After a worker is killed its sticky queue would hold its workflows for ten seconds.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=DRAIN,
    )
