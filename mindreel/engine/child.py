import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mindreel.engine import logs, processes
from mindreel.engine.state import ChildState

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 10.0
HEALTHY_S = 60.0
"""A child that has lived this long is well again: its next death counts as a first one."""


@dataclass(frozen=True)
class ChildCommand:
    """What to run and where its output goes."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path | None = None
    inherit: tuple[int, ...] = ()
    """Descriptors the child keeps open."""


class Child:
    """One child process, started again whenever it ends, ever more slowly while it keeps ending."""

    def __init__(
        self,
        command: ChildCommand,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_start: Callable[[int], None] = lambda _pid: None,
    ) -> None:
        self.command = command
        self._clock = clock
        self._on_start = on_start
        self._process: subprocess.Popen[bytes] | None = None
        self._delay_s = FIRST_DELAY_S
        self._since = 0.0
        """When it was started, or, while it does not run, when it will be."""
        self._log_start = 0
        self._restarts = 0
        self._trouble = ""

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The process that runs now or ended unseen; None between a death and the next start."""
        return self._process

    @property
    def state(self) -> ChildState:
        """For engine.json."""
        pid = self._process.pid if self._process else None
        return ChildState(self.command.name, pid, self._restarts, self._trouble)

    def start(self) -> None:
        """Start it now. Raises `OSError`."""
        logs.rotate(self.command.log)
        self._log_start = logs.size(self.command.log)
        self._process = processes.spawn(
            self.command.arguments,
            log=self.command.log,
            environment=self.command.environment,
            cwd=self.command.cwd,
            inherit=self.command.inherit,
        )
        self._since = self._clock()
        self._on_start(self._process.pid)

    def tend(self) -> bool:
        """Notice a death, start again when it is time; True when `state` has changed."""
        if self._process is None:
            return self._start_when_due()
        returncode = self._process.poll()
        if returncode is not None:
            self._bury(self._process, returncode)
            return True
        return self._recover()

    def due_s(self) -> float | None:
        """Seconds until `tend` will have something to do by itself; None when only a death matters."""
        if self._process is None:
            return max(0.0, self._since - self._clock())
        return max(0.0, self._since + HEALTHY_S - self._clock()) if self._trouble else None

    def last_words(self) -> str:
        """The last line it wrote since its last start."""
        return logs.last_line(self.command.log, since=self._log_start)

    def _start_when_due(self) -> bool:
        if self._clock() < self._since:
            return False
        self._restarts += 1
        try:
            self.start()
        except OSError as error:  # no memory, no descriptors, a full disk: it may pass
            self._fail(f"{self.command.name} could not be started: {error}")
        return True

    def _bury(self, process: subprocess.Popen[bytes], returncode: int) -> None:
        processes.kill_group(process.pid)
        if self._clock() - self._since >= HEALTHY_S:
            self._delay_s, self._restarts = FIRST_DELAY_S, 0
        self._fail(self._sentence(returncode))

    def _fail(self, trouble: str) -> None:
        self._trouble, self._process = trouble, None
        self._since = self._clock() + self._delay_s
        self._delay_s = min(2 * self._delay_s, LONGEST_DELAY_S)

    def _sentence(self, returncode: int) -> str:
        """What a process wrote before somebody killed it, or memory ran out, is not why it ended."""
        ending = processes.how_it_ended(returncode)
        words = "" if returncode == -signal.SIGKILL else self.last_words()
        return f"{self.command.name} ended with {ending}{': ' if words else ''}{words} ({self.command.log})"

    def _recover(self) -> bool:
        if not self._trouble or self._clock() - self._since < HEALTHY_S:
            return False
        self._delay_s, self._restarts, self._trouble = FIRST_DELAY_S, 0, ""
        return True
