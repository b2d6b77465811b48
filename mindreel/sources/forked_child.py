import contextlib
import os
import select
import signal
import socket

_ANSWER_S = 1.0
"""The server needs milliseconds to kill a child and to say so; after that the child is killed from here."""


class ForkedChild:
    """A child asked of the fork server; whether it was begun is known at its end."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(_ANSWER_S)
        self._ended = False
        self._code: int | None = None

    def end(self) -> int | None:
        """Kill it and all it started, and wait; exit code or minus the signal. None: it was never begun."""
        if not self._ended:
            self._ended = True
            with self._connection:
                self._code = self._end()
        return self._code

    def _end(self) -> int | None:
        with contextlib.suppress(OSError):  # the server is gone
            self._connection.shutdown(socket.SHUT_WR)
        pid, pidfd = self._receive()
        if pid is None or pidfd is None:
            return None
        try:
            code, _ = self._receive()
            return _kill(pid, pidfd) if code is None else code
        finally:
            os.close(pidfd)

    def _receive(self) -> tuple[int | None, int | None]:
        """A number and a descriptor of the server's next message; None where none comes."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._connection, 32, 1, socket.MSG_CMSG_CLOEXEC)
        except OSError:
            return None, None
        return int(message) if message else None, descriptors[0] if descriptors else None


def _kill(pid: int, pidfd: int) -> int:
    """Kill and wait without the server, which is gone or stuck."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    if not poll.poll(0):  # it lives, so its number is still its own
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        poll.poll()
    return -signal.SIGKILL
