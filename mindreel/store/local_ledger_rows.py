"""The rows of batches in SQLite: how they are written, read back and judged."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mindreel.contracts.batch import CsvRow
from mindreel.contracts.video import Options, VideoIdentity
from mindreel.store.ledger_judgement import Fate, Known, Placed, key_of
from mindreel.store.sqlite import storable

_STALE = timedelta(hours=1)
_INSERT = """
    INSERT INTO batch_row (batch, number, item, key, url, video_id, platform, locator, collection, options,
                           title, tenant, priority, problem, turn, state, error_class, message, again, holds,
                           original)
    VALUES (:batch, :number, :item, :key, :url, :video_id, :platform, :locator, :collection, :options,
            :title, :tenant, :priority, :problem, :turn, :state, :error_class, :message, :again, :holds,
            :original)
"""


def insert(connection: sqlite3.Connection, batch: int, placed: Iterable[Placed]) -> None:
    """Add rows; each gets its turn after those of its tenant that are there."""
    turns = Counter(
        {
            (found["tenant"], found["priority"]): found["turns"]
            for found in connection.execute(
                """
                SELECT tenant, priority, max(turn) AS turns FROM batch_row
                WHERE batch = ? GROUP BY tenant, priority
                """,
                (batch,),
            )
        }
    )
    connection.executemany(_INSERT, (_values(batch, each, turns) for each in placed))


def _values(batch: int, placed: Placed, turns: "Counter[tuple[str, int]]") -> dict[str, object]:
    row, fate = placed.row, placed.fate
    tenant = storable(row.tenant)
    turns[tenant, row.priority] += 1
    return {
        "batch": batch,
        "number": row.number,
        "item": row.item,
        "key": storable(key_of(row)),
        "url": storable(row.url),
        "video_id": row.video.id if row.video else None,
        "platform": row.video.platform if row.video else "",
        "locator": storable(row.video.locator) if row.video else "",
        "collection": row.collection,
        "options": _options_json(row.options),
        "title": storable(row.title),
        "tenant": tenant,
        "priority": row.priority,
        "problem": storable(row.problem),
        "turn": turns[tenant, row.priority],
        "state": fate.state,
        "error_class": fate.error_class,
        "message": storable(fate.message),
        "again": fate.again,
        "holds": fate.holds,
        "original": fate.original,
    }


def placed_rows(connection: sqlite3.Connection, batch: int) -> list[Placed]:
    """All rows of a batch, in order."""
    found = connection.execute("SELECT * FROM batch_row WHERE batch = ? ORDER BY number, item", (batch,))
    return [Placed(csv_row(row), _fate(row)) for row in found]


def csv_row(found: sqlite3.Row) -> CsvRow:
    """A row as it was written."""
    video_id = found["video_id"]
    return CsvRow(
        number=found["number"],
        item=found["item"],
        url=found["url"],
        video=VideoIdentity(video_id, found["platform"], found["locator"]) if video_id is not None else None,
        collection=bool(found["collection"]),
        options=_options(found["options"]),
        title=found["title"],
        tenant=found["tenant"],
        priority=found["priority"],
        problem=found["problem"],
    )


def _fate(found: sqlite3.Row) -> Fate:
    return Fate(
        found["state"],
        original=found["original"],
        again=bool(found["again"]),
        holds=bool(found["holds"]),
        error_class=found["error_class"],
        message=found["message"],
    )


@lru_cache(maxsize=1024)
def _options_json(options: Options) -> str:
    return json.dumps(asdict(options))


@lru_cache(maxsize=1024)
def _options(text: str) -> Options:
    return Options(**json.loads(text))


def known_videos(connection: sqlite3.Connection, batch: int, rows: Sequence[CsvRow]) -> Mapping[str, Known]:
    """What is known of the rows' videos outside this batch."""
    ids = json.dumps(sorted({row.video.id for row in rows if row.video is not None}))
    elsewhere = {
        found["key"]: (found["batch"], found["state"] != "started")
        for found in connection.execute(
            """
            SELECT key, batch, state FROM batch_row
            WHERE key IN (SELECT value FROM json_each(?)) AND batch != ?
                AND state IN ('pending', 'taken', 'started')
            ORDER BY state != 'started', holds, batch  -- the last one counts
            """,
            (ids, batch),
        )
    }
    heard_since = (datetime.now(UTC) - _STALE).isoformat(timespec="milliseconds")
    statuses = {
        found["id"]: (found["status"], found["updated_at"] < heard_since or found["status"] == "queued")
        for found in connection.execute(
            """
            SELECT id, status, updated_at FROM video INDEXED BY video_standing
            WHERE id IN (SELECT value FROM json_each(?))
            """,
            (ids,),
        )
    }
    return {
        video_id: Known(*statuses.get(video_id, (None, False)), *elsewhere.get(video_id, (None, False)))
        for video_id in statuses.keys() | elsewhere.keys()
    }
