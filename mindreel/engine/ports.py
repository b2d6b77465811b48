import os
import socket
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mindreel.contracts.codec import from_json, to_json
from mindreel.engine.files import write_atomically
from mindreel.errors import SetupError

_LOOPBACK = "127.0.0.1"
_STEP, _STEPS = 10, 99
"""Candidates lie below the ephemeral range, where a client that retries a dead port may connect to itself."""


@dataclass(frozen=True)
class Ports:
    """Where the server listens, all on loopback."""

    grpc: int = 7233
    ui: int = 8233
    http: int = 7238
    """Temporal's HTTP API, asked for readiness."""


def choose(home: Path) -> Ports:
    """The home's ports of last time where they are free, else Temporal's usual ones, else free ones near.

    The same ones, because clients and workers come back to the address they know. Raises `SetupError`.
    """
    usual, last = Ports(), _remembered(home)
    return Ports(
        grpc=_first_free(last.grpc, usual.grpc),
        ui=_first_free(last.ui, usual.ui),
        http=_first_free(last.http, usual.http),
    )


def remember(home: Path, ports: Ports) -> None:
    """Keep them for the next `choose`."""
    write_atomically(home / "ports.json", to_json(ports))


def lock_file(folder: Path) -> Path:
    """The file that engines of one user lock between choosing ports and listening on them."""
    return folder / f"mindreel-ports-{os.getuid()}.lock"


def _remembered(home: Path) -> Ports:
    try:
        return from_json(Ports, (home / "ports.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return Ports()


def _first_free(last: int, usual: int) -> int:
    candidates: list[int] = [last, *range(usual, usual + _STEP * _STEPS, _STEP)]
    for port in candidates:
        if port > 0 and is_free(port):
            return port
    raise SetupError(f"No port is free on {_LOOPBACK} between {usual} and {usual + _STEP * _STEPS}.")


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: TIME_WAIT is free
        try:
            probe.bind((_LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    with socket.socket() as probe:  # macOS lets one bind beside a listener on all addresses
        probe.settimeout(1)
        return probe.connect_ex((_LOOPBACK, port)) != 0
