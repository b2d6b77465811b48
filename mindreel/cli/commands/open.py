"""`open ID`: the page of a video."""

import argparse
from pathlib import Path

from mindreel.bootstrap.stores import open_library
from mindreel.cli.lookup import row_of
from mindreel.cli.places import PAGE, is_address, page_here
from mindreel.cli.showing import show
from mindreel.cli.streams import err
from mindreel.errors import InputError
from mindreel.settings import Settings
from mindreel.store.protocols import VideoRow


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print where the page is, and open it where there is a screen."""
    row = row_of(arguments.id, settings)
    if not row.library:
        why = f" ({row.reasons[0]})" if row.reasons else ""
        raise InputError(f"{row.id} has no page: it is {row.status}{why}.")
    page = _fetched(row, settings) if is_address(row.library) else page_here(row, settings)
    if page is None or not page.is_file():
        raise InputError(f"The page {row.library}/{PAGE} is gone; `retry {row.id}` writes it again.")
    show(page)
    return 0


def _fetched(row: VideoRow, settings: Settings) -> Path | None:
    """Pages of a project are brought to this machine, with all that they show."""
    with err().status("Fetching the page and its files"):
        folder = open_library(settings).fetch(row.id)
    return folder / PAGE if folder is not None else None
