"""What the parent and the downloading child say to each other: JSON, one message per line.

The child starts anew for every video, so it reads and writes with the standard library alone: importing
pydantic took it a sixth of its time. The parent checks what comes back (`process.py`).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Literal

from mindreel.contracts.video import Collection, Limits, SourceInfo
from mindreel.errors import MindreelError, TransientError


@dataclass(frozen=True)
class Job:
    """The one line the child reads; its standard input then stays open as a sign that the parent lives."""

    task: Literal["resolve", "download", "list"]
    url: str
    directory: str
    """Private to this video; a download leaves its `.part` there for the next attempt."""
    limits: Limits
    cookies: str = field(default="", repr=False)
    """Content of a Netscape cookie file."""
    most: int = 0
    """How many entries of a list are read."""


@dataclass(frozen=True)
class Step:
    """The child is alive and has come this far."""

    note: str
    fraction: float = 0.0
    kind: Literal["step"] = "step"


@dataclass(frozen=True)
class Found:
    """Result of `resolve`."""

    info: SourceInfo
    kind: Literal["found"] = "found"


@dataclass(frozen=True)
class Saved:
    """Result of `download`: the finished file."""

    path: str
    kind: Literal["saved"] = "saved"


@dataclass(frozen=True)
class Listed:
    """Result of `list`."""

    collection: Collection
    kind: Literal["listed"] = "listed"


@dataclass(frozen=True)
class Failed:
    """One of our errors, by the name of its class."""

    error: str
    text: str
    retry_after_s: float | None = None
    kind: Literal["failed"] = "failed"


Result = Found | Saved | Listed
"""How a job ends well."""
Message = Step | Result | Failed


def encode(message: Job | Message) -> bytes:
    """One line of JSON."""
    return json.dumps(asdict(message)).encode() + b"\n"


def read_job(line: bytes) -> Job:
    """The job on the child's one line of input."""
    fields = json.loads(line)
    return Job(**fields | {"limits": Limits(**fields["limits"])})


def failed(error: MindreelError) -> Failed:
    """The error as a message."""
    retry_after_s = error.retry_after_s if isinstance(error, TransientError) else None
    return Failed(type(error).__name__, str(error), retry_after_s)


def as_error(message: Failed) -> MindreelError:
    """The message as the error it was."""
    kind = _by_name().get(message.error, MindreelError)
    if issubclass(kind, TransientError):
        return kind(message.text, retry_after_s=message.retry_after_s)
    return kind(message.text)


def _by_name() -> dict[str, type[MindreelError]]:
    return {kind.__name__: kind for kind in _tree(MindreelError)}


def _tree(kind: type[MindreelError]) -> Iterator[type[MindreelError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _tree(narrower)
