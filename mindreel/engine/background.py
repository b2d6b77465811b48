import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from mindreel.engine import logs, processes, state
from mindreel.engine.locks import FileLock, is_held
from mindreel.engine.state import EngineState
from mindreel.errors import SetupError

_POLL_S = 0.05
_LEAVE_S = 10.0
_CONNECT_S = 1.0
_started: list[subprocess.Popen[bytes]] = []
"""Kept, because a forgotten Popen warns about a child that outlives it, which is what ours is for."""


def ensure_running(home: Path, command: Sequence[str], *, timeout_s: float = 60.0) -> EngineState:
    """The engine of this home: the one that runs, or the one that `command` starts, detached and ready.

    `command` calls `run_supervisor` for the same home. Commands that come at once end with one engine.
    A running engine takes note, so that it does not end for idleness now. Raises `SetupError` saying why.
    """
    deadline = time.monotonic() + timeout_s
    log = home / "logs" / "engine.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        if (joined := _join(home)) is not None:
            return joined
        with FileLock(home / "spawn.lock") as spawning:
            spawning.acquire(timeout_s=timeout_s)
            return _start(home, command, log, deadline)
    except OSError as error:
        raise SetupError(
            f"The engine cannot be started in {home} ({error.strerror}); set MINDREEL_HOME to another folder."
        ) from error


def _join(home: Path) -> EngineState | None:
    state.join(home)  # before reading: see IdleWatch.leave_home
    found = state.running(home)
    return found if found is not None and _accepts(found.address) else None


def _accepts(address: str) -> bool:
    """Whether the server listens: for a moment it does not while the supervisor starts a dead one again."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(_CONNECT_S)
        return probe.connect_ex((host, int(port))) == 0


def _start(home: Path, command: Sequence[str], log: Path, deadline: float) -> EngineState:
    """Wait for the engine, starting it as soon as no other one is on its way up or down."""
    process: subprocess.Popen[bytes] | None = None
    log_start = 0
    while (joined := _join(home)) is None:
        if time.monotonic() >= deadline:
            raise _too_late(process, log)
        if process is not None and process.poll() is not None and not is_held(state.lock_file(home)):
            raise _ended(process, logs.last_line(log, since=log_start), log)
        if process is None and not is_held(state.lock_file(home)):
            logs.rotate(log)
            log_start = logs.size(log)
            process = _detach(command, log)
        time.sleep(_POLL_S)
    return joined


def _detach(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.append(process)
    return process


def _ended(process: subprocess.Popen[bytes], words: str, log: Path) -> SetupError:
    how = processes.how_it_ended(process.returncode)
    return SetupError(f"The engine did not start ({how}): {words or 'it wrote nothing'} (its log is {log}).")


def _too_late(process: subprocess.Popen[bytes] | None, log: Path) -> SetupError:
    if process is None:
        return SetupError(f"The engine that is starting or stopping took too long; its log is {log}.")
    processes.terminate([process], grace_s=_LEAVE_S)
    return SetupError(f"The engine was not ready in time and was stopped again; its log is {log}.")
