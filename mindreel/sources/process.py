"""The parent's side of the downloading child: start, listen, and end it in time."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated

from pydantic import Field, TypeAdapter

from mindreel.contracts.progress import Reporter
from mindreel.errors import CancelledError, MindreelError, SetupError, TransientError
from mindreel.sources.messages import Failed, Job, Message, Result, Step, as_error, encode

STALL_S = 90.0
"""Without a word from the child and without a new byte on disk for so long, it is taken for hung."""
_POLL_S = 0.1
_ROOT = Path(__file__).parents[2]
_MESSAGES: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def run_child(
    job: Job, reporter: Reporter, *, watch: Callable[[], int], stall_s: float | None = None
) -> Result:
    """Do `job` in a child process and return its result.

    `watch` gives the bytes on disk so far; it may raise to stop the child. Raises `CancelledError` within
    two seconds of the reporter's word, `TransientError` after `stall_s` of silence, else the child's error.
    The child and its own children are gone when this returns.
    """
    with _child(job) as (child, errors):
        lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=_read_lines, args=(child.stdout, lines), daemon=True).start()
        result = _listen(lines, reporter, watch, stall_s or STALL_S)
        if isinstance(result, Failed):
            raise as_error(result)
        if result is None:
            raise _crashed(child, errors)
        return result


@contextlib.contextmanager
def _child(job: Job) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", "mindreel.sources.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        ) as child,
    ):
        try:
            with contextlib.suppress(BrokenPipeError):  # it ended at once; what it said is read below
                assert child.stdin is not None  # noqa: S101 - for the type checker: it was asked for as a pipe
                child.stdin.write(encode(job))
                child.stdin.flush()
            yield child, errors
        finally:
            _end_group(child)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and what it started; before it is waited for, its group cannot be another's."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Ours, with mindreel importable.

    Python keeps what it compiles, whatever the environment says: a child is started for every video, and
    compiling yt-dlp again takes as long as all the rest of it.
    """
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": path, "PYTHONUTF8": "1"}


def decode(line: bytes) -> Message:
    """The message on one line; raises `pydantic.ValidationError`."""
    return _MESSAGES.validate_json(line)


def _read_lines(output: IO[bytes], lines: "queue.Queue[bytes]") -> None:
    """Hand on every line, then an empty one for the end."""
    with contextlib.suppress(ValueError):  # closed under us because the child was ended
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


def _crashed(child: subprocess.Popen[bytes], errors: IO[bytes]) -> MindreelError:
    """The child ended without a result: its last words say why."""
    _end_group(child)
    code = child.wait()
    if code < 0:
        return TransientError(
            f"The downloader was ended from outside ({signal.Signals(-code).name}); if it happens again, "
            "give this machine more memory."
        )
    errors.seek(0)
    words = errors.read().decode(errors="replace").strip().splitlines() or ["no message"]
    return SetupError(f"yt-dlp broke on this page ({words[-1][:300]}); update yt-dlp, and try again.")
