"""How a CSV of many rows scales: from the drop to the last started video, and what it costs in memory.

    python benchmarks/csv_scale.py [--rows 1000 5000] [--watch-s 60] [--json]

Each size gets a data directory and an embedded engine of its own. Every row is an address of a loopback site
that answers 404, so a video's workflow ends after resolve and no media is touched. The clock runs from typing
`scan` until the server counts as many `VideoPipeline` runs as there are rows. `--watch-s` is how long memory
is watched after that. Linux only (/proc).
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

ROOT = Path(__file__).resolve().parents[1]
STARTER = [sys.executable, str(ROOT / "starter.py")]
SHOWS = 5


def main() -> None:
    """Measure each size and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--watch-s", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="mindreel-bench-") as folder:
            figures = asyncio.run(measure(rows, Path(folder), site.server_port, arguments.watch_s))
        print(json.dumps(figures) if arguments.json else _lines(figures))


class _Nothing(BaseHTTPRequestHandler):
    """Has nothing at any address."""

    def do_GET(self) -> None:
        self.send_error(404)

    do_HEAD = do_GET  # noqa: N815 - the name http.server gives it

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Say nothing."""


async def measure(rows: int, folder: Path, port: int, watch_s: float) -> dict[str, Any]:
    """The figures of one size."""
    environment = _environment(folder / "home")
    async with engine(environment, folder / "home") as (client, processes):
        memory = Memory(processes)
        inbox = folder / "home" / "inbox"
        inbox.mkdir(exist_ok=True)
        lines = [f"http://127.0.0.1:{port}/talk-{number}.mp4" for number in range(rows)]
        (inbox / "many.csv").write_text("url\n" + "\n".join(lines) + "\n")
        await asyncio.sleep(3.0)  # so that the file counts as settled, as one dropped by a person would
        started_s = await start_all(client, rows, environment, memory)
        at_start = memory.peak()
        show_s = [await timed([*STARTER, "batch", "show", "many"], environment) for _ in range(SHOWS)]
        until = time.monotonic() + watch_s
        while time.monotonic() < until:
            memory.look()
            await asyncio.sleep(1.0)
        return {
            "rows": rows,
            "started_s": round(started_s, 1),
            "rows_per_s": round(rows / started_s, 1),
            "batch_show_s": round(statistics.median(show_s), 2),
            "longest_history": await longest_history(client),
            "memory_mb": {"before": memory.first, "while_starting": at_start, "after": memory.last()},
        }


async def start_all(client: Client, rows: int, environment: dict[str, str], memory: "Memory") -> float:
    """Seconds from `scan` until every row has its workflow."""
    memory.look()
    began = time.perf_counter()
    scan = await asyncio.create_subprocess_exec(
        *STARTER, "scan", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while (await client.count_workflows('WorkflowType = "VideoPipeline"')).count < rows:
        memory.look()
        await asyncio.sleep(0.5)
    seconds = time.perf_counter() - began
    await scan.wait()
    return seconds


@asynccontextmanager
async def engine(environment: dict[str, str], home: Path) -> AsyncIterator[tuple[Client, dict[str, int]]]:
    """`up`, its client, and the process ids of server and CPU worker."""
    up = await asyncio.create_subprocess_exec(
        *STARTER, "up", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        state = await _state_of(home)
        client = await _connected(state["address"])
        found = {child["name"]: child["pid"] for child in state["children"]}
        yield client, {"server": found["temporal"], "worker": found["worker-cpu"]}
    finally:
        up.terminate()
        await up.wait()


async def longest_history(client: Client) -> dict[str, int]:
    """Events of the longest history, by the type of workflow; of videos some are looked at."""
    longest: dict[str, int] = {}
    others = [run async for run in client.list_workflows('WorkflowType != "VideoPipeline"')]
    videos = [run async for run in client.list_workflows('WorkflowType = "VideoPipeline"', limit=50)]
    for run in (*others, *videos):  # the list itself knows the length of closed runs only
        seen = await client.get_workflow_handle(run.id, run_id=run.run_id).describe()
        longest[run.workflow_type] = max(seen.history_length, longest.get(run.workflow_type, 0))
    return longest


class Memory:
    """Resident megabytes of some processes, looked at now and then."""

    def __init__(self, processes: dict[str, int]) -> None:
        self._processes = processes
        self._seen: dict[str, list[int]] = {name: [] for name in processes}

    def look(self) -> None:
        """Note how it is now."""
        for name, pid in self._processes.items():
            status = Path(f"/proc/{pid}/status").read_text()
            (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
            self._seen[name].append(int(line.split()[1]) // 1024)

    @property
    def first(self) -> dict[str, int]:
        """At the first look."""
        return {name: seen[0] for name, seen in self._seen.items()}

    def peak(self) -> dict[str, int]:
        """The most so far."""
        return {name: max(seen) for name, seen in self._seen.items()}

    def last(self) -> dict[str, int]:
        """At the last look."""
        return {name: seen[-1] for name, seen in self._seen.items()}


async def timed(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of one command."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    if await process.wait():
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - began


def _environment(home: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MINDREEL_", "TEMPORAL_"))
    }
    ours = {"MINDREEL_HOME": str(home), "MINDREEL_ALLOW_PRIVATE_HOSTS": "1", "PYTHONPATH": str(ROOT)}
    return {**kept, **ours, "MINDREEL_SCAN_INTERVAL_S": "3600"}


async def _state_of(home: Path) -> dict[str, Any]:
    while not (home / "engine.json").exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.2)
    await asyncio.sleep(5.0)  # the workers load what they need
    state: dict[str, Any] = json.loads((home / "engine.json").read_text())
    return state


async def _connected(address: str) -> Client:
    while True:
        try:
            return await Client.connect(address)
        except (RuntimeError, RPCError):
            await asyncio.sleep(0.5)


def _lines(figures: dict[str, Any]) -> str:
    memory = figures["memory_mb"]
    rows = {
        f"{figures['rows']} rows started in": f"{figures['started_s']} s ({figures['rows_per_s']} a second)",
        "batch show": f"{figures['batch_show_s']} s",
        "longest history": f"{figures['longest_history']} events",
        "memory before": f"{memory['before']} MB",
        "at most while starting": f"{memory['while_starting']} MB",
        "at the end": f"{memory['after']} MB",
    }
    return "\n".join(f"{name:<28}{text}" for name, text in rows.items())


if __name__ == "__main__":
    main()
