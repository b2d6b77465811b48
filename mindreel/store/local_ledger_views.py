"""Batches and their rows as people see them, out of SQLite."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby

from mindreel.contracts.batch import BatchView, RowView
from mindreel.store.ledger_views import Found, batch_view, row_view

# A taken row is one whose video's workflow may exist. A page of several videos is not done before they are
# rows of their own, which they never become in a cancelled batch.
OUTCOME = """
    CASE r.state
        WHEN 'refused' THEN CASE r.problem WHEN '' THEN 'failed' ELSE 'refused' END
        WHEN 'pending' THEN 'waiting'
        WHEN 'withdrawn' THEN 'cancelled'
        WHEN 'duplicate' THEN 'duplicate'
        WHEN 'expanded' THEN 'expanded'
        ELSE CASE
            WHEN v.status = 'expanded' AND r.item = 0
                THEN CASE b.state WHEN 'cancelled' THEN 'cancelled' ELSE 'running' END
            ELSE coalesce(v.status, 'failed')
        END
    END
"""
# What `release` goes by, and what a report shows.
ERROR_CLASS = """
    CASE r.state
        WHEN 'refused' THEN CASE r.error_class WHEN '' THEN 'input' ELSE r.error_class END
        WHEN 'withdrawn' THEN 'cancelled'
        WHEN 'taken' THEN {of_video}
        WHEN 'started' THEN {of_video}
        ELSE ''
    END
""".format(
    of_video="""
        CASE v.status
            WHEN 'failed' THEN CASE v.error_class WHEN '' THEN 'internal' ELSE v.error_class END
            WHEN 'partial' THEN 'partial'
            WHEN 'cancelled' THEN 'cancelled'
            WHEN 'expanded' THEN CASE WHEN b.state = 'cancelled' AND r.item = 0 THEN 'cancelled' ELSE '' END
            ELSE CASE WHEN v.id IS NULL THEN 'internal' ELSE '' END
        END
    """
)
_SUMMARY = f"""
    SELECT r.batch AS batch, {OUTCOME} AS outcome, count(*) AS rows, sum(v.percent) AS percent,
        max(v.changed_at) AS changed_at,
        sum(r.state IN ('taken', 'started') AND v.updated_at >= b.paced_at) AS paced
    FROM batch b JOIN batch_row r ON r.batch = b.id
    LEFT JOIN video v INDEXED BY video_standing ON v.id = r.video_id
    WHERE b.id IN (SELECT value FROM json_each(?))
    GROUP BY 1, 2 ORDER BY 1
"""  # noqa: S608 - of our own constants
_ROWS = f"""
    SELECT r.*, {OUTCOME} AS outcome, {ERROR_CLASS} AS class, v.title AS site_title, v.status, v.stage,
        v.reached, v.percent, v.reasons, v.library, v.began_at, v.updated_at,
        CASE WHEN v.status != 'queued' AND json_valid(v.request_json)
            THEN json_extract(v.request_json, '$.options') END AS had_options
    FROM batch_row r JOIN batch b ON b.id = r.batch LEFT JOIN video v ON v.id = r.video_id
    WHERE r.batch = ? ORDER BY r.number, r.item
"""  # noqa: S608 - of our own constants
_ORIGINALS = """
    SELECT o.batch, o.key, o.number, o.item, o.state, o.options, b.name
    FROM batch_row o JOIN batch b ON b.id = o.batch
    WHERE (o.batch, o.key) IN (SELECT original, key FROM batch_row WHERE batch = ? AND state = 'duplicate')
        AND o.state != 'duplicate' AND o.problem = ''
    ORDER BY o.item DESC
"""
_JSON = frozenset({"remarks", "reasons", "options", "had_options"})


def batch_views(connection: sqlite3.Connection, batch: int | None = None) -> list[BatchView]:
    """One batch, or all, newest first."""
    batches = connection.execute(
        "SELECT * FROM batch WHERE :batch IS NULL OR id = :batch ORDER BY id DESC", {"batch": batch}
    ).fetchall()
    found = connection.execute(_SUMMARY, (json.dumps([each["id"] for each in batches]),))
    groups = {number: list(group) for number, group in groupby(found, key=lambda each: int(each["batch"]))}
    now = datetime.now(UTC)
    return [batch_view(decoded(each), groups.get(each["id"], ()), now=now) for each in batches]


def row_views(connection: sqlite3.Connection, batch: int) -> list[RowView]:
    """All rows of a batch, in order."""
    now = datetime.now(UTC)
    originals = {
        (found["batch"], found["key"]): decoded(found) for found in connection.execute(_ORIGINALS, (batch,))
    }
    return [
        row_view(decoded(found), originals.get((found["original"], found["key"])), now=now)
        for found in connection.execute(_ROWS, (batch,))
    ]


def decoded(found: sqlite3.Row) -> Found:
    """A row with its JSON decoded."""
    values = dict(found)
    return {name: _json(value) if name in _JSON and value else value for name, value in values.items()}


@lru_cache(maxsize=1024)
def _json(text: str) -> Mapping[str, object] | list[str]:
    """The same text gives the same object; nobody changes it."""
    decoded: Mapping[str, object] | list[str] = json.loads(text)
    return decoded
