"""Clean-ups on a real server, over real folders."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from temporalio import workflow
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.cleanup import CleanupActivity
from activities.histories import KEPT, HistoriesActivity
from mindreel.contracts.cleanup import (
    EXPIRED,
    HISTORIES,
    TEMPORARY,
    Cleaned,
    CleanupInput,
    CleanupOrder,
    CleanupResult,
)
from mindreel.engine.scratch import Scratch
from mindreel.errors import TransientError
from mindreel.store.library_folders import LibraryFolders
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from tests.workflows.running import server
from tests.workflows.skipping import skipping_server
from workflows.cleanup import Cleanup
from workflows.ids import CLEANUP_ID, CONTROL_QUEUE, CPU_QUEUE, CSV_SCAN_ID

_DELETES_AT_ONCE = (  # else half a minute later
    'history.transferProcessorUpdateAckInterval="100ms"',
    'history.visibilityProcessorUpdateAckInterval="100ms"',
)
_MONTH_S = 30 * 86400.0


@asynccontextmanager
async def worker(client: Client, folder: Path) -> AsyncIterator[LocalArtifactStore]:
    """A worker that keeps artifacts for a month, with a finished and a running video."""
    store, catalog = LocalArtifactStore(folder / "artifacts"), LocalCatalog(folder / "catalog.db")
    for video_id in ("done", "running"):
        store.put_bytes(f"{video_id}/download-1/media.mp4", b"x" * 2_500_000, "video/mp4")
        catalog.begin(video_id, source="a", platform="generic", workflow_id="w", request_json="{}")
    catalog.finish("done", status="completed", reasons=())
    activity = CleanupActivity(
        store, catalog, LibraryFolders(folder / "library"), Scratch(folder / "tmp"), _MONTH_S, 86400.0
    )
    with ThreadPoolExecutor(2) as pool:
        async with (
            Worker(
                client,
                task_queue=CPU_QUEUE,
                workflows=[Cleanup],
                activities=[activity.clean_up],
                activity_executor=pool,
            ),
            Worker(
                client, task_queue=CONTROL_QUEUE, activities=[HistoriesActivity(client, 30).delete_histories]
            ),
        ):
            yield store


async def _cleaned(client: Client, after: timedelta) -> CleanupResult:
    result: CleanupResult = await client.execute_workflow(
        "Cleanup", id=CLEANUP_ID, task_queue=CPU_QUEUE, start_delay=after, result_type=CleanupResult
    )
    return result


async def test_artifacts_stay_for_their_month_and_then_go(tmp_path: Path) -> None:
    async with skipping_server() as client, worker(client, tmp_path) as store:
        assert await _cleaned(client, timedelta(days=29)) == CleanupResult()
        assert list(store.prefixes()) == ["done", "running"]
        expected = CleanupResult(2_500_000, {EXPIRED: Cleaned(1, 2_500_000)})
        assert await _cleaned(client, timedelta(days=31)) == expected
        assert list(store.prefixes()) == ["running"]


async def test_the_web_ui_shows_what_went(tmp_path: Path) -> None:
    async with server() as client, worker(client, tmp_path):
        with pytest.raises(TransientError), Scratch(tmp_path / "tmp").keyed("left") as left:
            _fail_in(left)
        handle = await client.start_workflow(
            Cleanup.run,
            CleanupInput(artifacts_s=1e-6, orphans_s=1e-6),
            id=CLEANUP_ID,
            task_queue=CPU_QUEUE,
        )
        result = await handle.result()
        assert result.kinds == {TEMPORARY: Cleaned(1, 1000), EXPIRED: Cleaned(1, 2_500_000)}
        details = await handle.query("__temporal_workflow_metadata")
        assert "**2.5 MB freed**" in details.current_details
        assert "- temporary: 1 removed, 1.0 kB freed" in details.current_details


def _fail_in(folder: Path) -> None:
    (folder / "media.part").write_bytes(b"x" * 1000)
    raise TransientError("the line broke")


@workflow.defn(name="CsvScan", sandboxed=False)
class _Scan:
    """Ends as it is told; what real scans do is of no matter here."""

    @workflow.run
    async def run(self, how: str) -> None:
        if how == "fails":
            raise ApplicationError("The inbox cannot be read.")
        await workflow.wait_condition(lambda: how == "ends")


@workflow.defn(name="VideoPipeline", sandboxed=False)
class _Video:
    @workflow.run
    async def run(self) -> None:
        return


async def test_old_runs_of_scans_and_clean_ups_go_some_at_a_time(tmp_path: Path) -> None:
    scans = KEPT + 34
    async with (
        server(*_DELETES_AT_ONCE) as client,
        worker(client, tmp_path),
        Worker(client, task_queue="scans", workflows=[_Scan, _Video]),
    ):
        going_on = await _begun(client, "goes on", "goes on")
        failed = await _begun(client, "failed", "fails")
        video = await client.start_workflow(_Video.run, id="video-a", task_queue="scans")
        for number in range(scans):
            await (await _begun(client, f"{number:03}", "ends")).result()
        await video.result()
        with pytest.raises(WorkflowFailureError):
            await failed.result()
        await _until_seen(client, scans)

        assert await _histories(client, days_later=0.9) == Cleaned()
        assert await _histories(client, days_later=1.1) == Cleaned(30)  # as many as one clean-up deletes
        await _until_seen(client, scans - 30)
        assert await _histories(client, days_later=1.1) == Cleaned(4)
        await _until_seen(client, KEPT)
        assert (await failed.describe()).status == WorkflowExecutionStatus.FAILED
        assert (await going_on.describe()).status == WorkflowExecutionStatus.RUNNING
        assert await _histories(client, days_later=7.1) == Cleaned(1)  # the failed one, older than the rest
        await _until_seen(client, KEPT)
        assert (await video.describe()).status == WorkflowExecutionStatus.COMPLETED


async def test_a_clean_up_says_how_many_old_runs_went(tmp_path: Path) -> None:
    async with (
        skipping_server() as client,
        worker(client, tmp_path),
        Worker(client, task_queue="scans", workflows=[_Scan, _Video]),
    ):
        for number in range(KEPT + 2):
            await (await _begun(client, f"{number:03}", "ends")).result()
        await _until_seen(client, KEPT + 2)
        assert await _cleaned(client, timedelta(days=2)) == CleanupResult(kinds={HISTORIES: Cleaned(2)})


async def test_a_list_that_lags_behind_names_runs_that_are_gone_and_they_are_passed_over() -> None:
    async with (
        server(*_DELETES_AT_ONCE) as client,
        Worker(client, task_queue="scans", workflows=[_Scan, _Video]),
    ):
        for number in range(KEPT + 3):
            await (await _begun(client, f"{number:03}", "ends")).result()
        await _until_seen(client, KEPT + 3)
        lagging = _Lagging(client)
        environment = ActivityEnvironment()
        activity = HistoriesActivity(cast("Client", lagging))
        order = CleanupOrder(CleanupInput(), time.time() + 2 * 86400)
        first = await environment.run(activity.delete_histories, order)
        await _until_seen(client, KEPT)
        second = await environment.run(activity.delete_histories, order)
        assert (first.kinds, second) == ({HISTORIES: Cleaned(3)}, CleanupResult())


@pytest.mark.parametrize("status", [RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED])
async def test_a_server_that_refuses_is_said_and_fails_nothing(status: RPCStatusCode) -> None:
    class Refusing:
        def list_workflows(self, query: str) -> AsyncIterator[object]:
            raise RPCError(f"{query} is not for you", status, b"")

    activity = HistoriesActivity(cast("Client", Refusing()))
    order = CleanupOrder(CleanupInput(), time.time())
    result = await ActivityEnvironment().run(activity.delete_histories, order)
    (problem,) = result.problems
    assert "not for you" in problem
    assert result.kinds == {}


class _Lagging:
    """A real server whose list answers what it answered first."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listed: dict[str, list[WorkflowExecution]] = {}
        self.namespace = client.namespace
        self.workflow_service = client.workflow_service

    async def list_workflows(self, query: str) -> AsyncIterator[WorkflowExecution]:
        if query not in self._listed:
            self._listed[query] = [run async for run in self._client.list_workflows(query)]
        for run in self._listed[query]:
            yield run


async def _begun(client: Client, name: str, how: str) -> WorkflowHandle[_Scan, None]:
    return await client.start_workflow(_Scan.run, how, id=f"{CSV_SCAN_ID}-{name}", task_queue="scans")


async def _until_seen(client: Client, completed: int) -> None:
    """The server's list and its deletions lag behind."""
    query = "WorkflowType = 'CsvScan' AND ExecutionStatus = 'Completed'"
    for _ in range(200):
        if (await client.count_workflows(query)).count == completed:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was never so")


async def _histories(client: Client, *, days_later: float) -> Cleaned:
    """What a clean-up deletes whose clock is so far ahead."""
    order = CleanupOrder(CleanupInput(), time.time() + days_later * 86400)
    result = await ActivityEnvironment().run(HistoriesActivity(client, 30).delete_histories, order)
    assert result.problems == ()
    return result.kinds.get(HISTORIES, Cleaned())
