"""Record scans and batches, for the replay test: `python -m tests.workflows.record_batch_histories`."""

import asyncio
import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowFailureError

from mindreel.contracts.scan import RetryInput
from tests.workflows.batch_world import World, until, world
from tests.workflows.record_histories import _without_machine

HISTORIES = Path(__file__).parent / "batch_histories"


def main() -> None:
    """Run and write them all."""
    HISTORIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mindreel-") as folder, pytest.MonkeyPatch.context() as patch:
        for name, history in asyncio.run(_record(Path(folder), patch)).items():
            text = json.dumps(_without_machine(json.loads(history), folder), indent=1)
            (HISTORIES / f"{name}.json").write_text(f"{text}\n")


async def _record(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    async with world(folder / "home", patch) as here, here.working():
        await _paused_and_resumed(here)
        found = {
            "csv_scan": await _history(here.client, "scan-1"),
            "csv_scan_of_nothing_new": await _history(here.client, "scan-2"),
            "csv_batch": await _history(here.client, "batch-talks"),
            "playlist_row": await _history(here.client, "playlist-talks-5"),
            "playlist_row_gone": await _history(here.client, "playlist-talks-6"),
        }
        await _cancelled(here)
        return found | {"csv_batch_retried_and_cancelled": await _history(here.client, "batch-talks")}


async def _paused_and_resumed(here: World) -> None:
    """Rows of all kinds, a pause in the middle, a file that changes meanwhile."""
    here.fates |= {"a": "hold", "gone": "not_found", "pages": "expanded"}
    channels = ["https://www.youtube.com/@two", "https://www.youtube.com/@gone"]
    rows = ["a", "b", "gone", *channels, "pages", "b", "htp://example"]
    here.drop("talks.csv", *rows)
    await here.scan()
    await until(lambda: here.began["a"] and here.began["pages-1"])
    await here.scan()
    await here.ask("talks", "pause")
    await here.ask("talks", "resume")
    here.drop("talks.csv", *rows, "c")
    await here.scan()
    await until(lambda: here.began["c"])
    await here.video("a").signal("end")
    await here.batch("talks").result()


async def _cancelled(here: World) -> None:
    """A second life of the same batch, ended by a cancel of its workflow."""
    here.fates |= {"gone": "hold"}
    await here.ask("talks", "retry", RetryInput(("not_found",)))
    await until(lambda: here.began["gone"] == 2)
    await here.batch("talks").cancel()
    with contextlib.suppress(WorkflowFailureError):  # a cancel is recorded like any other end
        await here.batch("talks").result()


async def _history(client: Client, workflow_id: str) -> str:
    return (await client.get_workflow_handle(workflow_id).fetch_history()).to_json()


if __name__ == "__main__":
    main()
