import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mindreel.engine import background, processes, state
from mindreel.engine.locks import FileLock, holder_pid, is_held
from mindreel.engine.state import EngineState
from mindreel.errors import SetupError

REPOSITORY = Path(__file__).parents[2]
JOINER = """
import sys
from pathlib import Path
from mindreel.engine.background import ensure_running
print(ensure_running(Path(sys.argv[1]), sys.argv[2:]).pid)
"""
Command = Callable[..., list[str]]


def test_the_first_command_starts_an_engine_and_the_next_one_joins_it(
    home: Path, engine_command: Command
) -> None:
    started = background.ensure_running(home, engine_command(home))
    joined = background.ensure_running(home, ["this", "is", "not", "started"])
    assert joined == started == state.running(home)
    assert "ready at" in (home / "logs" / "engine.log").read_text()


def test_commands_at_the_same_moment_end_with_one_engine(home: Path, engine_command: Command) -> None:
    arguments = [sys.executable, "-c", JOINER, str(home), *engine_command(home)]
    commands = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    pids = {command.communicate(timeout=120)[0].strip() for command in commands}
    assert pids == {str(holder_pid(state.lock_file(home)))}
    log = (home / "logs" / "engine.log").read_text()
    assert log.count("ready at") == 1
    assert "already running" not in log


def test_the_engine_outlives_the_command_that_started_it(home: Path, engine_command: Command) -> None:
    arguments = [sys.executable, "-c", JOINER, str(home), *engine_command(home)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    engine = state.running(home)
    assert engine is not None
    assert str(engine.pid) == done.stdout.strip()
    assert os.getsid(engine.pid) == engine.pid, "Ctrl-C in the command's terminal would reach it"


def test_after_kill_9_of_the_supervisor_the_next_command_starts_a_new_one(
    home: Path, engine_command: Command, until: Any
) -> None:
    killed = background.ensure_running(home, engine_command(home))
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: state.running(home) is None)
    again = background.ensure_running(home, engine_command(home))
    assert again.pid != killed.pid
    assert again.address == killed.address


def test_a_command_during_a_restart_of_the_server_gets_one_that_answers(
    home: Path, engine_command: Command, pid_of: Any, temporal: Callable[..., str], until: Any
) -> None:
    engine = background.ensure_running(home, engine_command(home))
    killed = pid_of(engine, "temporal")
    os.kill(killed, signal.SIGKILL)
    until(lambda: not processes.alive(killed))
    joined = background.ensure_running(home, engine_command(home))
    assert joined.pid == engine.pid
    assert "SERVING" in temporal(joined, "operator", "cluster", "health")


def test_a_command_waits_for_an_engine_that_is_stopping(
    home: Path, engine_command: Command, until: Any
) -> None:
    stubborn = "import signal, time; signal.signal(15, lambda *_: None); time.sleep(600)"
    first = background.ensure_running(home, engine_command(home, workers={"worker-cpu": stubborn}, drain_s=2))
    os.kill(first.pid, signal.SIGTERM)
    until(lambda: state.running(home) is None)
    assert is_held(state.lock_file(home))
    second = background.ensure_running(home, engine_command(home))
    assert second.pid != first.pid


def test_joining_keeps_an_idle_engine_alive(home: Path, engine_command: Command, until: Any) -> None:
    """Every command that joins gets an engine which then lives; only without commands does it end."""
    command = engine_command(home, idle_minutes=0.02)
    pids: set[int] = {background.ensure_running(home, command).pid}
    done = threading.Event()
    timer = threading.Timer(3, done.set)
    timer.start()
    while not done.wait(0.1):
        pids.add(background.ensure_running(home, command).pid)
    assert len(pids) == 1
    until(lambda: not is_held(state.lock_file(home)))


def test_an_engine_that_cannot_start_says_why_and_where_to_read_more(home: Path) -> None:
    command = [sys.executable, "-c", "print('first'); import sys; sys.exit('The disk is full.')"]
    with pytest.raises(SetupError) as caught:
        background.ensure_running(home, command)
    assert str(caught.value) == (
        "The engine did not start (exit code 1): The disk is full. "
        f"(its log is {home / 'logs' / 'engine.log'})."
    )


def test_an_engine_that_never_gets_ready_is_stopped_again(home: Path) -> None:
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    command = [sys.executable, "-c", code, str(home / "pid")]
    with pytest.raises(SetupError, match="not ready in time"):
        background.ensure_running(home, command, timeout_s=2)
    assert not processes.alive(int((home / "pid").read_text()))


def test_an_engine_of_which_nothing_is_heard_is_not_waited_for_endlessly(home: Path) -> None:
    home.mkdir()
    with FileLock(state.lock_file(home)) as lock:
        assert lock.acquire()
        with pytest.raises(SetupError, match="took too long"):
            background.ensure_running(home, ["not", "started"], timeout_s=0.5)


def test_a_program_that_does_not_exist_is_one_sentence(home: Path) -> None:
    with pytest.raises(SetupError, match="cannot be started"):
        background.ensure_running(home, ["/does/not/exist"])


def test_a_running_engine_is_stopped_and_a_missing_one_counts_as_stopped(
    home: Path, engine_command: Command
) -> None:
    engine: EngineState = background.ensure_running(home, engine_command(home))
    assert state.stop(home, timeout_s=60)
    assert not processes.alive(engine.children[0].pid or 0)
    assert state.running(home) is None
    assert state.stop(home, timeout_s=1)
    assert state.stop(home / "nowhere", timeout_s=1)
