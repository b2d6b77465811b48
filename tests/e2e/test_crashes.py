"""kill -9 in the middle of each stage: the run ends completed, and nothing finished is done again."""

import asyncio
import json
import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from tests.support.command import TALK, Mindreel
from tests.support.loopback_site import LoopbackSite

STAGES = ("download", "transcribe_chunk", "analyze", "cut_clip")
"""By the activity that is running when the blow falls."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


def kill_workers(mindreel: Mindreel) -> None:
    for child in mindreel.engine()["children"]:
        if child["name"].startswith("worker"):
            os.kill(child["pid"], signal.SIGKILL)


def kill_server(mindreel: Mindreel) -> None:
    (server,) = (child for child in mindreel.engine()["children"] if child["name"] == "temporal")
    os.kill(server["pid"], signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_workers, kill_server])
async def test_a_run_survives_a_kill_in_every_stage(
    own_mindreel: Mindreel, site: LoopbackSite, kill: Callable[[Mindreel], None]
) -> None:
    shutil.copy(TALK, site.directory)
    site.slow_bytes_per_s = TALK.stat().st_size // 5
    process = own_mindreel.start(
        "run", site.url("slow/talk.mp4"), "--json", "--clips", "3", MINDREEL_ALLOW_PRIVATE_HOSTS="1"
    )
    for stage in STAGES:
        await reached(own_mindreel, stage)
        if stage == "transcribe_chunk":
            await some_chunk_is_finished(own_mindreel)
        kill(own_mindreel)
    out, err = await asyncio.to_thread(process.communicate, timeout=300)
    assert process.returncode == 0, err
    result = json.loads(out)
    assert result["outcome"] == "completed", result["reasons"]
    assert "report" in result["artifacts"]
    await nothing_was_done_twice(own_mindreel, result["id"])
    assert own_mindreel.left_behind() == []


async def reached(mindreel: Mindreel, activity_type: str) -> None:
    """Wait until an activity of that type is running."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        for pending in (await describe(mindreel)).raw_description.pending_activities:
            running = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
            if (
                pending.activity_type.name == activity_type
                and running
                and pending.HasField("last_started_time")
            ):
                return
        await asyncio.sleep(0.03)
    pytest.fail(f"{activity_type} never ran")


async def some_chunk_is_finished(mindreel: Mindreel) -> None:
    """The blow falls when there is something to lose."""
    deadline = time.monotonic() + 180
    while finished_chunks(mindreel) == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def finished_chunks(mindreel: Mindreel) -> int:
    """How often a worker finished a chunk, by what the workers themselves logged."""
    lines = (mindreel.home / "logs" / "worker-gpu.log").read_text().splitlines()
    return sum("step finished" in line and "step=chunk" in line for line in lines)


async def describe(mindreel: Mindreel) -> WorkflowExecutionDescription:
    """The only run of this data directory; patient while the server is away."""
    deadline = time.monotonic() + 60
    while True:
        try:
            client = await Client.connect(mindreel.engine()["address"])
            async for run in client.list_workflows('WorkflowType = "VideoPipeline"'):
                return await client.get_workflow_handle(run.id).describe()
        except (RPCError, RuntimeError, OSError, ValueError):
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


async def nothing_was_done_twice(mindreel: Mindreel, video_id: str) -> None:
    """The workflow asked for each piece of work once, and the workers finished each step once."""
    client = await Client.connect(mindreel.engine()["address"])
    history = await client.get_workflow_handle(f"video-{video_id}").fetch_history()
    asked: Counter[tuple[str, bytes]] = Counter()
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            wanted = event.activity_task_scheduled_event_attributes
            asked[wanted.activity_type.name, wanted.input.payloads[0].data] += 1
    assert set(asked.values()) == {1}
    finished = Counter(step_of(line) for line in log_lines(mindreel) if "step finished" in line)
    results = Counter(
        path.parent.name.rpartition("-")[0] for path in (mindreel.home / "artifacts").rglob("result.json")
    )
    assert {step: finished[step] for step in results} == results


def log_lines(mindreel: Mindreel) -> list[str]:
    """What all workers logged, the killed ones too."""
    return [
        line for log in (mindreel.home / "logs").glob("worker-*") for line in log.read_text().splitlines()
    ]


def step_of(line: str) -> str:
    """The step a log line speaks of."""
    found = re.search(r"step=(\S+)", line)
    return found.group(1) if found else ""
