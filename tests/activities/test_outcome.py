"""However a run ends, the catalog's row says so."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.testing import ActivityEnvironment

from activities.catalog_row import begin_row
from activities.outcome import OutcomeActivity
from mindreel.contracts.inputs import OutcomeInput
from mindreel.contracts.steps import Recorded
from mindreel.contracts.video import VideoRequest
from mindreel.settings import load
from mindreel.store.local_catalog import LocalCatalog
from tests.workflows.running import Handle, server, started
from tests.workflows.scenarios import Activity, Scenario, mute


def test_a_run_that_was_cancelled_before_its_first_step_has_a_row(
    request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    catalog = LocalCatalog(tmp_path / "new.db")
    given = OutcomeInput(request_of_a_video, "cancelled", ("It was cancelled.",))
    ActivityEnvironment().run(OutcomeActivity(catalog).record_outcome, given)
    row = catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert (row.status, row.reasons, row.source) == ("cancelled", ("It was cancelled.",), "talk.mp4")


def test_an_end_that_is_recorded_twice_is_recorded_once(
    request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    """A worker may die between the row and its answer to the server."""
    catalog = LocalCatalog(tmp_path / "new.db")
    given = OutcomeInput(request_of_a_video, "partial", ("No sound.",), library="/library/talk")
    for _ in range(2):
        ActivityEnvironment().run(OutcomeActivity(catalog).record_outcome, given)
    (row,) = catalog.list()
    assert (row.status, row.library, row.percent) == ("partial", "/library/talk", 100)


def test_why_and_where_a_run_failed_is_recorded(request_of_a_video: VideoRequest, tmp_path: Path) -> None:
    catalog = LocalCatalog(tmp_path / "new.db")
    given = OutcomeInput(
        request_of_a_video, "failed", ("It is gone.",), error_class="not_found", stage="resolve"
    )
    told = ActivityEnvironment().run(OutcomeActivity(catalog, notify=True).record_outcome, given)
    assert told == Recorded(notify=True)
    row = catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert (row.error_class, row.stage) == ("not_found", "resolve")


def test_an_end_that_comes_when_the_next_run_is_under_way_is_not_recorded(
    request_of_a_video: VideoRequest, tmp_path: Path
) -> None:
    """The first attempt to record it was held up on its way, a second one did, and the person tried again."""
    catalog = LocalCatalog(tmp_path / "new.db")
    given = OutcomeInput(request_of_a_video, "failed", ("The site is down.",), error_class="network")
    first, second = ActivityEnvironment(), ActivityEnvironment()
    second.info = replace(second.info, workflow_run_id="second")
    first.run(OutcomeActivity(catalog).record_outcome, given)
    second.run(begin_row, catalog, request_of_a_video)
    first.run(OutcomeActivity(catalog).record_outcome, given)
    row = catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert (row.status, row.reasons) == ("running", ())
    second.run(OutcomeActivity(catalog).record_outcome, replace(given, status="completed", reasons=()))
    first.run(OutcomeActivity(catalog).record_outcome, given)
    row = catalog.get(request_of_a_video.video.id)
    assert row is not None
    assert row.status == "completed"


RECORDING = threading.Event()
GO_ON = threading.Event()


def slow_record(real: Mapping[str, Activity]) -> Activity:
    """The catalog takes its time."""
    record = real["record_outcome"]

    @activity.defn(name="record_outcome")
    def slow(given: OutcomeInput) -> None:
        RECORDING.set()
        assert GO_ON.wait(60)
        record(given)

    return slow


@pytest.mark.slow
async def test_a_cancel_that_comes_when_all_is_published_changes_nothing(tmp_path: Path) -> None:
    """Otherwise the video is in the library and its row says `running` for ever."""
    scenario = Scenario("late_cancel", mute, "partial", fault=slow_record)
    async with server() as client, started(client, scenario, tmp_path) as handle:
        assert await asyncio.to_thread(RECORDING.wait, 120)
        await handle.cancel()
        await cancel_was_noticed(handle)
        GO_ON.set()
        result = await handle.result()
    assert result.outcome == "partial"
    row = LocalCatalog(load({"MINDREEL_HOME": str(tmp_path / "home")}).catalog).get(result.id)
    assert row is not None
    assert row.status == "partial"


async def cancel_was_noticed(handle: Handle) -> None:
    """The workflow has run once since it was asked to stop, or has ended."""
    asked, after = (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
        {
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        },
    )
    while True:
        kinds = [event.event_type async for event in handle.fetch_history_events()]
        if asked in kinds and after & set(kinds[kinds.index(asked) :]):
            return
        await asyncio.sleep(0.05)
