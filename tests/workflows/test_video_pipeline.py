"""What becomes of a video, on a real server with the real activities, when one thing goes wrong."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import is_cancelled_exception

from mindreel.contracts.stages import NAMES
from mindreel.settings import load
from mindreel.store.local_catalog import LocalCatalog
from tests.workflows.running import Handle, server, started
from tests.workflows.scenarios import CHUNK_RUNNING, SCENARIOS, Scenario
from workflows.failures import sentence_of
from workflows.progress import OUTCOME_KEY, STAGE_KEY, RunProgress

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_the_outcome_and_its_reason(scenario: Scenario, tmp_path: Path) -> None:
    async with server() as client, started(client, scenario, tmp_path) as handle:
        outcome, reasons = await ended(handle, scenario)
        assert outcome == scenario.outcome
        assert scenario.reason in " ".join(reasons)
        await same_in_the_web_ui(handle, outcome)
        same_in_the_catalog(tmp_path, handle, scenario, reasons)


async def ended(handle: Handle, scenario: Scenario) -> tuple[str, tuple[str, ...]]:
    if scenario.outcome == "cancelled":
        await asyncio.to_thread(CHUNK_RUNNING.wait, 120)
        await handle.cancel()
    try:
        result = await handle.result()
    except WorkflowFailureError as error:
        if is_cancelled_exception(error.cause):
            return "cancelled", ("It was cancelled.",)
        return "failed", (sentence_of(error.cause),)
    return result.outcome, result.reasons


async def same_in_the_web_ui(handle: Handle, outcome: str) -> None:
    description = await handle.describe()
    assert description.typed_search_attributes[OUTCOME_KEY] == outcome
    assert description.typed_search_attributes[STAGE_KEY] in NAMES
    progress: RunProgress = await handle.query("progress", result_type=RunProgress)
    assert progress.outcome == outcome


def same_in_the_catalog(folder: Path, handle: Handle, scenario: Scenario, reasons: tuple[str, ...]) -> None:
    catalog = LocalCatalog(load({"MINDREEL_HOME": str(folder / "home")}).catalog)
    row = catalog.get(handle.id.removeprefix("video-"))
    assert row is not None
    assert row.status == scenario.outcome
    assert row.reasons == reasons
    assert (row.library is not None) == (scenario.outcome in ("completed", "partial"))
