"""Which run a video's row in SQLite tells of, so that what an earlier one says late is not heard."""

import sqlite3
from collections.abc import Container


def is_new(connection: sqlite3.Connection, video_id: str, run_id: str) -> bool:
    """True once for each run: whether it has begun is kept."""
    noted = connection.execute("INSERT OR IGNORE INTO begun_run VALUES (?, ?)", (video_id, run_id))
    return noted.rowcount > 0


def is_heard(connection: sqlite3.Connection, video_id: str, run_id: str, *, of: Container[str]) -> bool:
    """Whether what this run says counts for a row of these statuses; any run where it is empty.

    A run that never said that it began (a workflow that was reset goes on in the middle) becomes the row's.
    """
    row = connection.execute("SELECT status, run_id FROM video WHERE id = ?", (video_id,)).fetchone()
    if row is None or row["status"] not in of:
        return False
    if run_id in ("", row["run_id"]):
        return True
    if not is_new(connection, video_id, run_id):
        return False
    connection.execute("UPDATE video SET run_id = ? WHERE id = ?", (run_id, video_id))
    return True
