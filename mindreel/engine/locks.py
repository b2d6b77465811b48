import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_RETRY_S = 0.02


class FileLock:
    """An exclusive flock(2) on a file, free as soon as every process holding its descriptor has ended.

    Two `FileLock`s exclude each other also within one process. The file may be deleted by its holder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def acquire(self, *, timeout_s: float = 0.0) -> bool:
        """Take the lock, trying for `timeout_s`; False when another keeps it. Raises `OSError`."""
        deadline = time.monotonic() + timeout_s
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_RETRY_S)
        return True

    def _try(self) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        if not _same_file(descriptor, self.path):  # its former holder deleted it while we opened it
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def write_pid(self, pid: int) -> None:
        """Note in the file who holds it, for messages and `holder_pid`."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{pid}\n".encode(), 0)

    def fileno(self) -> int:
        """The descriptor: a child that inherits it holds the lock too."""
        return self._descriptor

    def release(self) -> None:
        """Let go of this process's share; harmless when not held."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock; the look itself takes a shared lock for some microseconds."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder_pid(path: Path) -> int | None:
    """The process id that the last holder wrote; None when there is none."""
    try:
        return int(path.read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
