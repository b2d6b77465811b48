"""A child started from nothing, and what every start has in common."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from mindreel.contracts.secrets import without_secrets

_ROOT = Path(__file__).parents[2]


class Streams(NamedTuple):
    """Descriptors that become the child's own; they stay open here."""

    stdin: int
    stdout: int
    stderr: int


class Running(Protocol):
    """A child, however it was started."""

    def end(self) -> int | None:
        """Kill it and all it started, and wait; exit code or minus the signal. None: it was never begun."""


Start = Callable[[Streams, Mapping[str, str]], Running | None]
"""Streams and environment of a child; None where this way of starting cannot be gone."""


class StartedChild:
    """`python -m mindreel.sources.child`. Raises `OSError` where it cannot be started."""

    def __init__(self, streams: Streams, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mindreel.sources.child"],
            stdin=streams.stdin,
            stdout=streams.stdout,
            stderr=streams.stderr,
            env=environment,
            start_new_session=True,
        )

    def end(self) -> int:
        """As of any child; before it is waited for, its group cannot be another's."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def environment() -> dict[str, str]:
    """Ours, with mindreel importable and without secrets: a site decides much of what runs there.

    Python keeps what it compiles, whatever the environment says: a child is started for every video, and
    compiling yt-dlp again takes as long as all the rest of it.
    """
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    kept = without_secrets(os.environ)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": path, "PYTHONUTF8": "1"}
