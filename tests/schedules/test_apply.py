"""What `ensure` leaves standing on a real server, whoever else was there before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleHandle
from temporalio.service import RPCError, RPCStatusCode

from mindreel.bootstrap.schedules import ensure_schedules
from mindreel.settings import load
from schedules import csv_scan
from schedules.apply import CHANGED, KEPT, MADE, ensure
from schedules.pace import Pace
from workflows.ids import CLEANUP_SCHEDULE, CSV_SCAN_SCHEDULE

HOURLY = csv_scan.schedule(Pace(3600))
DAILY = csv_scan.schedule(Pace(86400))


@pytest.fixture
async def handle(client: Client) -> AsyncIterator[ScheduleHandle]:
    """Of the scan's schedule, which is not there before the test nor after it."""
    found = client.get_schedule_handle(CSV_SCAN_SCHEDULE)
    yield found
    for schedule_id in (CSV_SCAN_SCHEDULE, CLEANUP_SCHEDULE):
        await gone(client.get_schedule_handle(schedule_id))


async def gone(handle: ScheduleHandle) -> None:
    try:
        await handle.delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def test_it_is_made_once_and_then_kept(client: Client, handle: ScheduleHandle) -> None:
    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == MADE
    made = (await handle.describe()).info

    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == KEPT
    assert (await handle.describe()).info.last_updated_at == made.last_updated_at


async def test_a_changed_interval_is_applied_and_an_operators_pause_and_note_stay(
    client: Client, handle: ScheduleHandle
) -> None:
    await ensure(client, CSV_SCAN_SCHEDULE, HOURLY)
    await handle.pause(note="the disk is being swapped")

    assert await ensure(client, CSV_SCAN_SCHEDULE, DAILY) == CHANGED

    schedule = await standing(handle)
    assert schedule.spec.intervals[0].every == timedelta(days=1)
    assert schedule.policy.catchup_window == timedelta(days=1)
    assert schedule.state.paused
    assert schedule.state.note == "the disk is being swapped"


async def test_an_interval_chosen_by_hand_stays_until_another_is_chosen(
    client: Client, handle: ScheduleHandle
) -> None:
    await ensure(client, CSV_SCAN_SCHEDULE, HOURLY)
    await ensure(client, CSV_SCAN_SCHEDULE, csv_scan.schedule(Pace(20, by_hand=True)))

    assert await ensure(client, CSV_SCAN_SCHEDULE, DAILY) == KEPT
    assert (await standing(handle)).spec.intervals[0].every == timedelta(seconds=20)

    await ensure(client, CSV_SCAN_SCHEDULE, csv_scan.schedule(Pace(30, by_hand=True)))
    assert (await standing(handle)).spec.intervals[0].every == timedelta(seconds=30)

    assert await ensure(client, CSV_SCAN_SCHEDULE, DAILY, override=True) == CHANGED
    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == CHANGED
    assert (await standing(handle)).spec.intervals[0].every == timedelta(hours=1)


async def test_what_another_version_started_is_replaced_also_under_a_pace_chosen_by_hand(
    client: Client, handle: ScheduleHandle
) -> None:
    older = csv_scan.schedule(Pace(20, by_hand=True))
    assert isinstance(older.action, ScheduleActionStartWorkflow)
    older.action.task_queue = "a queue of long ago"
    await client.create_schedule(CSV_SCAN_SCHEDULE, older)

    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == CHANGED

    schedule = await standing(handle)
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert isinstance(HOURLY.action, ScheduleActionStartWorkflow)
    assert schedule.action.task_queue == HOURLY.action.task_queue
    assert schedule.spec.intervals[0].every == timedelta(seconds=20)


async def test_a_scan_that_is_stuck_is_not_the_last_also_where_an_older_version_set_no_limit(
    client: Client, handle: ScheduleHandle
) -> None:
    older = csv_scan.schedule(Pace(3600))
    assert isinstance(older.action, ScheduleActionStartWorkflow)
    older.action.execution_timeout = None
    await client.create_schedule(CSV_SCAN_SCHEDULE, older)

    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == CHANGED
    assert await ensure(client, CSV_SCAN_SCHEDULE, HOURLY) == KEPT

    schedule = await standing(handle)
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert schedule.action.execution_timeout == timedelta(hours=6)


@pytest.mark.usefixtures("handle")
async def test_of_many_workers_that_start_at_once_one_makes_it(client: Client) -> None:
    done = await asyncio.gather(*(ensure(client, CSV_SCAN_SCHEDULE, HOURLY) for _ in range(8)))

    assert sorted(done) == [KEPT] * 7 + [MADE]


async def test_workers_and_somebody_who_deletes_it_end_with_it_standing(
    client: Client, handle: ScheduleHandle
) -> None:
    async def deleting() -> None:
        for _ in range(5):
            await gone(handle)
            await asyncio.sleep(0.02)

    async def ensuring() -> None:
        for _ in range(10):
            await ensure(client, CSV_SCAN_SCHEDULE, HOURLY)

    await asyncio.gather(deleting(), ensuring())
    await ensure(client, CSV_SCAN_SCHEDULE, HOURLY)

    assert (await standing(handle)).spec.intervals[0].every == timedelta(hours=1)


@pytest.mark.usefixtures("handle")
async def test_a_worker_makes_both(client: Client) -> None:
    settings = load({"MINDREEL_SCAN_INTERVAL_S": "3600"})

    assert await ensure_schedules(client, settings) == {CSV_SCAN_SCHEDULE: MADE, CLEANUP_SCHEDULE: MADE}
    assert await ensure_schedules(client, settings) == {CSV_SCAN_SCHEDULE: KEPT, CLEANUP_SCHEDULE: KEPT}


async def standing(handle: ScheduleHandle) -> Schedule:
    return (await handle.describe()).schedule
