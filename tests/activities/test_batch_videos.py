"""Videos whose workflows ended without a word are found, however many others are silent and go on."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import (
    Client,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowExecutionDescription,
)
from temporalio.testing import ActivityEnvironment

from activities import batch_videos
from activities.batch_videos import BatchVideosActivities
from mindreel.contracts.batch import STARTED, BatchFile, CsvFile, CsvRow, RowMark
from mindreel.contracts.video import VideoIdentity
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from tests.workflows.running import server

NAME = 'my "talks"'
AT_ONCE, LIVING = 2, 4


class Asked(Interceptor):
    """Counts which workflows the server is asked about."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's
        """Between the client and the server."""
        asked = self.of

        class Counting(OutboundInterceptor):
            async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:  # noqa: A002 - the SDK's
                asked[input.id] += 1
                return await super().describe_workflow(input)

        return Counting(next)


class House:
    """A batch whose videos were all started."""

    def __init__(self, folder: Path, client: Client, videos: list[str]) -> None:
        self.asked = Asked()
        config: Any = {**client.config(), "interceptors": [self.asked]}
        self.client = Client(**config)
        self.catalog = LocalCatalog(folder / "catalog.db")
        self.ledger = LocalLedger(folder / "catalog.db")
        rows = [
            CsvRow(number, url, video=VideoIdentity(each, "generic", url))
            for number, each in enumerate(videos, 2)
            for url in [f"https://example.org/{each}"]
        ]
        self.ledger.register(BatchFile(NAME, "/inbox", "talks.csv", "1", "0" * 64), CsvFile(tuple(rows)))
        self.ledger.take(NAME, limit=100, most_open=100)
        self.ledger.mark(NAME, [RowMark(each.number, 0, STARTED) for each in rows])
        self.activities = BatchVideosActivities(
            self.client, self.ledger, self.catalog, lambda video_id: f"video-{video_id}", unchanged_s=-1.0
        )

    async def run(self, *videos: str) -> None:
        """Their workflows go on; nobody works on them."""
        for each in videos:
            await self.client.start_workflow("VideoPipeline", id=f"video-{each}", task_queue="nobody")

    async def reconcile(self) -> int:
        """One pass."""
        return await ActivityEnvironment().run(self.activities.reconcile_videos, NAME)

    def status(self, video: str) -> str:
        """Of the catalog."""
        row = self.catalog.get(video)
        assert row is not None
        return row.status


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_videos, "_AT_ONCE", AT_ONCE)
    monkeypatch.setattr(batch_videos, "_LIVING_A_PASS", LIVING, raising=False)


async def test_a_pass_asks_few_of_those_that_go_on_and_all_have_their_turn(tmp_path: Path) -> None:
    living = [f"v{number}" for number in range(10)]
    async with server() as client:
        house = House(tmp_path, client, [*living, "lost"])
        await house.run(*living, "lost")
        await house.client.get_workflow_handle("video-lost").terminate("by a test")
        passes = 0
        while house.status("lost") == "queued":
            before = house.asked.of.total()
            await house.reconcile()
            passes += 1
            assert house.asked.of.total() - before <= LIVING + AT_ONCE
        assert (house.status("lost"), passes) == ("cancelled", 3)
        assert {house.asked.of[f"video-{each}"] for each in living} <= {1, 2}
        assert {house.status(each) for each in living} == {"queued"}


async def test_any_number_of_videos_that_are_gone_are_recorded_in_one_pass(tmp_path: Path) -> None:
    videos = [f"v{number}" for number in range(3 * LIVING)]
    async with server() as client:
        house = House(tmp_path, client, videos)
        assert await house.reconcile() == len(videos)
        assert {house.status(each) for each in videos} == {"failed"}
        assert await house.reconcile() == 0
