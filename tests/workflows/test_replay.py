"""Workflow code of today replays what workflow code of yesterday began."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from mindreel.bootstrap.worker import WORKFLOWS
from tests.workflows.record_histories import GATES, TRIALS
from tests.workflows.scenarios import SCENARIOS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_run_replays(path: Path) -> None:
    text = await asyncio.to_thread(path.read_text)
    history = WorkflowHistory.from_json(f"video-{path.stem}", text)
    await Replayer(workflows=WORKFLOWS).replay_workflow(history)


def test_there_is_a_recording_of_every_scenario() -> None:
    assert {*GATES, *TRIALS, *(scenario.name for scenario in SCENARIOS)} <= {path.stem for path in HISTORIES}
