"""The one way ffmpeg is run: watched, cancellable, and gone when its parent is gone."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from mindreel.contracts.progress import Reporter
from mindreel.contracts.secrets import without_secrets
from mindreel.errors import CancelledError, MindreelError, SetupError, TransientError

POLL_S = 0.1
KEPT_LINES = 400
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

GLOBAL_ARGUMENTS = ("-nostdin", "-hide_banner", "-y", "-loglevel", "info", "-nostats", "-progress", "pipe:1")


def ffmpeg_path(configured: str | None = None) -> str:
    """The ffmpeg to run: `configured` where given, else the one that comes with imageio-ffmpeg.

    Raises `SetupError` when there is none.
    """
    path = configured or imageio_ffmpeg.get_ffmpeg_exe()
    if not os.access(path, os.X_OK):
        raise SetupError(f"ffmpeg is not at {path}; reinstall imageio-ffmpeg or correct the setting.")
    return path


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    duration_s: float,
    reporter: Reporter,
    what: str = "convert the media",
    ffmpeg: str | None = None,
    span: tuple[float, float] = (0.0, 1.0),
    folder: Path | None = None,
) -> list[str]:
    """Run ffmpeg with `arguments` (inputs, filters, outputs) and return the lines it logged.

    `duration_s` is the length of the output, for progress; `span` is the part of the caller's progress that
    this run covers; `what` completes "ffmpeg could not …"; `folder` is where it runs. Raises
    `CancelledError` within a second of the reporter's word, `SetupError` when the disk is full,
    `TransientError` when ffmpeg was killed, else `MindreelError` with ffmpeg's own reason.
    """
    command = [ffmpeg_path(ffmpeg), *GLOBAL_ARGUMENTS, *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=folder,
        env=without_secrets(os.environ),
        start_new_session=True,
        preexec_fn=_die_with_parent if _LIBC else None,  # noqa: PLW1509 - one system call, takes no lock
    ) as process:
        watch = _Watch(process, duration_s)
        try:
            _wait(process, watch, reporter, span)
        finally:
            _kill(process)
        watch.join()
    if process.returncode != 0:
        raise _error(what, process.returncode, watch.log)
    reporter.progress(span[1])
    return list(watch.log)


class _Watch:
    """Reads both pipes in threads, so that neither fills up: how far ffmpeg is, and what it logged."""

    def __init__(self, process: subprocess.Popen[str], duration_s: float) -> None:
        self.fraction = 0.0
        self.log: deque[str] = deque(maxlen=KEPT_LINES)
        self._duration_s = max(duration_s, 1e-3)
        self._threads = [
            _thread(process.stdout, self._progress_line),
            _thread(process.stderr, self.log.append),
        ]

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _progress_line(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            done = int(value) / 1e6 / self._duration_s
            self.fraction = max(self.fraction, min(done, 1.0))


def _thread(pipe: IO[str] | None, take: Callable[[str], None]) -> threading.Thread:
    def read() -> None:
        for line in pipe or ():
            take(line.rstrip())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _wait(
    process: subprocess.Popen[str], watch: _Watch, reporter: Reporter, span: tuple[float, float]
) -> None:
    told = -1.0
    while True:
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
        if watch.fraction > told:
            told = watch.fraction
            reporter.progress(span[0] + (span[1] - span[0]) * told)
        if reporter.wait_cancelled(0.0):
            raise CancelledError("The work on the media file was cancelled.")


def _kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _die_with_parent() -> None:
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _error(what: str, code: int, log: Sequence[str]) -> MindreelError:
    text = "\n".join(log)
    if "No space left on device" in text:
        return SetupError(f"The disk is full: ffmpeg could not {what}; free some space and try again.")
    if code < 0:
        name = signal.Signals(-code).name
        return TransientError(f"ffmpeg was ended by {name} before it could {what}, often for lack of memory.")
    return MindreelError(f"ffmpeg could not {what}: {_last_meaningful(log)}")


def _last_meaningful(log: Sequence[str]) -> str:
    """The last line that names a reason, not only that something failed."""
    empty_words = (
        "Conversion failed!",
        "Nothing was written",
        "Error opening output",
        "Error opening input file",
        "Terminating thread",
        "Task finished",
    )
    for line in reversed(log):
        text = re.sub(r"^(\[[^\]]*\] *)+", "", line.strip())
        if text and not text.startswith(empty_words):
            return text
    return "it gave no reason"
