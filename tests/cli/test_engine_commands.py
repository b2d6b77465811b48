"""`up`, `down` and what is said of an engine, with the real one."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.support.command import Mindreel

DEADLINE_S = 120.0


@pytest.fixture
def up(mindreel: Mindreel) -> Iterator["subprocess.Popen[str]"]:
    """`up` in the foreground, ready."""
    process = mindreel.start("up")
    wait_until_ready(mindreel, process)
    yield process
    if process.poll() is None:
        process.terminate()
        process.communicate(timeout=DEADLINE_S)


def wait_until_ready(mindreel: Mindreel, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not (mindreel.home / "engine.json").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_up_shows_addresses_serves_others_and_stops_on_ctrl_c(
    mindreel: Mindreel, up: "subprocess.Popen[str]"
) -> None:
    engine = mindreel.engine()

    status = mindreel("status", "--json").result
    assert status["engine"]["address"] == engine["address"]
    assert status["running"] == []
    again = mindreel("up")
    assert again.code == 1
    assert f"process {engine['pid']}" in again.err
    assert wait_for_workers(mindreel)

    up.send_signal(signal.SIGINT)
    _, told = up.communicate(timeout=DEADLINE_S)
    assert up.returncode == 0
    assert engine["address"] in told
    assert engine["ui_url"] in told
    assert mindreel("status", "--json").result["engine"] is None


@pytest.mark.slow
def test_down_stops_an_engine_and_other_settings_do_not_join_it(
    mindreel: Mindreel, up: "subprocess.Popen[str]"
) -> None:
    (mindreel.home.parent / "a.mp4").write_bytes(b"no video, and not looked into")

    other = mindreel("run", mindreel.home.parent / "a.mp4", MINDREEL_ALLOW_PRIVATE_HOSTS="1")

    assert other.code == 1
    assert "runs with another MINDREEL_ALLOW_PRIVATE_HOSTS" in other.err
    assert mindreel("down").code == 0
    up.communicate(timeout=DEADLINE_S)
    assert up.returncode == 0


def wait_for_workers(mindreel: Mindreel) -> bool:
    """Workers announce themselves some seconds after the engine is ready."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        checks = json.loads(mindreel("doctor", "--json").out)["checks"]
        if {check["name"] for check in checks if check["state"] == "ok"} >= {"Queue mindreel-cpu", "Web UI"}:
            return True
    return False


def test_an_external_cluster_is_neither_started_nor_stopped_by_us(mindreel: Mindreel) -> None:
    for command in ("up", "down"):
        done = mindreel(command, TEMPORAL_ADDRESS="127.0.0.1:1")

        assert done.code == 1
        assert "external cluster" in done.err
    assert not mindreel.home.exists()
