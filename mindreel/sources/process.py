"""The parent's side of the downloading child: start, listen, and end it in time."""

import contextlib
import os
import queue
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from io import FileIO
from typing import IO, Annotated

from pydantic import Field, TypeAdapter

from mindreel.contracts.progress import Reporter
from mindreel.errors import CancelledError, MindreelError, SetupError, TransientError
from mindreel.sources import forked
from mindreel.sources.messages import Failed, Job, Message, Result, Step, as_error, encode
from mindreel.sources.started import Running, Start, StartedChild, Streams, environment

STALL_S = 90.0
"""Without a word from the child and without a new byte on disk for so long, it is taken for hung."""
_POLL_S = 0.1
_MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def run_child(
    job: Job, reporter: Reporter, *, watch: Callable[[], int], stall_s: float | None = None
) -> Result:
    """Do `job` in a child process and return its result.

    `watch` gives the bytes on disk so far; it may raise to stop the child. Raises `CancelledError` within
    two seconds of the reporter's word, `TransientError` after `stall_s` of silence, else the child's error.
    The child and its own children are gone when this returns.
    """

    def listen(lines: "queue.Queue[bytes]") -> Result | Failed | None:
        return _listen(lines, reporter, watch, stall_s or STALL_S)

    result = _converse(forked.FORK_SERVERS.fork, job, listen) or _converse(StartedChild, job, listen)
    assert result is not None  # noqa: S101 - for the type checker: a child started from nothing is begun
    return result


def _converse(
    start: Start, job: Job, listen: Callable[["queue.Queue[bytes]"], Result | Failed | None]
) -> Result | None:
    """The result of the child that `start` gives; None where there is none, or it was never begun."""
    with tempfile.TemporaryFile() as errors, _child(start, job, errors) as (child, lines):
        if child is None:
            return None
        result = listen(lines)
        if isinstance(result, Failed):
            raise as_error(result)
        if result is not None:
            return result
        code = child.end()
        if code is not None:
            raise _crashed(code, errors)
    forked.FORK_SERVERS.forked_nothing()
    return None


@contextlib.contextmanager
def _child(
    start: Start, job: Job, errors: IO[bytes]
) -> Iterator[tuple[Running | None, "queue.Queue[bytes]"]]:
    lines: queue.Queue[bytes] = queue.Queue()
    with contextlib.ExitStack() as leaving:
        with contextlib.ExitStack() as handed_over:
            stdin, to_child = _pipe()
            said, stdout = _pipe()
            handed_over.enter_context(stdin)
            handed_over.enter_context(stdout)
            threading.Thread(target=_read_lines, args=(said, lines), daemon=True).start()
            child = start(Streams(stdin.fileno(), stdout.fileno(), errors.fileno()), environment())
        if child:
            leaving.callback(child.end)
        leaving.enter_context(to_child)  # closed first: the child ends by that too
        if child:
            with contextlib.suppress(BrokenPipeError):  # it ended at once; what it said is read later
                _write(to_child, encode(job))
        yield child, lines


def _pipe() -> tuple[IO[bytes], FileIO]:
    """Where to read, and where to write."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), FileIO(writing, "wb")


def _write(output: FileIO, data: bytes) -> None:
    """All of it, of which a pipe takes so much at a time."""
    while data:
        data = data[output.write(data) :]


def decode(line: bytes) -> Message:
    """The message on one line; raises `pydantic.ValidationError`."""
    return _MESSAGES.validate_json(line)


def _read_lines(output: IO[bytes], lines: "queue.Queue[bytes]") -> None:
    """Hand on every line, then an empty one for the end."""
    with output:
        for line in output:
            lines.put(line)
    lines.put(b"")


def _listen(
    lines: "queue.Queue[bytes]", reporter: Reporter, watch: Callable[[], int], stall_s: float
) -> Result | Failed | None:
    """Messages until the result; None where the child ended without one."""
    alive_at, size, fraction = time.monotonic(), 0, 0.0
    while True:
        if reporter.wait_cancelled(0):
            raise CancelledError("The download was cancelled.")
        grown = watch()
        if grown != size:
            size, alive_at = grown, time.monotonic()
        try:
            line = lines.get(timeout=_POLL_S)
        except queue.Empty:
            if time.monotonic() - alive_at > stall_s:
                raise TransientError(
                    f"The site sent nothing for {stall_s:.0f} s; check the network, then try again."
                ) from None
            continue
        if not line:
            return None
        alive_at = time.monotonic()
        message = decode(line)
        if not isinstance(message, Step):
            return message
        fraction = max(fraction, message.fraction)
        reporter.progress(fraction, message.note)


def _crashed(code: int, errors: IO[bytes]) -> MindreelError:
    """The child ended without a result: its last words say why."""
    if code < 0:
        return TransientError(
            f"The downloader was ended from outside ({signal.Signals(-code).name}); if it happens again, "
            "give this machine more memory."
        )
    errors.seek(0)
    words = errors.read().decode(errors="replace").strip().splitlines() or ["no message"]
    return SetupError(f"yt-dlp broke on this page ({words[-1][:300]}); update yt-dlp, and try again.")
