import threading
from pathlib import Path

import pytest

from mindreel.engine import state
from mindreel.engine.idle import IdleWatch
from mindreel.engine.state import EngineState

ENGINE = EngineState(1, "127.0.0.1:7233", "http://127.0.0.1:8233", "2026-01-01", "1")


def test_a_command_that_joins_at_the_last_moment_keeps_the_engine(tmp_path: Path) -> None:
    expired = threading.Event()
    watch = IdleWatch(tmp_path, lambda: False, idle_s=0.05, on_expired=expired.set)
    state.save(tmp_path, ENGINE)
    watch.start()
    assert expired.wait(30)
    state.join(tmp_path)
    assert not watch.leave_home()
    expired.clear()
    assert expired.wait(30)
    assert watch.leave_home()
    assert not (tmp_path / "engine.json").exists()
    watch.stop()


def test_work_keeps_the_engine(tmp_path: Path) -> None:
    asked, expired = threading.Semaphore(0), threading.Event()

    def busy() -> bool:
        asked.release()
        return True

    watch = IdleWatch(tmp_path, busy, idle_s=0.02, on_expired=expired.set)
    watch.start()
    assert all(asked.acquire(timeout=30) for _ in range(50))
    assert not expired.is_set()
    watch.stop()


def test_what_busy_raises_reaches_the_supervisor(tmp_path: Path) -> None:
    expired = threading.Event()

    def broken() -> bool:
        raise ValueError("the catalog is gone")

    watch = IdleWatch(tmp_path, broken, idle_s=0.1, on_expired=expired.set)
    watch.start()
    assert expired.wait(30)
    with pytest.raises(ValueError, match="the catalog is gone"):
        watch.leave_home()
    watch.stop()
