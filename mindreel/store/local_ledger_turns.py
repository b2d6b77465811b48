"""How rows of batches in SQLite go from pending to started, and back."""

import json
import sqlite3
from collections.abc import Sequence

from mindreel.contracts.batch import DUPLICATE, PENDING, REFUSED, STARTED, WITHDRAWN, RowMark
from mindreel.store.catalog_schema import moment, now
from mindreel.store.ledger_judgement import TAKEN
from mindreel.store.local_ledger_batches import changed
from mindreel.store.local_ledger_views import ERROR_CLASS, OUTCOME
from mindreel.store.sqlite import storable

_RELEASABLE = f"""
    SELECT r.number, r.item, {ERROR_CLASS} AS class
    FROM batch_row r JOIN batch b ON b.id = r.batch LEFT JOIN video v ON v.id = r.video_id
    WHERE r.batch = ? AND {OUTCOME} IN ('failed', 'cancelled', 'partial')
        AND NOT EXISTS (  -- another file's row will start it, and this one tells how that went
            SELECT 1 FROM batch_row o
            WHERE o.key = r.key AND o.batch != r.batch AND o.video_id IS NOT NULL
                AND o.state IN ('pending', 'taken'))
"""  # noqa: S608 - of our own constants
_NEXT = """
    SELECT r.*, v.status FROM batch_row r LEFT JOIN video v ON v.id = r.video_id
    WHERE r.batch = ? AND r.state = ? AND r.video_id IS NOT NULL
    ORDER BY r.priority, r.turn, r.number, r.item LIMIT ?
"""
_QUEUE = """
    INSERT INTO video (id, run, source, platform, title, status, stage, percent, workflow_id, request_json,
                       created_at, updated_at, changed_at)
    VALUES (:id, (SELECT coalesce(max(run), 0) + 1 FROM video), :source, :platform, :title, 'queued',
            'resolve', 0, '', '', :now, :now, :moment)
    ON CONFLICT (id) DO UPDATE SET
        source = excluded.source, title = CASE excluded.title WHEN '' THEN title ELSE excluded.title END,
        status = excluded.status, stage = excluded.stage, percent = 0, reached = 0, reasons = '[]',
        error_class = '', began_at = NULL, run_id = '', updated_at = excluded.updated_at,
        changed_at = excluded.changed_at
    WHERE status != 'running'
"""


def count_begun_as_started(connection: sqlite3.Connection, batch: int) -> None:
    """Taken rows whose mark never came, though their video has begun since."""
    connection.execute(
        """
        UPDATE batch_row SET state = 'started'
        WHERE batch = ? AND state = 'taken'
            AND (SELECT status FROM video WHERE id = batch_row.video_id) != 'queued'
        """,
        (batch,),
    )


def begun(connection: sqlite3.Connection, batch: int) -> int:
    """How many started rows have not ended."""
    found = connection.execute(
        """
        SELECT count(*) FROM batch_row r JOIN video v INDEXED BY video_standing ON v.id = r.video_id
        WHERE r.batch = ? AND r.state = 'started' AND v.status IN ('queued', 'running')
        """,
        (batch,),
    )
    return int(found.fetchone()[0])


def next_rows(connection: sqlite3.Connection, batch: int, limit: int) -> list[sqlite3.Row]:
    """Taken rows first, so that no more are ever taken than were asked for."""
    taken = connection.execute(_NEXT, (batch, TAKEN, max(limit, 0))).fetchall()
    return taken + connection.execute(_NEXT, (batch, PENDING, max(limit - len(taken), 0))).fetchall()


def settle(connection: sqlite3.Connection, batch: int, found: Sequence[sqlite3.Row]) -> bool:
    """Rows whose video somebody else has finished since they were judged; False where there are none."""
    settled = [
        (
            STARTED if each["again"] or each["status"] == "expanded" else DUPLICATE,
            each["number"],
            each["item"],
        )
        for each in found
        if each["state"] == PENDING and _is_settled(each)
    ]
    connection.executemany(
        f"UPDATE batch_row SET state = ? WHERE batch = {batch:d} AND number = ? AND item = ?",  # noqa: S608
        settled,
    )
    if settled:
        changed(connection, batch)
    return bool(settled)


def _is_settled(found: sqlite3.Row) -> bool:
    if found["again"]:
        return bool(found["status"] == "completed")
    return found["status"] in ("completed", "partial") or (
        found["status"] == "expanded" and not found["item"]
    )


def hand_out(connection: sqlite3.Connection, batch: int, found: Sequence[sqlite3.Row]) -> None:
    """Pending rows are taken and their videos queued; those that run already go on."""
    for each in found:
        connection.execute(
            _QUEUE,
            {
                "id": each["video_id"],
                "source": each["url"],
                "platform": each["platform"],
                "title": each["title"],
                "now": now(),
                "moment": moment(),
            },
        )
        connection.execute("UPDATE batch_row SET holds = 0 WHERE key = ? AND holds", (each["key"],))
        connection.execute(
            "UPDATE batch_row SET state = 'taken', holds = 1 WHERE batch = ? AND number = ? AND item = ?",
            (batch, each["number"], each["item"]),
        )
    if found:
        changed(connection, batch, rows=any(each["status"] == "running" for each in found))


def mark_row(connection: sqlite3.Connection, batch: int, mark: RowMark) -> None:
    """A taken row was started; or a row could not be, also where its page's videos cannot be listed.

    What is said late, of a row that was released since, changes nothing.
    """
    values = {
        "batch": batch,
        "number": mark.number,
        "item": mark.item,
        "state": mark.state,
        "class": mark.error_class,
        "message": storable(mark.message),
    }
    marked = connection.execute(
        """
        UPDATE batch_row SET state = :state, error_class = :class, message = :message
        WHERE batch = :batch AND number = :number AND item = :item AND (
            state = 'taken'
            OR :state = 'refused' AND state = 'pending' AND video_id IS NULL
            OR :state = 'refused' AND state = 'started' AND item = 0
                AND (SELECT status FROM video WHERE id = batch_row.video_id) = 'expanded')
        """,
        values,
    )
    if marked.rowcount and mark.state == REFUSED:
        connection.execute(
            """
            UPDATE video SET status = 'failed', reasons = :reasons, error_class = :class, updated_at = :now,
                changed_at = :moment
            WHERE status = 'queued' AND id = (
                SELECT video_id FROM batch_row WHERE batch = :batch AND number = :number AND item = :item)
            """,
            {**values, "reasons": json.dumps([storable(mark.message)]), "now": now(), "moment": moment()},
        )


def withdraw(connection: sqlite3.Connection, batch: int) -> None:
    """What is pending, and what was found to be a playlist; the workflows of taken rows may exist already."""
    connection.execute(
        """
        UPDATE batch_row SET state = CASE
            WHEN state = 'pending' THEN :withdrawn
            WHEN item = 0 AND (SELECT status FROM video WHERE id = batch_row.video_id) = 'expanded'
                THEN :withdrawn
            ELSE 'started' END
        WHERE batch = :batch AND state IN ('pending', 'taken', 'started')
        """,
        {"withdrawn": WITHDRAWN, "batch": batch},
    )


def release(connection: sqlite3.Connection, batch: int, classes: frozenset[str]) -> int:
    """Rows of these error classes, all but partial ones where none are named, are pending again; how many."""
    found = [
        (batch, each["number"], each["item"])
        for each in connection.execute(_RELEASABLE, (batch,))
        if (each["class"] in classes if classes else each["class"] != "partial")
    ]
    connection.executemany(
        """
        UPDATE batch_row SET again = max(again, state != 'withdrawn'), state = 'pending', holds = 0,
            error_class = '', message = ''
        WHERE batch = ? AND number = ? AND item = ?
        """,
        found,
    )
    return len(found)
