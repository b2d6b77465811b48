"""Ends what a test process started when that process is gone, however it went.

Started with a pipe as standard input that only the test process holds open. Each line names a process
(`pid NUMBER`) or a folder (`folder PATH`). The end of the input is the end of the test process: then
the processes are killed, and the folders removed.
"""

import os
import shutil
import signal
import sys


def main() -> None:
    pids: list[int] = []
    folders: list[str] = []
    for line in sys.stdin:
        kind, _, value = line.rstrip("\n").partition(" ")
        if kind == "pid":
            pids.append(int(value))
        elif kind == "ended":
            pids.remove(int(value))
        else:
            folders.append(value)
    for pid in reversed(pids):
        _kill(pid)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
