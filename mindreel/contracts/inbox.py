"""Where CSV files are dropped, and reports are laid beside them: a folder, or a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class InboxEntry:
    """A file in an inbox."""

    name: str
    """In the inbox; no folders."""
    size_bytes: int
    version: str
    """Changes whenever the content may have: size and time of a file, an ETag of an object."""


class Inbox(Protocol):
    """A flat place of files; methods raise `SetupError` where it cannot be used, else `TransientError`."""

    @property
    def location(self) -> str:
        """Where it is: an absolute folder, or the address of a bucket."""

    def entries(self) -> Sequence[InboxEntry]:
        """All files but hidden ones, by name; reports too. An inbox that is not there yet is made."""

    def read(self, name: str, *, max_bytes: int) -> bytes | None:
        """The content, at most `max_bytes` and one more byte; None when it is gone."""

    def write(self, name: str, content: bytes, media_type: str) -> str:
        """Lay a file there, whole or not at all; the place where a person finds it."""
