"""Has yt-dlp in memory and forks a child for each job: `python -m mindreel.sources.fork_server FD`.

Loading yt-dlp and compiling the address patterns of its two thousand sites costs a child more than all the
rest of it; a forked one has both. (`multiprocessing`'s server of the same kind is none for us: its children
load the program that started them, share its process group, and are killed by a number that may by then be
another's.)

It has one thread, and no signal handlers but Python's own, so that forking is safe and a child is as one that
was started from nothing. It alone reaps its children, and kills a child's process group before that, so a
number it kills by is never another's. `FD` is a socket to the parent (`forked.py`); one message on it, of one
byte and four descriptors, asks for a child.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass

import imageio_ffmpeg
from yt_dlp import YoutubeDL  # type: ignore[import-untyped]
from yt_dlp.extractor import gen_extractor_classes  # type: ignore[import-untyped]

from mindreel.sources import child

_NEUTRAL = "https://example.com/"
"""An address of no site in particular: every site's pattern is tried on it. It is not opened."""
_DESCRIPTORS = 4
"""Of a request: the job's socket, and the child's standard input, output and error."""


def main() -> None:
    """Serve until the parent is gone and no child is left; in a forked child, do the job."""
    # Kernels before 5.3 have none of these: the error ends this process, and the parent does without it.
    os.close(os.pidfd_open(os.getpid()))
    warm()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        is_child = Server(control).serve()
    if is_child:
        child.main()
        sys.stdout.flush()
        os._exit(0)  # taking apart what was inherited would be time spent for nothing


def warm() -> None:
    """Load what every job needs; nothing is sent, no thread started, no file left open."""
    with YoutubeDL({"quiet": True, "color": "never", "cachedir": False}) as ydl:
        for extractor in gen_extractor_classes():
            extractor.suitable(_NEUTRAL)
        ydl.get_info_extractor("Generic")
    imageio_ffmpeg.get_ffmpeg_exe()  # tries it once, and remembers it
    gc.collect()
    gc.freeze()  # so that the children's collector does not touch, and thereby copy, shared memory


@dataclass
class _Child:
    """A forked child until it is reaped."""

    pid: int
    pidfd: int
    """Readable once the child has ended (pidfd_open(2))."""
    worker: socket.socket
    """Gets number and pidfd, later the exit status; closed by the other side to have the child killed."""
    killed: bool = False

    def kill(self) -> None:
        """End it with all it started."""
        self.killed = True
        with contextlib.suppress(ProcessLookupError):  # not yet the leader of a group of its own
            os.killpg(self.pid, signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        os.close(self.pidfd)
        self.worker.close()


class Server:
    """Forks at request, kills at request, reaps and reports."""

    def __init__(self, control: socket.socket) -> None:
        self._control: socket.socket | None = control
        self._children: list[_Child] = []

    def serve(self) -> bool:
        """True in a forked child; False in the server, when the parent is gone and no child is left."""
        while self._control or self._children:
            ready = self._wait()
            for each in [*self._children]:
                if each.pidfd in ready:
                    self._bury(each)
                elif not each.killed and each.worker.fileno() in ready:
                    each.kill()
            if self._control and self._control.fileno() in ready and self._take(self._control):
                return True
        return False

    def _wait(self) -> set[int]:
        """Descriptors on which there is something to do."""
        poll = select.poll()
        if self._control:
            poll.register(self._control, select.POLLIN)
        for each in self._children:
            poll.register(each.pidfd, select.POLLIN)
            if not each.killed:
                poll.register(each.worker, select.POLLIN)
        return {descriptor for descriptor, _ in poll.poll()}

    def _take(self, control: socket.socket) -> bool:
        """Fork a child for the next request; True in the child.

        Where that fails, all descriptors are closed, by which the other side knows that nothing was begun.
        """
        flags = socket.MSG_CMSG_CLOEXEC
        request, descriptors, _, _ = socket.recv_fds(control, 1, _DESCRIPTORS, flags)
        if not request:
            self._control = None
        if len(descriptors) < _DESCRIPTORS:  # none with the end; some where this process may open no more
            _close_all(descriptors)
            return False
        number, *streams = descriptors
        with contextlib.ExitStack() as undo:
            undo.callback(_close_all, streams)
            worker = undo.enter_context(socket.socket(fileno=number))
            if _is_given_up(worker):
                return False
            try:
                pid = os.fork()
            except OSError:  # no memory, or too many processes
                return False
            if pid == 0:
                self._become_child(streams)
                return True
            if self._adopt(pid, worker):
                undo.pop_all()
                _close_all(streams)
        return False

    def _become_child(self, streams: list[int]) -> None:
        """A session of its own, its own streams, and nothing of its siblings'.

        `random` seeds itself anew after a fork, and so does OpenSSL.
        """
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        for sibling in self._children:
            sibling.close()

    def _adopt(self, pid: int, worker: socket.socket) -> bool:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # this process may open no more
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        self._children.append(_Child(pid, pidfd, worker))
        with contextlib.suppress(OSError):  # given up in the meantime: it is killed in the next round
            socket.send_fds(worker, [str(pid).encode()], [pidfd])
        return True

    def _bury(self, ended: _Child) -> None:
        """Kill what it left, reap it, report."""
        ended.kill()
        _, status = os.waitpid(ended.pid, 0)
        with contextlib.suppress(OSError):  # nobody wants to know any more
            ended.worker.send(str(os.waitstatus_to_exitcode(status)).encode())
        ended.close()
        self._children.remove(ended)


def _is_given_up(worker: socket.socket) -> bool:
    poll = select.poll()
    poll.register(worker, select.POLLIN)
    return bool(poll.poll(0))


def _close_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


if __name__ == "__main__":
    main()
