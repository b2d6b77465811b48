"""The parent's side of the fork server: one server for this process, started when the first job needs it.

Linux only: on macOS a process that has loaded the system's frameworks cannot fork safely.
"""

import atexit
import contextlib
import importlib.util
import logging
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mindreel.sources.forked_child import ForkedChild
from mindreel.sources.started import Streams

_log = logging.getLogger(__name__)
_REST_S = 600.0
"""After a server that forked nothing, children are started from nothing for so long."""
_SEND_S = 1.0
"""A request waits so long where the server does not keep up."""
_END_S = 1.0
"""Without children a server ends in milliseconds."""
_MODULE = "mindreel.sources.fork_server"


@dataclass(frozen=True)
class _World:
    """What a process takes from its surroundings when it starts: a server is good for no other."""

    environment: Mapping[str, str] = field(repr=False)
    folder: tuple[int, int]
    """The working folder, by device and number: it may have no name any more."""
    installed: tuple[int, ...]
    """Changes when packages are installed: a child must not mix a new yt-dlp with the old one in memory."""

    @classmethod
    def now(cls, environment: Mapping[str, str]) -> "_World":
        """Raises `OSError` while yt-dlp is being replaced."""
        here = Path().stat()
        return cls(environment, (here.st_dev, here.st_ino), _installed())


def _installed() -> tuple[int, ...]:
    spec = importlib.util.find_spec("yt_dlp")
    if spec is None or spec.origin is None:
        return ()
    version = Path(spec.origin).with_name("version.py").stat()
    packages = Path(spec.origin).parents[1].stat()
    return version.st_ino, version.st_mtime_ns, packages.st_mtime_ns


class _Server:
    """A running fork server. Raises `OSError` where it cannot be started."""

    def __init__(self, world: _World) -> None:
        self.world = world
        with contextlib.ExitStack() as undo:
            self._words = undo.enter_context(tempfile.TemporaryFile())
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            undo.enter_context(self._control)
            self._control.settimeout(_SEND_S)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=self._words,
                    stderr=self._words,
                    env=world.environment,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            undo.pop_all()

    def fork(self, streams: Streams) -> ForkedChild:
        """Ask for a child; raises `OSError` where the server is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.ExitStack() as undo:
            undo.enter_context(ours)
            socket.send_fds(self._control, [b"?"], [theirs.fileno(), *streams])
            undo.pop_all()
        return ForkedChild(ours)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def dismiss(self) -> None:
        """Take no more jobs; it ends when its children have."""
        self._control.close()

    def wait(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)

    def __str__(self) -> str:
        """How it is, with the last line it wrote."""
        code = self._process.poll()
        self._words.seek(0)
        said = self._words.read().decode(errors="replace").strip().splitlines() or ["no message"]
        return f"{'it runs' if code is None else f'status {code}'}: {said[-1][:300]}"


class ForkServers:
    """The server in use, if any, and those that still have children."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._dismissed: list[_Server] = []
        self._rest: tuple[_World, float] | None = None
        """The surroundings in which a server forked nothing, and until when none is tried there."""

    def fork(self, streams: Streams, environment: Mapping[str, str]) -> ForkedChild | None:
        """Ask for a child with these streams; None where children are to be started from nothing."""
        if sys.platform != "linux":
            return None
        with self._lock:
            try:
                world = _World.now(environment)
            except OSError:  # yt-dlp is being replaced; a child started from nothing says what is missing
                return None
            if self._rest and self._rest[0] == world and time.monotonic() < self._rest[1]:
                return None
            try:
                return self._current(world).fork(streams)
            except OSError as error:
                self._give_up(world, f"{error}")
                return None

    def forked_nothing(self) -> None:
        """To be called when a child that was asked for was never begun."""
        with self._lock:
            if self._server:  # else another said so before
                self._give_up(self._server.world, "it forked no child")

    def close(self) -> None:
        """End the server as soon as its children have ended."""
        with self._lock:
            self._dismiss()
            for server in self._dismissed:
                server.wait()

    def _current(self, world: _World) -> _Server:
        if self._server and self._server.has_ended():
            _log.warning("The downloader's fork server ended (%s); a new one is started.", self._server)
            self._dismiss()
        if self._server is None or self._server.world != world:
            self._dismiss()
            self._server = _Server(world)
        return self._server

    def _give_up(self, world: _World, why: str) -> None:
        self._rest = (world, time.monotonic() + _REST_S)
        if self._server:
            self._server.wait()
            why = f"{why}; {self._server}"
        self._dismiss()
        _log.warning(
            "The downloader's fork server cannot be used (%s); for %.0f minutes each download starts Python "
            "anew, which takes longer.",
            why,
            _REST_S / 60,
        )

    def _dismiss(self) -> None:
        self._dismissed = [server for server in self._dismissed if not server.has_ended()]
        if self._server:
            self._server.dismiss()
            self._dismissed.append(self._server)
            self._server = None


FORK_SERVERS = ForkServers()
"""Of this process."""
atexit.register(FORK_SERVERS.close)
