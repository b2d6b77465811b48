"""Rows of files as a ledger writes them and reads them back, whatever its database."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from mindreel.contracts.batch import CsvRow
from mindreel.contracts.video import Options, VideoIdentity
from mindreel.store.ledger_judgement import Fate, Placed, key_of
from mindreel.store.sqlite import storable


def written(placed: Placed) -> dict[str, Any]:
    """What is kept of a row, by column; its file and its turn are up to the database."""
    row, fate = placed.row, placed.fate
    return {
        "number": row.number,
        "item": row.item,
        "key": storable(key_of(row)),
        "url": storable(row.url),
        "video_id": row.video.id if row.video else None,
        "platform": row.video.platform if row.video else "",
        "locator": storable(row.video.locator) if row.video else "",
        "collection": row.collection,
        "options": _fields_of(row.options),
        "title": storable(row.title),
        "tenant": storable(row.tenant),
        "priority": row.priority,
        "problem": storable(row.problem),
        "state": fate.state,
        "error_class": fate.error_class,
        "message": storable(fate.message),
        "again": fate.again,
        "holds": fate.holds,
        "original": fate.original,
    }


def csv_row(found: Mapping[str, Any]) -> CsvRow:
    """A row as it was written."""
    video_id = found["video_id"]
    return CsvRow(
        number=found["number"],
        item=found["item"],
        url=found["url"],
        video=VideoIdentity(video_id, found["platform"], found["locator"]) if video_id is not None else None,
        collection=bool(found["collection"]),
        options=Options(**found["options"]),
        title=found["title"],
        tenant=found["tenant"],
        priority=found["priority"],
        problem=found["problem"],
    )


def placed_row(found: Mapping[str, Any]) -> Placed:
    """A row, and what has become of it."""
    fate = Fate(
        found["state"],
        original=found["original"],
        again=bool(found["again"]),
        holds=bool(found["holds"]),
        error_class=found["error_class"],
        message=found["message"],
    )
    return Placed(csv_row(found), fate)


@lru_cache(maxsize=1024)
def _fields_of(options: Options) -> Mapping[str, Any]:
    """The same object for the same options; nobody changes it."""
    return asdict(options)


def batch_names(inbox: str, file: str) -> Iterator[str]:
    """For the batch of a file: its name without `.csv`, and then with ever more digits for its place."""
    stem = storable(file[: -len(".csv")] if file.lower().endswith(".csv") else file)
    yield stem
    digest = hashlib.sha256(storable(f"{inbox}\0{file}").encode()).hexdigest()
    for length in range(6, len(digest) + 1):
        yield f"{stem}-{digest[:length]}"
