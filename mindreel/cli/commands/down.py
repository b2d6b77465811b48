"""`down`: stop the engine of this home; what it was doing goes on when it is started again."""

import argparse

from mindreel.cli.streams import err, plain
from mindreel.engine import state
from mindreel.errors import InputError, SetupError
from mindreel.settings import Settings

_PATIENCE_S = 60.0


def command(arguments: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every command's shape
    """Drain and stop; also a foreground `up` of another terminal."""
    if settings.temporal_external:
        raise InputError("TEMPORAL_ADDRESS names an external cluster; it is not ours to stop.")
    engine = state.running(settings.home)
    if engine is None and not state.lock_file(settings.home).exists():
        err().print(plain(f"No engine is running for {settings.home}."))
        return 0
    with err().status("Stopping: running activities may finish"):
        stopped = _stop(settings)
    if not stopped:
        raise SetupError(f"The engine has not stopped within a minute; its logs are in {settings.logs}.")
    err().print("Stopped." if engine else plain(f"No engine is running for {settings.home}."))
    return 0


def _stop(settings: Settings) -> bool:
    try:
        return state.stop(settings.home, timeout_s=_PATIENCE_S)
    except PermissionError as error:
        raise SetupError(
            f"The engine of {settings.home} belongs to another user, who can stop it."
        ) from error
