"""`list`: every video in the catalog."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.table import Table

from mindreel.cli import wording
from mindreel.cli.invocation import invocation
from mindreel.cli.lookup import catalog_of
from mindreel.cli.places import kept_in
from mindreel.cli.streams import err, out, plain
from mindreel.settings import Settings
from mindreel.store.protocols import VideoRow

_TITLE_WIDTH = 60
_LEFT_OUT = ("request_json", "result_json")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a table, or one JSON object a line."""
    catalog = catalog_of(settings)
    rows = catalog.list(limit=arguments.limit) if catalog is not None else []
    if arguments.json:
        for row in rows:
            sys.stdout.write(f"{json.dumps(_as_dict(row), ensure_ascii=False)}\n")
    elif rows:
        out().print(_table(rows))
    else:
        err().print(plain(f"No videos yet in {kept_in(settings)}; `{invocation()} run SOURCE` makes one."))
    return 0


def _as_dict(row: VideoRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in _LEFT_OUT}


def _table(rows: list[VideoRow]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("id", "title", "state", "length", "updated"):
        table.add_column(name, no_wrap=name != "title")  # of a narrow terminal only the title gives way
    for row in rows:
        state = f"{row.stage} {row.percent:.0f} %" if row.status == "running" else row.status
        length = wording.clock(row.duration_s) if row.duration_s is not None else ""
        title = plain(wording.shortened(row.title or row.source, _TITLE_WIDTH))
        table.add_row(row.id, title, state, length, _local(row.updated_at))
    return table


def _local(timestamp: str) -> str:
    return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M")
