"""The batches themselves in SQLite: their names, their states, and when their reports change."""

import sqlite3

from mindreel.contracts.batch import BatchFile
from mindreel.store.catalog_schema import moment, now
from mindreel.store.ledger_rows import batch_names
from mindreel.store.sqlite import storable


def named(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """The row of a batch, or None."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM batch WHERE name = ?", (storable(name),)
    ).fetchone()
    return found


def of_file(connection: sqlite3.Connection, inbox: str, file: str) -> sqlite3.Row | None:
    """The row of the batch that a file has, or None."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM batch WHERE inbox = ? AND file = ?", (storable(inbox), storable(file))
    ).fetchone()
    return found


def free_name(connection: sqlite3.Connection, inbox: str, file: str) -> str:
    """The file's name without `.csv`, and where that is taken a few hex digits that stand for the place."""
    names = batch_names(inbox, file)
    return next(name for name in names if named(connection, name) is None)


def begin(connection: sqlite3.Connection, file: BatchFile) -> sqlite3.Row:
    """A batch without rows; under another name where somebody was quicker to take the wanted one."""
    taken = named(connection, file.name) is not None
    name = free_name(connection, file.inbox, file.file) if taken else storable(file.name)
    connection.execute(
        """
        INSERT INTO batch (name, inbox, file, version, sha256, state, problem, remarks, created_at,
                           changed_at, paced_at)
        VALUES (?, ?, ?, '', '', 'running', '', '[]', ?, ?, ?)
        """,
        (name, storable(file.inbox), storable(file.file), now(), moment(), now()),
    )
    found = named(connection, name)
    if found is None:
        raise AssertionError("a batch that was just inserted")
    return found


def changed(connection: sqlite3.Connection, batch: int, *, rows: bool = True) -> None:
    """The report of the batch reads differently, and so, where `rows` did, do those that point to them."""
    connection.execute("UPDATE batch SET changed_at = ? WHERE id = ?", (moment(), batch))
    if rows:
        connection.execute(
            "UPDATE batch SET changed_at = ? WHERE id IN (SELECT batch FROM batch_row WHERE original = ?)",
            (moment(), batch),
        )


def set_state(connection: sqlite3.Connection, batch: int, state: str) -> None:
    """A batch that begins to run is timed from now on."""
    connection.execute(
        """
        UPDATE batch SET state = :state,
            paced_at = CASE WHEN :state = 'running' AND state != 'running' THEN :now ELSE paced_at END
        WHERE id = :batch
        """,
        {"state": state, "now": now(), "batch": batch},
    )


def go_on(connection: sqlite3.Connection, batch: int) -> None:
    """There is something new in the batch, at least for its report."""
    pending = connection.execute(
        "SELECT 1 FROM batch_row WHERE batch = ? AND state IN ('pending', 'taken') LIMIT 1", (batch,)
    ).fetchone()
    state = connection.execute("SELECT state FROM batch WHERE id = ?", (batch,)).fetchone()["state"]
    if state == "finished" or (state == "cancelled" and pending):
        set_state(connection, batch, "running")
