"""Copies of files that belong elsewhere, on this machine's disk, so that none is fetched twice."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from mindreel.contracts.cleanup import Cleaned
from mindreel.store.protocols import Tick, no_tick
from mindreel.store.storing import storing

_LOOK_EVERY_S = 0.5
_STALE_S = 24 * 3600.0
_LOCK_DIGITS = 3
"""Of the sum: 4096 locks, which are never removed. Files that share one wait for each other."""

Fetch = Callable[[Path], object]
"""Makes the file there whole, going on with what is in it. It may keep notes beside it, by a suffix."""


class FileCache:
    """Files by the sha256 of their content, in a folder of limited size.

    Safe to use from several threads and processes; one of them fetches a file and the others wait for it.
    What was used least recently goes first. The limit holds but for the files that are being fetched.
    """

    def __init__(self, root: Path, max_bytes: int) -> None:
        """Open or begin one. Raises `SetupError`."""
        self._root, self._max_bytes = root.resolve(), max_bytes
        self._files, self._parts, self._locks = (self._root / each for each in ("files", "parts", "locks"))
        with storing("the cache's folder", self._root):
            for folder in (self._files, self._parts, self._locks):
                folder.mkdir(parents=True, exist_ok=True)

    def bring(
        self, sha256: str, size_bytes: int, target: Path, fetch: Fetch, *, tick: Tick = no_tick
    ) -> None:
        """Make `target` a link to the file of that content, which `fetch` brings where it is not here.

        Where links are not possible it is a copy. Ticks while another fetches the same. Raises `SetupError`
        when the disk is full.
        """
        file = self._files / sha256
        with storing(target.name, self._root), self._held(sha256, tick):
            is_new = _size(file) != size_bytes
            if is_new:
                self._fetch(sha256, size_bytes, fetch)
            _mark_used(file)
            _link(file, target)
            if is_new:  # others came meanwhile, which did not know of each other
                self._make_room(0, sparing=sha256)

    def take(self, sha256: str, path: Path) -> None:
        """Move the file at `path` in; a copy, where it is a link or has other names, which stay as they are.

        The caller vouches that `sha256` is its sum. Where the content is here already, `path` stays.
        """
        file = self._files / sha256
        with storing(path.name, self._root), self._held(sha256, no_tick):
            size = path.stat().st_size
            if _size(file) != size:
                part = self._parts / sha256
                self._make_room(size, sparing=sha256)
                _remove_part(part)
                _move(path, part)
                self._finish(part, file)
            _mark_used(file)

    def sweep(self) -> Cleaned:
        """Remove what was begun and not gone on with for a day."""
        count = freed = 0
        for part in self._entries():
            if part.path.parent != self._parts or part.used_s > time.time() - _STALE_S:
                continue
            if self._remove_unused(part):
                count, freed = count + 1, freed + part.size_bytes
        return Cleaned(count, freed)

    def _fetch(self, sha256: str, size_bytes: int, fetch: Fetch) -> None:
        file, part = self._files / sha256, self._parts / sha256
        file.unlink(missing_ok=True)  # damaged, where there is one
        self._make_room(size_bytes - max(_size(part), 0), sparing=sha256)
        fetch(part)
        self._finish(part, file)

    def _finish(self, part: Path, file: Path) -> None:
        """Whole, flushed to disk, and read-only: from now on its size alone vouches for it."""
        part.chmod(part.stat().st_mode & ~0o222)
        with part.open("rb") as opened:
            os.fsync(opened.fileno())
        part.replace(file)
        _remove_part(part)

    def _make_room(self, more_bytes: int, *, sparing: str) -> None:
        """Until so much more fits: the oldest go, but for `sparing` and what is in use at this moment."""
        with FileLock(self._locks / "room"):
            entries = sorted(self._entries(), key=lambda entry: entry.used_s)
            excess = sum(entry.size_bytes for entry in entries) + more_bytes - self._max_bytes
            for entry in entries:
                if excess <= 0:
                    return
                if entry.path.name != sparing and self._remove_unused(entry):
                    excess -= entry.size_bytes

    def _entries(self) -> Iterator["_Entry"]:
        for folder in (self._files, self._parts):
            for path in folder.iterdir():
                if path.suffix:
                    continue  # a note beside a part, which goes with it
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                used_s = status.st_atime if folder == self._files else status.st_mtime
                yield _Entry(path, status.st_size, used_s)

    def _remove_unused(self, entry: "_Entry") -> bool:
        lock = FileLock(self._lock(entry.path.name))
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        try:
            if entry.path.parent == self._parts:
                _remove_part(entry.path)
            else:
                entry.path.unlink(missing_ok=True)
        finally:
            lock.release()
        return True

    @contextmanager
    def _held(self, sha256: str, tick: Tick) -> Iterator[None]:
        """Alone with a file; whoever waits says how far the other is."""
        lock = FileLock(self._lock(sha256))
        while True:
            try:
                lock.acquire(timeout=_LOOK_EVERY_S)
                break
            except Timeout:
                tick(max(_size(self._parts / sha256), 0))
        try:
            yield
        finally:
            lock.release()

    def _lock(self, sha256: str) -> Path:
        return self._locks / sha256[:_LOCK_DIGITS]


@dataclass(frozen=True)
class _Entry:
    path: Path
    size_bytes: int
    used_s: float
    """Since 1970."""


def _size(path: Path) -> int:
    """-1 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _mark_used(file: Path) -> None:
    os.utime(file, (time.time(), file.stat().st_mtime))


def _remove_part(part: Path) -> None:
    """And the notes beside it."""
    for each in (part, *part.parent.glob(f"{part.name}.*")):
        each.unlink(missing_ok=True)


def _move(path: Path, target: Path) -> None:
    if path.is_symlink() or path.stat().st_nlink > 1:
        shutil.copyfile(path, target)
    else:
        shutil.move(path, target, copy_function=shutil.copyfile)


def _link(file: Path, target: Path) -> None:
    """A second name, which stays when the cache lets its own go."""
    if _size(target) == file.stat().st_size:
        return
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(file)
    except OSError:  # another disk, or one without links
        shutil.copyfile(file, target)
