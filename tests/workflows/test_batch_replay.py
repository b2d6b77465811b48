"""Workflow code of today replays the scans and batches that yesterday's began."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.csv_batch import CsvBatch
from workflows.csv_scan import CsvScan
from workflows.playlist_row import PlaylistRow

HISTORIES = sorted((Path(__file__).parent / "batch_histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_run_replays(path: Path) -> None:
    text = await asyncio.to_thread(path.read_text)
    history = WorkflowHistory.from_json(path.stem, text)
    await Replayer(workflows=[CsvScan, CsvBatch, PlaylistRow]).replay_workflow(history)


def test_there_is_a_recording_of_each_workflow() -> None:
    kinds = {path.stem.partition("_")[0] for path in HISTORIES}
    assert kinds == {"csv", "playlist"}
    assert len(HISTORIES) >= 6
