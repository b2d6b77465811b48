"""`worker_main.py`: arguments to workers."""

import argparse
import asyncio
import sys
from typing import NoReturn

from mindreel import settings as settings_module
from mindreel import telemetry
from mindreel.cli.leave import leave
from mindreel.errors import InputError, MindreelError

_USAGE = 2
"""The exit code where a variable makes no sense, as argparse has it for an option."""


def main() -> NoReturn:
    """Run workers until SIGTERM or Ctrl-C."""
    arguments = _parser().parse_args()
    try:
        settings = settings_module.load()
        telemetry.configure_logging(settings.log_format)
        # Imported late: the parts are heavy, and a bad option should be answered at once.
        from mindreel.bootstrap.worker import run_workers  # noqa: PLC0415

        asyncio.run(run_workers(settings, arguments.queues))
    except MindreelError as error:
        sys.stderr.write(f"mindreel-worker: {error}\n")
        leave(_USAGE if isinstance(error, InputError) else 1)
    leave(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mindreel-worker",
        description="Work on mindreel's task queues. TEMPORAL_ADDRESS says where the server is.",
    )
    parser.add_argument(
        "--queues",
        nargs="+",
        choices=("cpu", "gpu"),
        default=("cpu", "gpu"),
        metavar="QUEUE",
        help="cpu (everything but speech), gpu (speech recognition), or both (default)",
    )
    return parser
