import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_POLL_S = 0.02
_DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


def spawn(
    arguments: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    cwd: Path | None = None,
    inherit: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, its output appended to `log`; on Linux it dies with this process.

    Call it from the main thread: the kernel kills the child when the thread that started it ends.
    `inherit` are descriptors the child keeps. Raises `OSError`.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [*_wrapper(), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            pass_fds=inherit,
            start_new_session=True,
        )


def _wrapper() -> list[str]:
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", str(_DIE_WITH_PARENT), str(os.getpid())]


def terminate(
    processes: Sequence[subprocess.Popen[bytes]],
    *,
    grace_s: float,
    hurried: Callable[[], bool] = lambda: False,
) -> None:
    """SIGTERM to each, then SIGKILL to the process groups of all still there after `grace_s` or when hurried.

    Only the child itself gets the SIGTERM: it knows best in which order to stop its own children.
    """
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + grace_s
    while any(process.poll() is None for process in running):
        if time.monotonic() >= deadline or hurried():
            break
        time.sleep(_POLL_S)
    for process in running:
        kill_group(process.pid)
        process.wait()


def kill_group(pid: int) -> None:
    """SIGKILL the process group that `spawn` made for a child, with whatever it left in there."""
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether a process of this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def how_it_ended(returncode: int) -> str:
    """`exit code 1` or `SIGKILL`."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:  # real-time signals have no name
        return f"signal {-returncode}"
