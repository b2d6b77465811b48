"""Whether this container's worker is alive: `python deploy/health.py --queues cpu`; exit code 0 or 1.

It asks Temporal, not the process. Each worker tells the server once a minute that it runs, also while all its
slots are busy and it polls for nothing; what counts is that the server heard of every queue lately.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeWorkerRequest, ListWorkersRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mindreel.bootstrap.client import connect  # noqa: E402 - found through the line above
from mindreel.errors import SetupError  # noqa: E402
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, INBOX_QUEUE, NOTICE_QUEUE  # noqa: E402

QUEUES = {"cpu": (CPU_QUEUE, CONTROL_QUEUE, INBOX_QUEUE, NOTICE_QUEUE), "gpu": (GPU_QUEUE,)}
"""What `worker_main.py --queues` polls for each name."""

LATELY_S = 150.0
"""Two beats and a half: the SDK sends one a minute."""

_TIMEOUT = timedelta(seconds=5)


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
    beats = await asyncio.gather(*(_last_beat_s(client, host, queue) for queue in queues))
    return [queue for queue, beat in zip(queues, beats, strict=True) if time.time() - beat > LATELY_S]


async def _last_beat_s(client: Client, host: str, queue: str) -> float:
    """When a worker of this host last said that it runs, in seconds since 1970; 0 when none has."""
    request = ListWorkersRequest(
        namespace=client.namespace, query=f"HostName = '{host}' AND TaskQueue = '{queue}'"
    )
    listed = await client.workflow_service.list_workers(request, timeout=_TIMEOUT)
    return max([0.0, *[await _beat_s(client, worker.worker_instance_key) for worker in listed.workers]])


async def _beat_s(client: Client, key: str) -> float:
    request = DescribeWorkerRequest(namespace=client.namespace, worker_instance_key=key)
    try:
        answer = await client.workflow_service.describe_worker(request, timeout=_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return 0.0  # forgotten since it was listed
        raise
    return answer.worker_info.worker_heartbeat.heartbeat_time.ToNanoseconds() / 1e9


def _answer(code: int, text: str) -> int:
    print(text)  # noqa: T201 - `docker inspect` shows it
    return code


if __name__ == "__main__":
    # At once: ending the interpreter under the SDK takes longer, and may abort it.
    from mindreel.cli.leave import leave

    leave(main())
