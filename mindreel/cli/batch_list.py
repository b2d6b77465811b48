"""`batch list`: every batch, newest first."""

import argparse
import json
import sys

from rich.table import Table

from mindreel.cli import wording
from mindreel.cli.batch_screen import counts
from mindreel.cli.batches import as_dict, how_to_begin, ledger_of
from mindreel.cli.streams import err, out, plain
from mindreel.contracts.batch import BatchView
from mindreel.settings import Settings

_NAME_WIDTH = 60
"""Of a longer name the beginning is as good as all of it in every command."""


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a table, or one JSON object a line."""
    ledger = ledger_of(settings)
    batches = ledger.batches() if ledger is not None else []
    if arguments.json:
        for batch in batches:
            sys.stdout.write(f"{json.dumps(as_dict(batch), ensure_ascii=False)}\n")
    elif batches:
        out().print(_table(batches))
    else:
        err().print(plain(f"No batches yet: {how_to_begin(settings)}."))
    return 0


def _table(batches: list[BatchView]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("batch", "state", "done", "rows", "left", "outcomes", "updated"):
        table.add_column(
            name,
            no_wrap=name != "outcomes",
            justify="right" if name in ("done", "rows") else "left",
        )
    for batch in batches:
        told = batch.problem or counts(batch)
        table.add_row(
            plain(wording.shortened(batch.name, _NAME_WIDTH)),
            batch.state,
            f"{batch.percent:.0f} %",
            f"{batch.total}",
            wording.left(batch.seconds_left).removesuffix(" left"),
            plain(told),
            wording.moment(batch.updated_at),
        )
    return table
