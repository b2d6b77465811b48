"""Clean-ups on a real server, over real folders."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.cleanup import CleanupActivity
from mindreel.contracts.cleanup import EXPIRED, TEMPORARY, Cleaned, CleanupInput, CleanupResult
from mindreel.engine.scratch import Scratch
from mindreel.errors import TransientError
from mindreel.store.library import Library
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.local_catalog import LocalCatalog
from tests.workflows.running import server
from tests.workflows.skipping import skipping_server
from workflows.cleanup import Cleanup
from workflows.ids import CLEANUP_ID, CPU_QUEUE

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
        store, catalog, Library(folder / "library"), Scratch(folder / "tmp"), _MONTH_S, 86400.0
    )
    with ThreadPoolExecutor(2) as pool:
        async with Worker(
            client,
            task_queue=CPU_QUEUE,
            workflows=[Cleanup],
            activities=[activity.clean_up],
            activity_executor=pool,
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
