"""An inbox that is a folder."""

import errno
import os
import stat
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mindreel.contracts.inbox import InboxEntry
from mindreel.contracts.inbox_names import as_text, is_plain, is_temporary
from mindreel.errors import InputError, SetupError, TransientError

_OURS = ".mindreel-"
_ABANDONED_S = 3600.0
_PASSING = (
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EAGAIN,
    errno.EBUSY,
    errno.ENETDOWN,
    errno.EHOSTDOWN,
)
"""What a folder on the network answers on a bad day."""


class FolderInbox:
    r"""Implements `mindreel.contracts.inbox.Inbox`; safe to use from several threads and processes.

    A name whose bytes are no UTF-8 is given, and taken back, with `\xff` for each such byte.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` may be missing; it is made when it is first looked into."""
        self._folder = Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 - keeps links as named

    @property
    def location(self) -> str:
        """The absolute path; links in it stay."""
        return str(self._folder)

    def entries(self) -> Sequence[InboxEntry]:
        """All regular files, also through links, but hidden and unfinished ones; by name."""
        with self._usable("looked into"):
            self._folder.mkdir(parents=True, exist_ok=True)
            with os.scandir(self._folder) as found:
                names = sorted(entry.name for entry in found)
            self._sweep(names)
            files = {name: _regular(self._folder / name) for name in names if not is_temporary(name)}
        return [
            InboxEntry(as_text(name), status.st_size, f"{status.st_size}-{status.st_mtime_ns}")
            for name, status in files.items()
            if status is not None
        ]

    def read(self, name: str, *, max_bytes: int) -> bytes | None:
        """At most `max_bytes` and one more byte; None when it is gone, or no longer a regular file."""
        with self._usable(f"used to read {name}"):
            path = self._path(name)
            if _regular(path) is None:
                return None
            try:
                opened = os.open(
                    path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
                )  # a pipe would wait for ever
            except FileNotFoundError:
                return None
            with os.fdopen(opened, "rb") as file:
                return file.read(max_bytes + 1) if stat.S_ISREG(os.fstat(opened).st_mode) else None

    def write(self, name: str, content: bytes, media_type: str) -> str:  # noqa: ARG002 - a folder keeps no types
        """Written beside and renamed into place; its absolute path."""
        with self._usable(f"used to write {name}"):
            path = self._path(name)
            beside = self._folder / f"{_OURS}{uuid.uuid4().hex}.part"
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(content)
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        return str(path)

    def _path(self, name: str) -> Path:
        """Where the file of this name lies, or will."""
        if not is_plain(name):
            raise InputError(
                f"{name!a} is no name of a file in an inbox; give the name alone, without folders."
            )
        path = self._folder / name
        if "\\x" not in name or path.exists():
            return path
        return next((other for other in self._folder.iterdir() if as_text(other.name) == name), path)

    def _sweep(self, names: Sequence[str]) -> None:
        """Remove what writers left that were killed in the middle."""
        for name in names:
            if name.startswith(_OURS):
                with suppress(OSError):
                    path = self._folder / name
                    if path.lstat().st_mtime < time.time() - _ABANDONED_S:
                        path.unlink()

    @contextmanager
    def _usable(self, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            sentence = f"The inbox {as_text(str(self._folder))} cannot be {done}: {reason}"
            if error.errno in _PASSING:
                raise TransientError(f"{sentence}; it is tried again.") from error
            advice = (
                "free some space"
                if error.errno in (errno.ENOSPC, errno.EDQUOT)
                else ("check that it is a folder and its permissions")
            )
            raise SetupError(f"{sentence}; {advice}.") from error


def _regular(path: Path) -> os.stat_result | None:
    """None for what is gone, and for folders, pipes, devices and links to such or to nothing."""
    try:
        status = path.stat()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise
    return status if stat.S_ISREG(status.st_mode) else None
