import hashlib
import logging
import math
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mindreel.engine.locks import FileLock
from mindreel.errors import CancelledError, MindreelError, TransientError

KEYED_LIFETIME_S = 24 * 3600.0
_POLL_S = 0.1
_REMOVAL_TRIES = 3
_log = logging.getLogger(__name__)


def worth_keeping(error: BaseException) -> bool:
    """Whether another attempt may go on with what is there: all errors but ours that no retry can change."""
    return not isinstance(error, MindreelError) or error.retryable


def _sleep(seconds: float) -> bool:
    """Nobody cancels."""
    time.sleep(seconds)
    return False


class Scratch:
    """Temporary folders that leave nothing behind, whatever happens to the process. Thread-safe.

        root/own/<process>/         private folders, and an flock'ed file that says whether the process lives
        root/keyed/<name>/          a folder that attempts of one piece of work find again, on this machine
        root/keyed/<name>.lock      held by the attempt that uses it

    A process without a folder in use has nothing under `root/own`. What a killed process leaves is removed
    by the next `sweep`, by whichever process.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mutex = threading.Lock()
        self._used = 0
        self._owner = Path()
        self._alive = FileLock(Path())

    @contextmanager
    def folder(self, prefix: str = "") -> Iterator[Path]:
        """A private empty folder, removed at the end. Raises `OSError`."""
        owner = self._enter()
        try:
            path = Path(tempfile.mkdtemp(prefix=_safe(prefix), dir=owner))
            try:
                yield path
            finally:
                _remove(path)
        finally:
            self._leave()

    @contextmanager
    def keyed(
        self,
        name: str,
        *,
        keep: Callable[[BaseException], bool] = worth_keeping,
        wait_s: float = 15.0,
        wait_cancelled: Callable[[float], bool] = _sleep,
    ) -> Iterator[Path]:
        """The folder of this name, as the last attempt left it; one attempt at a time.

        It is removed when the body ends well or raises an error that `keep` refuses, and kept otherwise,
        for a day. While another attempt uses it this waits up to `wait_s`, then raises `TransientError`;
        `wait_cancelled` (a `Reporter`'s) ends the wait with `CancelledError`.
        """
        path, lock = self._keyed_paths(name)
        _wait_for(lock, name, wait_s, wait_cancelled)
        with lock:
            os.utime(lock.path)
            path.mkdir(exist_ok=True)
            try:
                yield path
            except BaseException as error:
                os.utime(lock.path)
                if not keep(error):
                    _remove_keyed(path, lock)
                raise
            _remove_keyed(path, lock)

    def sweep(
        self, *, unused_s: float = KEYED_LIFETIME_S, leaving: Callable[[Path], object] = lambda _path: None
    ) -> list[Path]:
        """Remove what dead processes left and keyed folders unused for `unused_s`; returns what went.

        `leaving` is called with each folder just before, so that it can be measured.
        """
        swept: list[Path] = []
        with self._root_lock():
            for owner in _names(self._root / "own"):
                with FileLock(owner / "alive") as lock:
                    if lock.acquire():
                        leaving(owner)
                        _remove(owner)
                        swept.append(owner)
            for path in _names(self._root / "keyed"):
                with FileLock(_lock_path(path)) as lock:
                    if lock.acquire() and time.time() - lock.path.stat().st_mtime >= unused_s:
                        leaving(path)
                        _remove_keyed(path, lock)
                        swept.append(path)
        return swept

    def _enter(self) -> Path:
        with self._mutex:
            if self._used == 0:
                self._become_owner()
            self._used += 1
            return self._owner

    def _leave(self) -> None:
        with self._mutex:
            self._used -= 1
            if self._used == 0:
                with self._root_lock():
                    _remove(self._owner)
                    self._alive.release()

    def _become_owner(self) -> None:
        with self._root_lock():  # no sweep comes between the folder and its lock
            self._owner = self._root / "own" / f"{os.getpid()}-{secrets.token_hex(4)}"
            self._owner.mkdir(parents=True)
            self._alive = FileLock(self._owner / "alive")
            self._alive.acquire()

    @contextmanager
    def _root_lock(self) -> Iterator[None]:
        """Held for a moment, at most for a sweep, never by a dead process: so wait as long as it takes."""
        self._root.mkdir(parents=True, exist_ok=True)
        with FileLock(self._root / "scratch.lock") as lock:
            lock.acquire(timeout_s=math.inf)
            yield

    def _keyed_paths(self, name: str) -> tuple[Path, FileLock]:
        folder = self._root / "keyed"
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        path = folder / f"{_safe(name)}-{digest}"
        return path, FileLock(_lock_path(path))


def _wait_for(lock: FileLock, name: str, wait_s: float, wait_cancelled: Callable[[float], bool]) -> None:
    deadline = time.monotonic() + wait_s
    while not lock.acquire():
        if time.monotonic() >= deadline:
            raise TransientError(f"Another attempt still works on {name}; this one will try again.")
        if wait_cancelled(_POLL_S):
            raise CancelledError(f"Cancelled while waiting for another attempt on {name}.")


def _remove_keyed(path: Path, lock: FileLock) -> None:
    _remove(path)
    if not path.exists():
        lock.path.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    """Remove a tree; what resists (a child that is still dying and writing) is left to the next sweep."""
    for left in reversed(range(_REMOVAL_TRIES)):
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            if not path.exists():
                return
        except OSError as error:
            if not left:
                _log.warning("temporary folder %s could not be removed yet: %s", path, error)
        else:
            return


def _names(folder: Path) -> list[Path]:
    """Folders inside, also those of which only the lock file is there."""
    found = folder.iterdir() if folder.is_dir() else iter(())
    return sorted({path.with_name(path.name.removesuffix(".lock")) for path in found})


def _lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _safe(name: str) -> str:
    """The readable part of a folder's name: ASCII, short."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:60].lstrip(".")
