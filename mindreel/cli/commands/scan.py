"""`scan`: take new and changed CSV files from the inbox now."""

import argparse
import asyncio
import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from mindreel.bootstrap.cluster import open_cluster
from mindreel.bootstrap.stores import check_project
from mindreel.cli.answer import COMPLETED, FAILED
from mindreel.cli.batches import how_to_begin, ledger_of
from mindreel.cli.invocation import invocation
from mindreel.cli.places import is_address
from mindreel.cli.scans import scan
from mindreel.cli.session import Session
from mindreel.cli.streams import err, out, plain
from mindreel.contracts.scan import ScannedFile, ScanResult
from mindreel.errors import InputError, SetupError
from mindreel.settings import Settings


async def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Look, wait, print; 1 where a file could not be taken."""
    inbox = _chosen(arguments.inbox, settings)
    await asyncio.to_thread(check_project, settings)
    with err().status("Starting server and workers"):
        session = Session(settings, await open_cluster(settings))
    with err().status("Looking into the inbox"):
        result = await scan(session, inbox, lambda sentence: err().print(plain(sentence)))
    if arguments.json:
        sys.stdout.write(f"{json.dumps(asdict(result), ensure_ascii=False)}\n")
    else:
        _print(result, settings)
    return FAILED if any(file.problem for file in result.files) else COMPLETED


def _chosen(typed: str | None, settings: Settings) -> str:
    """The folder as the scan takes it; the inbox of the settings is made where it is not there yet."""
    if typed is not None:
        folder = Path(typed).expanduser().resolve()
        # Workers of an external cluster may see folders that are not here.
        if is_address(typed) or (not settings.temporal_external and not folder.is_dir()):
            raise InputError(f"{typed} is no folder; name the folder in which the CSV files lie.")
        return str(folder)
    if settings.supabase is None and not settings.temporal_external and not settings.inbox.is_dir():
        _make(settings.inbox)
    return ""


def _make(inbox: Path) -> None:
    try:
        inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The inbox {inbox} cannot be made ({error.strerror}); set MINDREEL_HOME to another folder."
        ) from error
    err().print(plain(f"The inbox is {inbox}: CSV files that are put there are taken."))


def _print(result: ScanResult, settings: Settings) -> None:
    console = err()
    if result.files:
        out().print(_table(result.files))
    for file in result.files:
        if file.problem:
            about = "" if file.file in file.problem else f"{file.file}: "
            console.print(plain(f"mindreel: {about}{file.problem}"))
    for name in result.unsettled:
        console.print(
            plain(f"{name} is left to the next scan: it is still being written, or there are very many.")
        )
    if not result.files and not result.unsettled:
        ledger = ledger_of(settings)
        begun = ledger is not None and ledger.batches()
        taken = f" `{invocation()} batch list` shows what has been taken."
        hint = taken if begun else f" To begin, {how_to_begin(settings)}."
        console.print(plain(f"Nothing new in {result.inbox}.{hint}"))
    for file in result.files:
        if not file.problem:
            name = shlex.quote(file.batch)
            console.print(plain(f"`{invocation()} batch show {name} --watch` shows how it goes."))


def _table(files: tuple[ScannedFile, ...]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("file", "batch", "rows", "to start"):
        table.add_column(name, overflow="fold", justify="right" if name in ("rows", "to start") else "left")
    for file in files:
        table.add_row(plain(file.file), plain(file.batch), f"{file.rows}", f"{file.pending}")
    return table
