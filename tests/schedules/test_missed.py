"""A server that was away for many intervals."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client, ScheduleDescription, ScheduleHandle
from temporalio.worker import Worker

from mindreel.bootstrap.control import inbox_activities
from mindreel.settings import load
from schedules import csv_scan
from schedules.apply import ensure
from schedules.pace import Pace
from tests.support.temporal import DEADLINE_S, TemporalServer
from workflows.csv_scan import CsvScan
from workflows.ids import CPU_QUEUE, CSV_SCAN_SCHEDULE, INBOX_QUEUE

AWAY_S = 16.0
"""More than the server's shortest catch-up window of ten seconds."""


@pytest.mark.slow
async def test_at_most_one_scan_makes_up_for_all_that_were_missed(
    server: TemporalServer, tmp_path: Path
) -> None:
    client = await server.connect()
    settings = load({"MINDREEL_HOME": str(tmp_path)})
    with ThreadPoolExecutor(2) as pool:
        async with (
            Worker(client, task_queue=CPU_QUEUE, workflows=[CsvScan]),
            Worker(
                client,
                task_queue=INBOX_QUEUE,
                activities=inbox_activities(settings),
                activity_executor=pool,
                max_concurrent_activities=2,
            ),
        ):
            await ensure(client, CSV_SCAN_SCHEDULE, csv_scan.schedule(Pace(2)))
            handle = client.get_schedule_handle(CSV_SCAN_SCHEDULE)
            await until(handle, lambda seen: seen.info.num_actions >= 2 and not seen.info.running_actions)

            away_at = datetime.now(UTC)
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(AWAY_S)
            back_at = datetime.now(UTC)
            await asyncio.to_thread(server.start)
            await until(handle, lambda seen: started_after(seen, back_at) >= 2)
            seen = await handle.describe()
            await handle.pause()

    assert seen.info.num_actions_missed_catchup_window >= 1
    away = [each for each in seen.info.recent_actions if away_at < each.scheduled_at < back_at]
    assert len(away) <= 1, "the scans that were missed are made up for by one, or by the next regular one"
    assert await scans(client) >= 4


def started_after(seen: ScheduleDescription, moment: datetime) -> int:
    return sum(each.scheduled_at > moment for each in seen.info.recent_actions)


async def until(handle: ScheduleHandle, reached: Callable[[ScheduleDescription], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not reached(await handle.describe()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def scans(client: Client) -> int:
    return (await client.count_workflows("WorkflowType = 'CsvScan' AND ExecutionStatus = 'Completed'")).count
