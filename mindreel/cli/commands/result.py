"""`result ID`: the same JSON object that `run --json` printed; needs no server."""

import argparse
import sys

from mindreel.cli.answer import Answer, answer_of, exit_code
from mindreel.cli.lookup import result_in, row_of
from mindreel.settings import Settings


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print it; the exit code says the outcome, as `run` does."""
    row = row_of(arguments.id, settings)
    result = result_in(row)
    if row.status in ("queued", "running") or result is None:
        answer = Answer(row.id, row.source, "running")
    else:
        answer = answer_of(result)
    sys.stdout.write(f"{answer.as_json()}\n")
    return exit_code([answer.outcome])
