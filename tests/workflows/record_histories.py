"""Record one history for each scenario, for the replay test: `python -m tests.workflows.record_histories`."""

import asyncio
import base64
import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowFailureError

from tests.workflows.running import server, started
from tests.workflows.scenarios import CHUNK_RUNNING, SCENARIOS, Scenario

HISTORIES = Path(__file__).parent / "histories"


def main() -> None:
    """Run and write them all."""
    HISTORIES.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="mindreel-") as folder:
            history = json.loads(asyncio.run(_record(scenario, Path(folder))))
        text = json.dumps(_without_machine(history, folder), indent=1)
        (HISTORIES / f"{scenario.name}.json").write_text(f"{text}\n")


async def _record(scenario: Scenario, folder: Path) -> str:
    CHUNK_RUNNING.clear()
    async with server() as client, started(client, scenario, folder) as handle:
        if scenario.outcome == "cancelled":
            await asyncio.to_thread(CHUNK_RUNNING.wait, 120)
            await handle.cancel()
        with contextlib.suppress(WorkflowFailureError):  # a failure is recorded like any other end
            await handle.result()
        return (await handle.fetch_history()).to_json()


def _without_machine(value: Any, folder: str) -> Any:
    """The same history without names and paths of the machine it was recorded on."""
    if isinstance(value, list):
        return [_without_machine(each, folder) for each in value]
    if isinstance(value, str):
        return value.replace(folder, "/data")
    if not isinstance(value, dict):
        return value
    kept = {key: _without_machine(each, folder) for key, each in value.items() if key != "stackTrace"}
    if "identity" in kept:
        kept["identity"] = "worker"
    if "metadata" in kept and isinstance(kept.get("data"), str):  # a payload
        data = base64.b64decode(kept["data"]).replace(folder.encode(), b"/data")
        kept["data"] = base64.b64encode(data).decode()
    return kept


if __name__ == "__main__":
    main()
