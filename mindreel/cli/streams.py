"""Where things are printed: results on standard output, everything else on standard error."""

import sys

from rich.console import Console
from rich.markup import escape


def out() -> Console:
    """For results. Not cut at 80 columns when it goes to a file: paths stay whole."""
    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def err() -> Console:
    """For progress and messages."""
    return Console(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False)


def plain(text: str) -> str:
    """`text` of others as it is, without control characters and markup."""
    return escape("".join(char if char.isprintable() else " " for char in text))
