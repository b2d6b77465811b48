"""The server as the engine starts it, which can be stopped for a while."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from mindreel.engine import server
from mindreel.engine.ports import Ports
from workflows.progress import SEARCH_ATTRIBUTES

DEADLINE_S = 60.0


@dataclass
class TemporalServer:
    """One database, served while it runs."""

    folder: Path
    ports: Ports
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports.grpc}"

    @property
    def environment(self) -> Mapping[str, str]:
        """For commands that are to use it."""
        return {"TEMPORAL_ADDRESS": self.address}

    def start(self) -> None:
        self.process = subprocess.Popen(
            server.server_command(self.ports, search_attributes=SEARCH_ATTRIBUTES),
            cwd=self.folder,
            env=server.clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE_S
        while not server.is_ready(self.ports):
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(DEADLINE_S)
            self.process = None

    async def connect(self) -> Client:
        return await Client.connect(self.address)


@contextmanager
def running_server(folder: Path) -> Iterator[TemporalServer]:
    """A server of its own on free ports, with an empty database in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = TemporalServer(folder, free_ports())
    found.start()
    try:
        yield found
    finally:
        found.stop()


def free_ports() -> Ports:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return Ports(*(each.getsockname()[1] for each in sockets))
