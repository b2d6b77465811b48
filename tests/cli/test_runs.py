"""Starting and joining runs on a real Temporal server; no worker is there, so runs stay as they are."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from mindreel.bootstrap.cluster import Cluster
from mindreel.cli.interrupts import Interrupts
from mindreel.cli.processing import Item, Processing
from mindreel.cli.runs import Run, request_of, result_of, start_or_join
from mindreel.cli.screen import LineScreen
from mindreel.cli.session import Session
from mindreel.cli.streams import err
from mindreel.cli.watch import RunWatcher
from mindreel.contracts.video import Options, VideoIdentity, VideoRequest
from mindreel.engine.locks import FileLock
from mindreel.engine.server import find_temporal
from mindreel.engine.state import ChildState, EngineState, lock_file, save
from mindreel.errors import InputError
from mindreel.settings import load

SOURCE = "my `odd` 谈话.mp4"
REQUEST = VideoRequest(SOURCE, VideoIdentity("file-1", "file", f"/videos/{SOURCE}"), Options(clips=2))
OTHER = replace(REQUEST, options=Options(clips=3))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A server of this test's own."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_temporal()), dev_server_log_level="error"
    ) as environment:
        yield environment.client


async def terminate(client: Client, run: Run) -> None:
    await client.get_workflow_handle(run.workflow_id, run_id=run.run_id).terminate(reason="the test is over")


async def test_a_video_has_one_run_and_whoever_wants_the_same_joins_it(client: Client) -> None:
    first = await start_or_join(client, REQUEST, wait=True)
    second = await start_or_join(client, replace(REQUEST, source="another/way/to/it.mp4"), wait=True)

    assert (first.joined, second.joined) == (False, True)
    assert (first.workflow_id, first.run_id) == (second.workflow_id, second.run_id)

    with pytest.raises(InputError, match="is being processed with other options") as refused:
        await start_or_join(client, OTHER, wait=False)
    assert "cancel file-1" in str(refused.value)
    with pytest.raises(InputError):
        await start_or_join(client, replace(REQUEST, force="abc"), wait=False)


async def test_other_options_wait_for_the_run_that_is_going_on_and_start_after_it(client: Client) -> None:
    first = await start_or_join(client, REQUEST, wait=True)
    waiting = asyncio.Event()
    second = asyncio.create_task(start_or_join(client, OTHER, wait=True, on_wait=waiting.set))

    await waiting.wait()
    assert not second.done()
    await terminate(client, first)
    started = await second

    assert not started.joined
    assert started.run_id != first.run_id
    assert await request_of(client, client.get_workflow_handle(started.workflow_id)) == OTHER
    assert await result_of(client, first) == "It was terminated: the test is over."


async def test_the_web_ui_says_what_video_it_is(client: Client) -> None:
    run = await start_or_join(client, REQUEST, wait=True)

    seen = await client.get_workflow_handle(run.workflow_id).describe()

    details = await seen.static_details() or ""
    assert await seen.static_summary() == SOURCE
    assert f"**Source**: `` {SOURCE} ``" in details
    assert "at most 2 clips" in details


async def test_without_a_worker_a_look_still_answers_and_knows_that_nobody_did(client: Client) -> None:
    run = await start_or_join(client, REQUEST, wait=True)
    watcher = RunWatcher(run.workflow_id, run.run_id)

    view = await watcher.look(client)

    assert (view.percent, view.outcome) == (0, "running")
    assert not watcher.answered
    assert not watcher.ended


async def test_ctrl_c_leaves_the_run_alone_and_a_failure_of_one_source_is_no_other_ones(
    client: Client, tmp_path: Path
) -> None:
    session = Session(load({"MINDREEL_HOME": str(tmp_path)}), Cluster(client, "here", None))
    items = [
        Item(SOURCE, REQUEST),
        Item("b.mp4", replace(REQUEST, video=VideoIdentity("file-2", "file", "/b"))),
    ]
    work = Processing(session, LineScreen(err(), ["a", "b"]))
    told: list[str] = []

    with Interrupts() as interrupts:
        finishing = asyncio.create_task(
            work.finish_all(items, interrupts, lambda item: told.append(item.source))
        )
        while not all(item.view for item in items):  # noqa: ASYNC110 - what a person would look at
            await asyncio.sleep(0.05)
        first, second = (item.run for item in items)
        assert first is not None
        assert second is not None
        await terminate(client, first)
        while not told:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
        interrupts.first.set()
        assert not await finishing

    assert told == [SOURCE]
    assert items[0].answer is not None
    assert items[0].answer.reasons == ("It was terminated: the test is over.",)
    assert items[1].answer is None
    still = RunWatcher(second.workflow_id, second.run_id)
    await still.look(client)
    assert not still.ended


async def test_a_worker_that_dies_again_and_again_is_told_and_not_waited_for(
    client: Client, tmp_path: Path
) -> None:
    trouble = "worker-cpu ended with exit code 1: No module named 'x' (worker-cpu.log)"
    with FileLock(lock_file(tmp_path)) as lock:
        lock.acquire()
        lock.write_pid(os.getpid())
        workers = (ChildState("worker-cpu", None, 6, trouble),)
        save(tmp_path, EngineState(os.getpid(), "here", "there", "now", "1", workers))
        session = Session(load({"MINDREEL_HOME": str(tmp_path)}), Cluster(client, "here", None))
        item = Item(SOURCE, REQUEST)
        with Interrupts() as interrupts:
            await Processing(session, LineScreen(err(), ["a"])).finish_all([item], interrupts, lambda _: None)

    assert item.answer is not None
    assert item.answer.outcome == "failed"
    assert item.answer.reasons == (f"{trouble}. Mend it and run the command again.",)
