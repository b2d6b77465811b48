"""`batch show NAME`: how far a batch is, what went wrong, and what to do about it."""

import argparse
import json
import shlex
import sys
from dataclasses import asdict

from mindreel.cli.batch_look import Look, Looker
from mindreel.cli.batch_problems import went_wrong
from mindreel.cli.batch_screen import drawing, row_line
from mindreel.cli.batch_watch import watch
from mindreel.cli.batches import find_batch, reports_of
from mindreel.cli.invocation import invocation
from mindreel.cli.places import is_address
from mindreel.cli.streams import out, plain
from mindreel.contracts.batch import RowView
from mindreel.settings import Settings


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Look once, or until it has ended."""
    ledger, batch = find_batch(arguments.name, settings)
    looker = Looker(ledger, batch, settings)
    if arguments.watch:
        look = await watch(looker, json_wanted=arguments.json)
    else:
        look = await looker.look_at_gates()
    rows = _wanted(look, arguments)
    if not arguments.json:
        _print(look, rows)
    elif not arguments.watch or rows is not None:
        _print_json(look, rows)
    return 0


def _wanted(look: Look, arguments: argparse.Namespace) -> list[RowView] | None:
    if arguments.failed:
        return [row for row in look.rows if went_wrong(row)]
    return look.rows if arguments.rows else None


def _print(look: Look, rows: list[RowView] | None) -> None:
    console = out()
    console.print(drawing(look.batch, look.problems, look.gates))
    if look.note:
        console.print(plain(f"  {look.note}"))
    for row in rows or ():
        sys.stdout.write(f"{row_line(row)}\n")  # a console's markup would take seconds for thousands
    for report in (reports := reports_of(look.batch)):
        console.print(plain(f"  Report: {report}"), soft_wrap=True)
    if is_address(look.batch.inbox):
        opens = f"{invocation()} batch open {shlex.quote(look.batch.name)}"
        console.print(plain(f"  {opens}   brings it here and shows it"), soft_wrap=True)
    if not reports:
        said = f"  No report lies in {look.batch.inbox} yet; where none comes, mindreel may not write there."
        console.print(plain(said), soft_wrap=True)


def _print_json(look: Look, rows: list[RowView] | None) -> None:
    document = look.as_dict()
    if rows is not None:
        document["rows"] = [asdict(row) for row in rows]
    sys.stdout.write(f"{json.dumps(document, ensure_ascii=False)}\n")
