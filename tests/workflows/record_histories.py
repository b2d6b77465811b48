"""Record histories for the replay test: `python -m tests.workflows.record_histories [NAME ...]`.

There is one for each scenario, GATES, of a site that refuses once and is well when it is tried again, and
TRIALS, of one that is well again while a download goes on.
Those that stand are of earlier code, which is their worth: name the new ones.
"""

import asyncio
import base64
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowFailureError

from mindreel.errors import RateLimitedError
from tests.workflows.running import server, started
from tests.workflows.scenarios import CHUNK_RUNNING, SCENARIOS, Scenario
from tests.workflows.site_world import Sites, world

HISTORIES = Path(__file__).parent / "histories"
GATES = ("gate_of_a_site", "refused_at_the_gate")
"""Of the gate, and of a video that it let in twice."""
TRIALS = ("gate_of_an_answer", "answered_at_the_gate")
"""Of the gate, and of the video that found the site to answer again."""


def main(names: list[str]) -> None:
    """Run and write those named, or all."""
    for scenario in SCENARIOS:
        if not names or scenario.name in names:
            with tempfile.TemporaryDirectory(prefix="mindreel-") as folder:
                _write(scenario.name, asyncio.run(_record(scenario, Path(folder))), folder)
    for pair, record in ((GATES, _record_gate), (TRIALS, _record_trial)):
        if not names or set(pair) & set(names):
            with tempfile.TemporaryDirectory(prefix="mindreel-") as folder:
                for name, history in zip(pair, asyncio.run(record(Path(folder))), strict=True):
                    _write(name, history, folder)


def _write(name: str, history: str, folder: str) -> None:
    text = json.dumps(_without_machine(json.loads(history), folder), indent=1)
    (HISTORIES / f"{name}.json").write_text(f"{text}\n")


async def _record_gate(folder: Path) -> tuple[str, str]:
    sites = Sites()
    sites.fault = lambda _host, _number: (
        RateLimitedError("Too many requests.", retry_after_s=1.0) if len(sites.asked) == 1 else None
    )
    async with server() as client, world(client, folder, sites) as here:
        (refused,) = await here.start("example.org", [1])
        await here.until("example.org", lambda gate: gate.state == "closed")
        await asyncio.gather(*(each.result() for each in await here.start("example.org", [2, 3])))
        await refused.result()
        await here.until("example.org", lambda gate: not gate.inside)
        gate = await here.gate_handle("example.org").fetch_history()
        return gate.to_json(), (await refused.fetch_history()).to_json()


async def _record_trial(folder: Path) -> tuple[str, str]:
    sites = Sites(entries=1)
    sites.hold_downloads.clear()
    sites.fault = lambda _host, _number: (
        RateLimitedError("Too many requests.") if len(sites.asked) == 1 else None
    )
    async with server() as client, world(client, folder, sites) as here:
        (tries,) = await here.start("example.org", [1])
        await here.until("example.org", lambda gate: gate.state == "open" and gate.refusals == 1)
        (other,) = await here.start("example.org", [2])
        await here.until("example.org", lambda gate: gate.inside == 2)
        sites.hold_downloads.set()
        for each in (tries, other):
            with contextlib.suppress(WorkflowFailureError):  # the site's answer is that it is gone
                await each.result()
        await here.until("example.org", lambda gate: not gate.inside)
        gate = await here.gate_handle("example.org").fetch_history()
        return gate.to_json(), (await tries.fetch_history()).to_json()


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
    main(sys.argv[1:])
