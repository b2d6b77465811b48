"""Workers as an operator starts them, each as if on a machine of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.command import ROOT, Mindreel

_END_S = 60.0


class Workers:
    """`worker_main.py` processes; all end with the block."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(_END_S)

    def start(self, queue: str, home: Path, settings: Mapping[str, str]) -> None:
        """A worker on one queue, with a data directory of its own; its log is `worker.log` in there."""
        home.mkdir(parents=True, exist_ok=True)
        with (home / "worker.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, ROOT / "worker_main.py", "--queues", queue],
                    env=Mindreel(home, settings).environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )
