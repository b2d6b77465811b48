"""Run as a script: `python die_with_parent.py PARENT_PID COMMAND…` becomes COMMAND and dies with its parent.

A script of its own and no `preexec_fn`, since the parent has threads, and Python code between fork and exec
of a threaded process may deadlock.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2); survives execve


def main(arguments: list[str]) -> None:
    """Ask the kernel for SIGKILL when the parent thread ends, then become the command."""
    parent, *command = arguments
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("The parent process ended before its child began.")
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
