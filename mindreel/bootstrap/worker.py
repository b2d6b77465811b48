"""Workers: which queue runs what, how much at once, and how they stop."""

import asyncio
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from mindreel.bootstrap.activities import Activity, cpu_activities, gpu_activities
from mindreel.bootstrap.client import connect
from mindreel.engine.scratch import Scratch
from mindreel.settings import Settings
from mindreel.speech.device import choose, chunks_at_once
from mindreel.telemetry import log
from workflows.ids import CPU_QUEUE, GPU_QUEUE
from workflows.video_pipeline import VideoPipeline

DRAIN = timedelta(seconds=20)
"""How long running activities may go on after a stop was asked for; then they are cancelled and retried.

Shorter than the supervisor's patience, so that what is cancelled has time to clean up.
"""


async def run_workers(settings: Settings, queues: Sequence[str]) -> None:
    """Work on `queues` (cpu, gpu) until SIGTERM or Ctrl-C, then drain."""
    Scratch(settings.scratch).sweep()
    client = await connect(patient=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        for queue in queues:
            await stack.enter_async_context(_BUILDERS[queue](client, settings))
            log().info("worker ready", queue=queue, pid=os.getpid())
        await stop.wait()
        log().info("worker draining")


def _cpu_worker(client: Client, settings: Settings) -> Worker:
    at_once = max(2, os.cpu_count() or 2)
    return _worker(client, CPU_QUEUE, cpu_activities(settings), at_once, workflows=[VideoPipeline])


def _gpu_worker(client: Client, settings: Settings) -> Worker:
    speech = settings.speech
    at_once = speech.workers or chunks_at_once(choose(speech.device, speech.compute_type))
    return _worker(client, GPU_QUEUE, gpu_activities(settings), at_once, workflows=[])


_BUILDERS = {"cpu": _cpu_worker, "gpu": _gpu_worker}


def _worker(
    client: Client, queue: str, activities: list[Activity], at_once: int, *, workflows: list[type]
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        activity_executor=ThreadPoolExecutor(at_once, thread_name_prefix=queue),
        max_concurrent_activities=at_once,
        # Heartbeats are otherwise sent at 0.8 of their timeout: progress would freeze and cancels come late.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        # After a worker is killed its sticky queue would hold its workflows for ten seconds.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=DRAIN,
    )
