"""Where things are printed: results on standard output, everything else on standard error."""

import sys

from rich.console import Console
from rich.markup import escape

_PIPE_WIDTH = 250


def out() -> Console:
    """For results."""
    return _console(stderr=False)


def err() -> Console:
    """For progress and messages."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """As wide as its terminal; in files and pipes lines are not cut, so that paths stay whole."""
    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, width=None if terminal else _PIPE_WIDTH, soft_wrap=not terminal, highlight=False
    )


def plain(text: str) -> str:
    """`text` of others as it is, without control characters and markup."""
    return escape("".join(char if char.isprintable() else " " for char in text))
