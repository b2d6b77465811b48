"""`open ID`: the page of a video."""

import argparse
import os
import sys
import webbrowser
from pathlib import Path

from mindreel.cli.lookup import row_of
from mindreel.errors import InputError
from mindreel.settings import Settings

_PAGE = "report.html"


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print where the page is, and open it where there is a screen."""
    row = row_of(arguments.id, settings)
    page = Path(row.library) / _PAGE if row.library else None
    if page is None:
        why = f" ({row.reasons[0]})" if row.reasons else ""
        raise InputError(f"{row.id} has no page: it is {row.status}{why}.")
    if not page.is_file():
        raise InputError(f"The page {page} is gone; `retry {row.id}` writes it again.")
    sys.stdout.write(f"{page}\n")
    if _has_screen():
        webbrowser.open(page.as_uri())
    return 0


def _has_screen() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
