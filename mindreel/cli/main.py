"""The command line's entry: parse, run one command, leave with its exit code."""

import asyncio
import importlib
import os
import sys
import traceback
from argparse import Namespace
from datetime import UTC, datetime
from inspect import iscoroutine
from typing import NoReturn

from mindreel.cli.answer import USAGE
from mindreel.cli.leave import leave
from mindreel.cli.parser import parser
from mindreel.cli.start import settings_for
from mindreel.errors import MindreelError
from mindreel.settings import Settings

_FAILED = 1
_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command that was typed and leave; never returns, never shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a title must not stop us
    arguments = parser().parse_args()
    leave(_guarded(arguments))


def _guarded(arguments: Namespace) -> int:
    settings: Settings | None = None
    try:
        settings = settings_for(arguments)
        return _run(arguments, settings)
    except MindreelError as error:
        return _say(str(error), _FAILED if settings is not None else USAGE)
    except ModuleNotFoundError as error:
        return _say(f"The package that brings {error.name} is not installed; `doctor` says what is missing.")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # `mindreel list | head`: nobody reads on
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as we do
        return _FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, and the details in a file
        return _unexpected(error, settings)


def _run(arguments: Namespace, settings: Settings) -> int:
    # Late and by name: each command loads only what it needs, and --help loads none of it.
    module = importlib.import_module(f"mindreel.cli.commands.{arguments.command}")
    result = module.command(arguments, settings)
    return int(asyncio.run(result) if iscoroutine(result) else result)


def _unexpected(error: Exception, settings: Settings | None) -> int:
    from temporalio.service import RPCError  # noqa: PLC0415 - heavy, and here it is loaded already or not needed

    from mindreel.cli import trouble  # noqa: PLC0415 - as above

    if isinstance(error, RPCError):
        return _say(trouble.sentence_of(error))
    if os.environ.get("MINDREEL_DEBUG") == "1":
        traceback.print_exception(error)
        return _FAILED
    what = f"Something went wrong inside mindreel ({type(error).__name__}: {error})"
    return _say(f"{what}; {_details(error, settings)}.")


def _details(error: Exception, settings: Settings | None) -> str:
    """Write the traceback down and say where; or say how to see it."""
    if settings is not None and settings.home.is_dir():
        log = settings.logs / "command-line.log"
        try:
            settings.logs.mkdir(exist_ok=True)
            with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {sys.argv[1:]}\n")
                traceback.print_exception(error, file=file)
        except OSError:
            pass  # no log, then; the variable below still helps
        else:
            return f"the details are in {log}"
    return "set MINDREEL_DEBUG=1 to see where"


def _say(sentence: str, code: int = _FAILED) -> int:
    sys.stderr.write(f"mindreel: {sentence}\n")
    return code
