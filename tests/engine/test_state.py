import os
from pathlib import Path

import pytest

from mindreel.engine import state
from mindreel.engine.locks import FileLock
from mindreel.engine.state import ChildState, EngineState


@pytest.fixture
def engine() -> EngineState:
    children = (ChildState("temporal", 12, 0, ""), ChildState("worker-cpu", None, 3, "it ended"))
    return EngineState(os.getpid(), "127.0.0.1:7233", "http://127.0.0.1:8233", "2026-01-01", "1", children)


def test_an_engine_runs_while_its_lock_is_held_and_its_file_names_the_holder(
    tmp_path: Path, engine: EngineState
) -> None:
    assert state.running(tmp_path) is None
    with FileLock(state.lock_file(tmp_path)) as lock:
        assert lock.acquire()
        lock.write_pid(os.getpid())
        assert state.running(tmp_path) is None, "starting: it has not said where it is"
        state.save(tmp_path, engine)
        assert state.running(tmp_path) == engine
        lock.write_pid(os.getppid())
        assert state.running(tmp_path) is None, "the file is of an earlier engine"
    assert state.running(tmp_path) is None, "the file is stale"


def test_a_damaged_state_file_is_no_engine(tmp_path: Path) -> None:
    with FileLock(state.lock_file(tmp_path)) as lock:
        assert lock.acquire()
        lock.write_pid(os.getpid())
        for damaged in (b"", b"{", b"[]", b'{"pid": "x"}', b"\xff\xfe"):
            (tmp_path / "engine.json").write_bytes(damaged)
            assert state.running(tmp_path) is None
