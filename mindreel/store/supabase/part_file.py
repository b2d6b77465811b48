import hashlib
import os
from collections.abc import Callable
from pathlib import Path

_BLOCK = 8 * 1024**2


class PartFile:
    """A file that is on its way: what is there, its sum so far, and the etag it was begun with."""

    def __init__(self, path: Path, tick: Callable[[int], object]) -> None:
        """Reads what an earlier attempt left. Raises `OSError`."""
        self._path = path
        self._note = path.with_name(f"{path.name}.etag")
        self._sum, self.size = hashlib.sha256(), 0
        path.touch()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                self._sum.update(block)
                self.size += len(block)
                tick(self.size)
        self._file = path.open("ab", buffering=0)

    def close(self) -> None:
        """What is there stays for the next attempt."""
        self._file.close()

    @property
    def etag(self) -> str:
        """Of the content that the beginning is of; empty where the server gave none."""
        return self._note.read_text() if self._note.exists() else ""

    @property
    def sha256(self) -> str:
        """Of what is there."""
        return self._sum.hexdigest()

    def begin(self, etag: str) -> None:
        """From nothing."""
        self._file.truncate(0)
        self._sum, self.size = hashlib.sha256(), 0
        self._note.write_text(etag)

    def write(self, block: bytes) -> None:
        """Append. A full disk gets back what the part took."""
        view = memoryview(block)
        try:
            while view:
                view = view[os.write(self._file.fileno(), view) :]
        except OSError:
            self.remove()
            raise
        self._sum.update(block)
        self.size += len(block)

    def remove(self) -> None:
        """It is of no use."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self) -> None:
        """It is whole."""
        self._note.unlink(missing_ok=True)
