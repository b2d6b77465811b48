"""Child processes of a stack: with a log each, ended together, also when the test process is killed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

READY_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 10.0


class StackError(RuntimeError):
    """A part of the stack did not start; the message holds the end of its log."""


class Processes:
    """Starts and ends processes in a new `folder`, which goes with them; their output is in its logs."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="supabase-stack-"))
        self.folder.chmod(0o711)  # the user that runs Postgres passes through
        (self.folder / "logs").mkdir()
        self._running: dict[str, tuple[subprocess.Popen[bytes], signal.Signals]] = {}
        self._reaper = subprocess.Popen(
            [sys.executable, "-S", Path(__file__).with_name("reaper.py")],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._tell(f"folder {self.folder}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        with self.log(name).open("ab") as log:
            child = subprocess.Popen(
                command,
                env=env,
                cwd=cwd,
                user=user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._tell(f"pid {child.pid}")
        self._running[name] = (child, stop_signal)

    def stop(self, name: str) -> None:
        child, stop_signal = self._running.pop(name)
        child.send_signal(stop_signal)
        try:
            child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self._tell(f"ended {child.pid}")

    def close(self) -> None:
        """Ends the processes, latest first; then the reaper removes the folder."""
        for name in reversed(list(self._running)):
            self.stop(name)
        assert self._reaper.stdin
        self._reaper.stdin.close()
        self._reaper.wait(_STOP_TIMEOUT_S)

    def pid(self, name: str) -> int:
        return self._running[name][0].pid

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def wait_until(self, name: str, is_ready: Callable[[], bool]) -> None:
        """Returns when `is_ready`; raises StackError when the process has ended or time is up."""
        child, _ = self._running[name]
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not is_ready():
            ended = child.poll() is not None
            if ended or time.monotonic() > deadline:
                what = (
                    f"ended with {child.returncode}" if ended else f"was not ready in {READY_TIMEOUT_S:.0f} s"
                )
                tail = self.log(name).read_text(errors="replace")[-3000:]
                raise StackError(f"{name} {what}:\n{tail}")
            time.sleep(0.02)

    def _tell(self, line: str) -> None:
        assert self._reaper.stdin
        self._reaper.stdin.write(f"{line}\n".encode())
        self._reaper.stdin.flush()


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether something listens on that loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
