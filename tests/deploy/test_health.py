"""The container's health check, asked as Docker asks it."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.command import ROOT, Mindreel
from tests.support.temporal import TemporalServer, running_server
from tests.support.workers import Workers

DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    with running_server(tmp_path_factory.mktemp("temporal")) as found:
        yield found


@pytest.fixture(scope="module")
def home(server: TemporalServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a worker on the gpu queue."""
    folder = tmp_path_factory.mktemp("worker")
    with Workers() as workers:
        workers.start("gpu", folder, server.environment)
        yield folder


def health(*arguments: str, home: Path, settings: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "deploy" / "health.py", *arguments],
        env=Mindreel(home, settings).environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_worker_that_is_there_is_healthy(server: TemporalServer, home: Path) -> None:
    """As soon as it asks for work."""
    deadline = time.monotonic() + DEADLINE_S
    while (answer := health("--queues", "gpu", home=home, settings=server.environment)).returncode:
        assert time.monotonic() < deadline, answer.stdout
    assert answer.stdout == "ok\n"


def test_a_queue_without_a_worker_of_this_host_is_named(server: TemporalServer, home: Path) -> None:
    """A container that was to serve both queues is not healthy with one."""
    answer = health(home=home, settings=server.environment)
    assert answer.returncode == 1
    for queue in ("mindreel-cpu", "mindreel-control", "mindreel-inbox", "mindreel-notices"):
        assert queue in answer.stdout


def test_a_server_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Port 9 is nobody's."""
    answer = health(home=tmp_path, settings={"TEMPORAL_ADDRESS": "127.0.0.1:9"})
    assert answer.returncode == 1
    assert answer.stdout.startswith("Temporal does not answer: No Temporal server answers at 127.0.0.1:9")
    assert "Traceback" not in answer.stderr
