import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mindreel.contracts.codec import from_json, to_json
from mindreel.engine import processes
from mindreel.engine.files import write_atomically
from mindreel.engine.locks import holder_pid, is_held

_STATE, _LOCK, _JOINED = "engine.json", "engine.lock", "engine.joined"
_POLL_S = 0.05


@dataclass(frozen=True)
class ChildState:
    """One child process of the engine."""

    name: str
    """`temporal`, or the worker's name."""
    pid: int | None
    """None while it waits to be started again."""
    restarts: int
    """Since it was last well for a minute."""
    trouble: str
    """Empty when well; else one sentence: how it last ended, its last words, its log."""


@dataclass(frozen=True)
class EngineState:
    """A running engine: what engine.json holds."""

    pid: int
    """The supervisor."""
    address: str
    """host:port for Temporal clients."""
    ui_url: str
    """Temporal's Web UI."""
    started_at: str
    """ISO 8601, UTC."""
    version: str
    """What the caller of `run_supervisor` said it is."""
    children: tuple[ChildState, ...] = ()


def running(home: Path) -> EngineState | None:
    """The engine of this home when it is ready; None when there is none, or it is starting or stopping.

    Nothing is asked of the engine: its lock is held, its file names the holder, the holder lives.
    """
    if not is_held(lock_file(home)):
        return None
    try:
        state = from_json(EngineState, (home / _STATE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    current = state.pid == holder_pid(lock_file(home)) and processes.alive(state.pid)
    return state if current else None


def stop(home: Path, *, timeout_s: float) -> bool:
    """Ask the engine of this home to drain and end, and wait; True when none runs any longer.

    Raises `PermissionError` when it belongs to another user.
    """
    pid = holder_pid(lock_file(home))
    if pid is not None and is_held(lock_file(home)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while is_held(lock_file(home)):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def lock_file(home: Path) -> Path:
    """Held by the supervisor for its lifetime; its content is the supervisor's process id."""
    return home / _LOCK


def save(home: Path, state: EngineState) -> None:
    """Announce the engine. Raises `OSError`."""
    write_atomically(home / _STATE, to_json(state))


def forget(home: Path) -> None:
    """From now on nobody joins."""
    (home / _STATE).unlink(missing_ok=True)


def join(home: Path) -> None:
    """Tell a background engine that somebody relies on it, so that its idle time begins anew."""
    (home / _JOINED).touch()


def last_joined_ns(home: Path) -> int:
    """When `join` was last called, on the file system's clock; 0 for never."""
    try:
        return (home / _JOINED).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
