import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.codec import from_json
from mindreel.engine import ports, processes, state
from mindreel.engine.locks import FileLock
from mindreel.engine.server import clean_environment
from mindreel.engine.state import EngineState

BEATING = """
import os, sys, time
from pathlib import Path
home = Path(sys.argv[1])
while True:
    (home / "new").write_text(" ".join([str(os.getpid()), os.environ["TEMPORAL_ADDRESS"],
        os.environ["MINDREEL_EMBEDDED"], os.environ["COLOUR"], os.environ.get("TEMPORAL_API_KEY", "-")]))
    (home / "new").replace(home / "beat")
    time.sleep(0.05)
"""
DRAINING = """
import signal, sys, time
from pathlib import Path
home = Path(sys.argv[1])
def finish(*_):
    time.sleep(0.5)
    (home / "drained").touch()
    sys.exit()
signal.signal(signal.SIGTERM, finish)
(home / "working").touch()
while True:
    time.sleep(0.05)
"""
STUBBORN = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, lambda *_: (Path(sys.argv[1]) / "asked").touch())
(Path(sys.argv[1]) / "working").touch()
while True:
    time.sleep(0.05)
"""
CRASHING = """
import sys
from pathlib import Path
with (Path(sys.argv[1]) / "starts").open("a") as file:
    file.write("x")
print("the model is missing")
sys.exit(7)
"""

PidOf = Callable[[EngineState | None, str], int]
Temporal = Callable[..., str]


def _start_workflow(temporal: Temporal, engine: EngineState, name: str, *more: str) -> None:
    temporal(engine, "workflow", "start", "--type", "X", "--task-queue", "q", "--workflow-id", name, *more)


@pytest.fixture
def settings_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "for another cluster")


@pytest.mark.usefixtures("settings_of_a_cluster")
def test_server_and_workers_run_when_the_engine_says_it_is_ready(
    home: Path, running_engine: Any, until: Any, temporal: Temporal, pid_of: PidOf
) -> None:
    """Also in a home with spaces, Chinese and URI syntax, and with settings of a real cluster around."""
    engine = running_engine(home, workers={"worker-cpu": BEATING})
    _start_workflow(temporal, engine, "first")
    until((home / "beat").exists)
    expected = [str(pid_of(engine, "worker-cpu")), engine.address, "1", "grün", "-"]
    assert (home / "beat").read_text().split() == expected
    assert (home / "prepared").read_text().split() == [engine.address]
    assert engine.version == "1.2.3"
    assert (home / "temporal.db").stat().st_size > 0
    assert sorted(path.name for path in home.parent.iterdir()) == [home.name]
    assert sorted(path.name for path in (home / "logs").iterdir()) == ["temporal.log", "worker-cpu.log"]


def test_it_listens_on_loopback_only(home: Path, running_engine: Any) -> None:
    """A second address of this machine is free, which it would not be beside a listener on all addresses."""
    running_engine(home)
    used = from_json(ports.Ports, (home / "ports.json").read_bytes())
    for port in (used.grpc, used.ui, used.http):
        assert not ports.is_free(port)
        with socket.socket() as probe:
            probe.bind(("127.0.0.2", port))


def test_search_attributes_of_a_newer_version_reach_an_older_database(
    home: Path, running_engine: Any, temporal: Temporal
) -> None:
    running_engine(home, search_attributes={"MindreelStage": "Keyword"})
    assert state.stop(home, timeout_s=30)
    newer = {"MindreelStage": "Keyword", "MindreelPercent": "Double"}
    engine = running_engine(home, search_attributes=newer)
    values = ["--search-attribute", 'MindreelStage="audio"', "--search-attribute", "MindreelPercent=7.5"]
    _start_workflow(temporal, engine, "w", *values)
    assert "MindreelPercent" in temporal(engine, "workflow", "describe", "--workflow-id", "w")


def test_a_second_engine_for_the_same_home_is_refused_in_one_sentence(
    home: Path, running_engine: Any, start_engine: Any
) -> None:
    engine = running_engine(home)
    second = start_engine(home)
    _, message = second.communicate(timeout=60)
    assert second.returncode == 1
    assert message.strip() == (
        f"An engine (process {engine.pid}) is already running for {home}; use it or stop it first."
    )
    assert state.running(home) == engine


def test_a_killed_server_comes_back_at_the_same_address_with_its_workflows(
    home: Path, running_engine: Any, until: Any, temporal: Temporal, pid_of: PidOf
) -> None:
    engine = running_engine(home, workers={"worker-cpu": BEATING})
    _start_workflow(temporal, engine, "survivor")
    killed = pid_of(engine, "temporal")
    os.kill(killed, signal.SIGKILL)
    until(lambda: (now := state.running(home)) and now.children[0].pid not in (None, killed))
    again = state.running(home)
    assert again is not None
    assert again.address == engine.address
    until(lambda: not ports.is_free(int(engine.address.rpartition(":")[2])))
    assert again.children[0].restarts == 1
    assert "temporal ended with SIGKILL" in again.children[0].trouble
    assert "survivor" in temporal(engine, "workflow", "describe", "--workflow-id", "survivor")
    assert pid_of(again, "worker-cpu") == pid_of(engine, "worker-cpu")
    assert (home / "prepared").read_text().split() == [engine.address]


def test_a_killed_worker_is_started_again(home: Path, running_engine: Any, until: Any, pid_of: PidOf) -> None:
    engine = running_engine(home, workers={"worker-cpu": BEATING, "worker-gpu": BEATING})
    killed = pid_of(engine, "worker-gpu")
    os.kill(killed, signal.SIGKILL)
    until(lambda: (now := state.running(home)) and now.children[2].pid not in (None, killed))
    assert pid_of(state.running(home), "temporal") == pid_of(engine, "temporal")
    assert pid_of(state.running(home), "worker-cpu") == pid_of(engine, "worker-cpu")


def test_a_worker_that_keeps_crashing_is_slowed_down_and_its_last_words_are_known(
    home: Path, running_engine: Any, until: Any
) -> None:
    """Three restarts take at least 0.2 + 0.4 + 0.8 s, whatever the machine."""
    running_engine(home, workers={"worker-gpu": CRASHING})
    until(lambda: (now := state.running(home)) and now.children[1].restarts >= 3)
    engine = state.running(home)
    assert engine is not None
    assert engine.children[1].trouble == (
        f"worker-gpu ended with exit code 7: the model is missing ({home / 'logs' / 'worker-gpu.log'})"
    )
    assert len((home / "starts").read_text()) <= engine.children[1].restarts + 2


def test_sigterm_lets_workers_finish_before_the_server_ends(
    home: Path, start_engine: Any, until: Any
) -> None:
    process = start_engine(home, workers={"worker-cpu": DRAINING})
    until((home / "working").exists)
    until(lambda: state.running(home))
    engine = state.running(home)
    assert engine is not None
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.split()[0], err) == (0, "ready", "")
    assert (home / "drained").exists()
    assert not any(processes.alive(child.pid) for child in engine.children if child.pid)
    assert not (home / "engine.json").exists()
    assert state.running(home) is None


def test_a_second_signal_ends_the_wait_for_a_stubborn_worker(
    home: Path, start_engine: Any, until: Any
) -> None:
    process = start_engine(home, workers={"worker-cpu": STUBBORN}, drain_s=3600)
    until((home / "working").exists)
    until(lambda: state.running(home))
    process.send_signal(signal.SIGINT)
    until((home / "asked").exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_nothing_outlives_a_killed_supervisor_and_the_next_one_recovers(
    home: Path, running_engine: Any, until: Any, temporal: Temporal, pid_of: PidOf
) -> None:
    engine = running_engine(home, workers={"worker-cpu": BEATING})
    _start_workflow(temporal, engine, "survivor")
    os.kill(engine.pid, signal.SIGKILL)
    until(lambda: state.running(home) is None)
    until(lambda: not processes.alive(pid_of(engine, "temporal")))
    until(lambda: not processes.alive(pid_of(engine, "worker-cpu")))
    assert (home / "engine.json").exists()
    again = running_engine(home, workers={"worker-cpu": BEATING})
    assert again.pid != engine.pid
    assert "survivor" in temporal(again, "workflow", "describe", "--workflow-id", "survivor")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_server_itself_holds_the_lock_of_its_database(
    home: Path, running_engine: Any, pid_of: PidOf
) -> None:
    """So that a server which outlived its supervisor is noticed; a worker must not keep it held."""
    engine = running_engine(home, workers={"worker-cpu": BEATING})

    def opened(name: str) -> set[str]:
        descriptors = Path(f"/proc/{pid_of(engine, name)}/fd").iterdir()
        return {descriptor.readlink().name for descriptor in descriptors if descriptor.is_symlink()}

    assert "server.lock" in opened("temporal")
    assert not {"server.lock", "engine.lock"} & opened("worker-cpu")


def test_a_server_left_behind_is_named_and_its_database_not_opened(home: Path, start_engine: Any) -> None:
    """Elsewhere than on Linux a server outlives its killed supervisor; here a process plays one."""
    home.mkdir()
    with FileLock(home / "server.lock") as lock:
        assert lock.acquire()
        lock.write_pid(12345)
        process = start_engine(home)
        _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert message.strip() == (
        f"A Temporal server left behind by an earlier engine still uses {home}; "
        "end process 12345 and try again."
    )
    assert not (home / "temporal.db").exists()


def test_busy_ports_are_avoided(home: Path, running_engine: Any) -> None:
    usual = ports.Ports()
    taken = [usual.grpc, usual.ui, usual.http]
    with ExitStack() as stack:
        for port in taken:
            if ports.is_free(port):
                listener = stack.enter_context(socket.create_server(("127.0.0.1", port)))
                listener.listen()
        engine: EngineState = running_engine(home)
        assert int(engine.address.rpartition(":")[2]) not in taken
        assert int(engine.ui_url.rpartition(":")[2]) not in taken


def test_engines_of_several_homes_run_side_by_side(tmp_path: Path, start_engine: Any, until: Any) -> None:
    """Started at the same moment, so that both look for free ports together."""
    homes = [tmp_path / "one", tmp_path / "two"]
    for each in homes:
        start_engine(each)
    until(lambda: all(state.running(each) for each in homes))
    addresses = {engine.address for each in homes if (engine := state.running(each))}
    assert len(addresses) == 2


def test_a_background_engine_without_work_ends_by_itself(home: Path, start_engine: Any, until: Any) -> None:
    home.mkdir()
    (home / "busy").touch()
    process = start_engine(home, idle_minutes=0.01)
    until(lambda: state.running(home))
    try:
        process.wait(timeout=1.5)
    except subprocess.TimeoutExpired:
        (home / "busy").unlink()
    else:
        raise AssertionError(process.communicate())
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert state.running(home) is None


def test_a_signal_while_it_starts_ends_it_at_once(home: Path, start_engine: Any, until: Any) -> None:
    process = start_engine(home)
    until((home / "server.lock").exists)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "")


def test_a_server_that_cannot_start_is_explained_with_its_last_words(home: Path, start_engine: Any) -> None:
    home.mkdir()
    (home / "temporal.db").write_text("this is no database, and never was " * 100)
    process = start_engine(home)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert message.startswith("The Temporal server ended at once: Error: ")
    assert str(home / "logs" / "temporal.log") in message
    assert message.count("\n") == 1


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path, start_engine: Any) -> None:
    (tmp_path / "data").touch()
    process = start_engine(tmp_path / "data")
    _, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert message.startswith(f"The data directory {tmp_path / 'data'} cannot be used (")


def test_the_environment_for_temporal_names_no_other_cluster(monkeypatch: Any) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "cloud:7233")
    monkeypatch.setenv("TEMPORAL_TLS", "true")
    cleaned = clean_environment()
    assert [name for name in cleaned if name.startswith("TEMPORAL_")] == ["TEMPORAL_CONFIG_FILE"]
