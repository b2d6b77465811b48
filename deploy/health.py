"""Whether this container's worker is alive: `python deploy/health.py --queues cpu`; exit code 0 or 1.

It asks Temporal, not the process: what counts is that the server heard lately of a worker of this host on
every queue. A worker that has a free slot polls. One whose slots are all busy does not, for hours maybe; but
the SDK says once a minute that it runs.
"""
# ruff: noqa: INP001 - a script among files that are no code

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import TaskQueueType, WorkerStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerRequest,
    ListWorkersRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where the rooms lie

from mindreel.bootstrap.client import connect
from mindreel.cli.leave import leave
from mindreel.errors import SetupError
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, INBOX_QUEUE, NOTICE_QUEUE

QUEUES = {"cpu": (CPU_QUEUE, CONTROL_QUEUE, INBOX_QUEUE, NOTICE_QUEUE), "gpu": (GPU_QUEUE,)}
"""What `worker_main.py --queues` polls for each name."""

LATELY_S = 150.0
"""A poll lasts a minute and a beat comes every minute; one may get lost."""

_TIMEOUT = timedelta(seconds=5)
_WITHOUT_BEATS = (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.NOT_FOUND)
"""Older servers, keys that may not ask, and a worker that was forgotten since it was listed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what is wrong, if anything."""
    parser = argparse.ArgumentParser(prog="health.py", description="Ask Temporal for this host's workers.")
    parser.add_argument("--queues", nargs="+", choices=tuple(QUEUES), default=tuple(QUEUES))
    queues = [queue for name in parser.parse_args(arguments).queues for queue in QUEUES[name]]
    host = socket.gethostname()
    try:
        silent = asyncio.run(_silent(host, queues))
    except (SetupError, RPCError) as error:
        return _answer(1, f"Temporal does not answer: {error}")
    if silent:
        return _answer(1, f"Temporal has not heard lately of a worker of {host} on {', '.join(silent)}.")
    return _answer(0, "ok")


async def _silent(host: str, queues: Sequence[str]) -> list[str]:
    client = await connect()
    return [queue for queue in queues if not await _heard(client, host, queue)]


async def _heard(client: Client, host: str, queue: str) -> bool:
    oldest = time.time() - LATELY_S
    return (
        await _last_poll_s(client, host, queue) > oldest or await _last_beat_s(client, host, queue) > oldest
    )


async def _last_poll_s(client: Client, host: str, queue: str) -> float:
    """When a worker of this host last asked for an activity, in seconds since 1970; 0 for never."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=_TIMEOUT)
    ours = [poller for poller in answer.pollers if poller.identity.endswith(f"@{host}")]
    return max((_seconds(poller.last_access_time) for poller in ours), default=0.0)


async def _last_beat_s(client: Client, host: str, queue: str) -> float:
    """When a worker of this host last said that it runs, in seconds since 1970; 0 for never."""
    where = f"HostName = '{host}' AND TaskQueue = '{queue}'"
    request = ListWorkersRequest(namespace=client.namespace, query=where)
    try:
        listed = await client.workflow_service.list_workers(request, timeout=_TIMEOUT)
        running = [each for each in listed.workers if each.status == WorkerStatus.WORKER_STATUS_RUNNING]
        return max([0.0, *[await _beat_s(client, each.worker_instance_key) for each in running]])
    except RPCError as error:
        if error.status in _WITHOUT_BEATS:
            return 0.0
        raise


async def _beat_s(client: Client, key: str) -> float:
    request = DescribeWorkerRequest(namespace=client.namespace, worker_instance_key=key)
    answer = await client.workflow_service.describe_worker(request, timeout=_TIMEOUT)
    return _seconds(answer.worker_info.worker_heartbeat.heartbeat_time)


def _seconds(moment: Timestamp) -> float:
    return moment.ToNanoseconds() / 1e9


def _answer(code: int, text: str) -> int:
    print(text)  # noqa: T201 - `docker inspect` shows it
    return code


if __name__ == "__main__":
    leave(main())
