"""From what a person typed for a batch to the ledger's view of it; needs no server."""

import os
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from mindreel.bootstrap.stores import is_begun, open_ledger
from mindreel.cli.invocation import invocation
from mindreel.cli.places import inbox_of, is_address
from mindreel.contracts.batch import BatchView
from mindreel.contracts.report_names import PAGE, TABLE, report_name
from mindreel.errors import InputError
from mindreel.settings import Settings
from mindreel.store.batch_ledger import BatchLedger

ENDED = ("cancelled", "finished")
"""States of a batch in which nothing more happens, once none of its rows is open."""

_SHOWN = 5


def ledger_of(settings: Settings) -> BatchLedger | None:
    """The ledger; None where nothing has been taken yet, so that a look creates no folder."""
    return open_ledger(settings) if is_begun(settings) else None


def find_batch(text: str, settings: Settings) -> tuple[BatchLedger, BatchView]:
    """The batch of that name, of a name that begins so, or of the file `text`.

    Raises `InputError` that says what there is where there is none, or more than one.
    """
    ledger = ledger_of(settings)
    if ledger is None:
        raise InputError(f"There are no batches yet: {how_to_begin(settings)}.")
    exact = ledger.batch(text)
    if exact is not None:
        return ledger, exact
    batches = ledger.batches()
    found = [batch for batch in batches if _is_file(text, batch)]
    found = found or [batch for batch in batches if batch.name.startswith(text)]
    if len(found) != 1:
        raise InputError(_which(text, found, batches, settings))
    return ledger, found[0]


def going_on(settings: Settings) -> list[BatchView]:
    """Those of which not every row has ended, newest first."""
    ledger = ledger_of(settings)
    return [batch for batch in ledger.batches() if batch.open] if ledger is not None else []


def is_over(batch: BatchView) -> bool:
    """True when nothing more will happen to it by itself."""
    return batch.state in ENDED and not batch.open


def reports_of(batch: BatchView) -> list[str]:
    """Where its reports are, the page first; those of a folder only once they are there."""
    names = [report_name(batch.name, ending) for ending in (PAGE, TABLE)]
    if urlsplit(batch.inbox).scheme in ("http", "https", "supabase"):
        return [f"{batch.inbox.rstrip('/')}/{name}" for name in names]
    paths = [f"{Path(batch.inbox) / name}" for name in names]
    return [path for path in paths if os.path.isfile(path)]  # noqa: PTH113 - says no also where nobody may look


def as_dict(batch: BatchView) -> dict[str, Any]:
    """For `--json`."""
    return {
        "name": batch.name,
        "state": batch.state,
        "file": batch.file,
        "inbox": batch.inbox,
        "percent": round(batch.percent, 1),
        "seconds_left": batch.seconds_left,
        "total": batch.total,
        "open": batch.open,
        "counts": batch.counts,
        "problem": batch.problem,
        "remarks": list(batch.remarks),
        "created_at": batch.created_at,
        "updated_at": batch.updated_at,
        "reports": reports_of(batch),
    }


def how_to_begin(settings: Settings) -> str:
    """What to do where there are none."""
    return f"put a CSV file with a column `url` into {inbox_of(settings)} and type `{invocation()} scan`"


def _is_file(text: str, batch: BatchView) -> bool:
    """`talks.csv`, its path, or its address."""
    if text == batch.file:
        return True
    if is_address(batch.inbox):
        return text == f"{batch.inbox}/{batch.file}"
    return PurePath(text).name == batch.file and str(Path(text).resolve()) == str(
        Path(batch.inbox) / batch.file
    )


def _which(text: str, found: list[BatchView], batches: list[BatchView], settings: Settings) -> str:
    if found:
        return f"{text} could be {_names(found)}; type a little more of it."
    if not batches:
        return f"There are no batches yet: {how_to_begin(settings)}."
    return f"No batch is called {text}; there is {_names(batches)}."


def _names(batches: list[BatchView]) -> str:
    more = f" and {len(batches) - _SHOWN} more" if len(batches) > _SHOWN else ""
    return f"{', '.join(batch.name for batch in batches[:_SHOWN])}{more}"
