import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from mindreel.engine import state
from mindreel.engine.locks import holder_pid, is_held
from mindreel.engine.server import clean_environment, find_temporal
from mindreel.engine.state import EngineState

REPOSITORY = Path(__file__).parents[2]
DEADLINE_S = 60.0

ENGINE = """
import json, sys
from pathlib import Path
from mindreel.engine.supervisor import EnginePlan, WorkerCommand, run_supervisor
from mindreel.errors import MindreelError

home, options = Path(sys.argv[1]), json.loads(sys.argv[2])
def prepared(state):
    with (home / "prepared").open("a") as file:
        print(state.address, file=file)
workers = tuple(
    WorkerCommand(name, (sys.executable, "-c", code, str(home)), {"COLOUR": "grün"})
    for name, code in options.get("workers", {}).items()
)
plan = EnginePlan(
    home=home, workers=workers, search_attributes=options.get("search_attributes", {}), prepare=prepared,
    idle_minutes=options.get("idle_minutes"), busy=lambda: (home / "busy").exists(),
    drain_s=options.get("drain_s", 20), ready_s=options.get("ready_s", 60), version="1.2.3",
)
try:
    sys.exit(run_supervisor(plan, on_ready=lambda state: print("ready at", state.address, flush=True)))
except MindreelError as error:
    sys.exit(str(error))
"""


class EngineCommand(Protocol):
    def __call__(self, home: Path, **options: object) -> list[str]: ...


class StartEngine(Protocol):
    def __call__(self, home: Path, **options: object) -> subprocess.Popen[str]: ...


class RunningEngine(Protocol):
    def __call__(self, home: Path, **options: object) -> EngineState: ...


def _end_engine(home: Path) -> None:
    pid = holder_pid(state.lock_file(home))
    if sys.platform == "linux" and pid is not None and is_held(state.lock_file(home)):
        os.kill(pid, signal.SIGKILL)  # its children go with it; draining would take a second a test
    assert state.stop(home, timeout_s=60)


Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def until() -> Until:
    """Waits for a condition that must come true."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail("what should have happened did not")
            time.sleep(0.02)

    return wait


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data directory with a name that has trapped others; its engine is gone after the test."""
    path = tmp_path / "my 录像 #1?x %41 'q' 🎬"
    yield path
    _end_engine(path)


@pytest.fixture
def engine_command(monkeypatch: pytest.MonkeyPatch) -> EngineCommand:
    """The command line of an engine; workers get the home as their argument."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))

    def command(home: Path, **options: object) -> list[str]:
        return [sys.executable, "-c", ENGINE, str(home), json.dumps(options)]

    return command


@pytest.fixture
def start_engine(engine_command: EngineCommand) -> Iterator[StartEngine]:
    """Starts an engine in the foreground, as `up` does."""
    started: list[subprocess.Popen[str]] = []

    def start(home: Path, **options: object) -> subprocess.Popen[str]:
        command = engine_command(home, **options)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def running_engine(start_engine: StartEngine, until: Until) -> RunningEngine:
    """Starts an engine and gives its state once it is ready."""

    def start(home: Path, **options: object) -> EngineState:
        process = start_engine(home, **options)
        until(lambda: state.running(home) or process.poll() is not None)
        found = state.running(home)
        assert found is not None, process.communicate()
        return found

    return start


@pytest.fixture
def temporal() -> Callable[..., str]:
    """Runs Temporal's own command line against an address."""

    def run(state: EngineState, *arguments: str) -> str:
        command = [str(find_temporal()), *arguments, "--address", state.address]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env=clean_environment()
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def pid_of() -> Callable[[EngineState | None, str], int]:
    """The process id of an engine's child."""

    def find(engine: EngineState | None, name: str) -> int:
        assert engine is not None
        pid = next(child.pid for child in engine.children if child.name == name)
        assert pid is not None
        return pid

    return find
