"""`batch open NAME`: the report of a batch, in a browser."""

import argparse
from pathlib import Path

from mindreel.bootstrap.inboxes import inbox_for
from mindreel.cli.batches import find_batch, is_over
from mindreel.cli.places import is_address
from mindreel.cli.showing import show
from mindreel.cli.streams import err, plain
from mindreel.contracts.batch import BatchView
from mindreel.contracts.report_names import PAGE, report_name
from mindreel.engine.files import write_atomically
from mindreel.errors import InputError
from mindreel.settings import Settings

_MOST_BYTES = 500_000_000
"""Of a report: a hundred thousand rows take a tenth of it."""


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Where it lies in a folder, the file there; of a bucket, a copy of how it stands now."""
    _, batch = find_batch(arguments.name, settings)
    page = _fetched(batch, settings) if is_address(batch.inbox) else _lying(batch)
    if page is None:
        raise InputError(
            f"No report on {batch.name} lies in {batch.inbox} yet; where none comes, mindreel may not write "
            "there."
        )
    show(page)
    if is_address(batch.inbox) and not is_over(batch):
        err().print(plain("This is how it stands now; the batch goes on, so open it again later."))
    return 0


def _lying(batch: BatchView) -> Path | None:
    page = Path(batch.inbox) / report_name(batch.name, PAGE)
    return page if page.is_file() else None


def _fetched(batch: BatchView, settings: Settings) -> Path | None:
    name = report_name(batch.name, PAGE)
    with err().status("Fetching the report"):
        content = inbox_for(settings)(batch.inbox).read(name, max_bytes=_MOST_BYTES)
    if content is None:
        return None
    page = settings.pages / "batches" / name
    page.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(page, content)
    return page
