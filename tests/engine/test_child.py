import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from mindreel.engine import child as child_module
from mindreel.engine import processes
from mindreel.engine.child import Child, ChildCommand


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _command(tmp_path: Path, code: str) -> ChildCommand:
    return ChildCommand("worker", (sys.executable, "-c", code), tmp_path / "worker.log")


def test_delays_double_up_to_the_longest_and_start_anew_after_a_healthy_life(
    tmp_path: Path, clock: Clock, until: Any
) -> None:
    child = Child(_command(tmp_path, "print('no model')"), clock=clock)
    child.start()
    delays = []
    for _ in range(8):
        until(child.tend)
        due_s = child.due_s()
        assert due_s is not None
        delays.append(round(due_s, 3))
        clock.now_s += due_s - 0.01
        assert not child.tend(), "not before its time"
        clock.now_s += 0.02
        assert child.tend()
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    assert child.state.restarts == 8
    assert child.state.trouble == f"worker ended with exit code 0: no model ({tmp_path / 'worker.log'})"
    clock.now_s += child_module.HEALTHY_S
    until(lambda: child.tend() and child.process is None)
    assert child.due_s() == pytest.approx(0.2)


def test_a_child_that_stays_well_is_forgiven(tmp_path: Path, clock: Clock, until: Any) -> None:
    child = Child(
        _command(tmp_path, "import time; print('all is well', flush=True); time.sleep(600)"), clock=clock
    )
    child.start()
    until(child.last_words)
    assert child.due_s() is None
    assert child.process is not None
    os.kill(child.process.pid, signal.SIGKILL)
    until(child.tend)
    clock.now_s += 1
    assert child.tend()
    assert child.state.trouble == f"worker ended with SIGKILL ({tmp_path / 'worker.log'})"
    assert child.due_s() == child_module.HEALTHY_S
    clock.now_s += child_module.HEALTHY_S
    assert child.tend()
    assert (child.state.trouble, child.state.restarts) == ("", 0)
    processes.terminate([child.process], grace_s=0)


def test_what_a_dead_child_leaves_in_its_group_is_ended(tmp_path: Path, until: Any) -> None:
    code = (
        "import os, subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)\n"
        "os._exit(1)"
    )
    child = Child(_command(tmp_path, code))
    child.start()
    until(child.tend)
    left_behind = int((tmp_path / "worker.log").read_text())
    until(lambda: not processes.alive(left_behind))


def test_a_child_that_cannot_be_started_again_is_tried_later(
    tmp_path: Path, clock: Clock, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(_command(tmp_path, ""), clock=clock)
    child.start()
    until(child.tend)

    def no_memory(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patch:
        patch.setattr(processes, "spawn", no_memory)
        clock.now_s += 1
        assert child.tend()
        assert "Cannot allocate memory" in child.state.trouble
        assert not child.process
    clock.now_s += 10
    assert child.tend()
    assert child.process
    until(child.tend)


def test_a_child_gets_default_signals_a_session_and_no_descriptors_of_ours(
    tmp_path: Path, until: Any
) -> None:
    """What Python ignores for itself (SIGPIPE) must not be ignored by programs such as ffmpeg."""
    shell = "kill -PIPE $$; echo alive"
    ignoring = Child(ChildCommand("shell", ("/bin/sh", "-c", shell), tmp_path / "shell.log"))
    ignoring.start()
    until(ignoring.tend)
    assert "SIGPIPE" in ignoring.state.trouble
    code = "import os; print(os.getsid(0) == os.getpid(), os.dup(0))"
    with (tmp_path / "ours").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        child = Child(_command(tmp_path, code))
        child.start()
        until(child.tend)
    assert (tmp_path / "worker.log").read_text() == "True 3\n"
