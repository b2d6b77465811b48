"""The rows of batches in SQLite: how they are written, read back and judged."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mindreel.contracts.batch import CsvRow
from mindreel.store.ledger_judgement import Known, Placed
from mindreel.store.ledger_rows import placed_row, written
from mindreel.store.local_ledger_views import decoded

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
    values = written(placed)
    turn = (values["tenant"], values["priority"])
    turns[turn] += 1
    return {**values, "batch": batch, "turn": turns[turn], "options": json.dumps(values["options"])}


def placed_rows(connection: sqlite3.Connection, batch: int) -> list[Placed]:
    """All rows of a batch, in order."""
    found = connection.execute("SELECT * FROM batch_row WHERE batch = ? ORDER BY number, item", (batch,))
    return [placed_row(decoded(row)) for row in found]


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
