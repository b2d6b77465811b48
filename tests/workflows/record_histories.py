"""Record one history for each scenario, for the replay test: `python -m tests.workflows.record_histories`."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from temporalio.client import WorkflowFailureError

from tests.workflows.running import server, started
from tests.workflows.scenarios import CHUNK_RUNNING, SCENARIOS, Scenario

HISTORIES = Path(__file__).parent / "histories"


async def main() -> None:
    """Run and write them all."""
    HISTORIES.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="mindreel-") as folder:
            text = await _record(scenario, Path(folder))
        (HISTORIES / f"{scenario.name}.json").write_text(text.replace(folder, "/data"))


async def _record(scenario: Scenario, folder: Path) -> str:
    CHUNK_RUNNING.clear()
    async with server() as client, started(client, scenario, folder) as handle:
        if scenario.outcome == "cancelled":
            await asyncio.to_thread(CHUNK_RUNNING.wait, 120)
            await handle.cancel()
        with contextlib.suppress(WorkflowFailureError):  # a failure is recorded like any other end
            await handle.result()
        return (await handle.fetch_history()).to_json()


if __name__ == "__main__":
    asyncio.run(main())
