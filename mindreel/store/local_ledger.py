import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mindreel.contracts.batch import (
    CLASS_FAMILIES,
    EXPANDED,
    PENDING,
    REFUSED,
    STARTED,
    BatchFile,
    BatchView,
    CsvFile,
    CsvRow,
    PendingRow,
    RowMark,
    RowView,
)
from mindreel.errors import SetupError
from mindreel.store import local_ledger_batches as batches
from mindreel.store import local_ledger_rows as rows_of
from mindreel.store import local_ledger_turns as turns
from mindreel.store.catalog_schema import catalog_database, now
from mindreel.store.ledger_judgement import TAKEN, Judge, judged, key_of
from mindreel.store.ledger_rows import csv_row
from mindreel.store.local_ledger_views import batch_views, decoded, row_views
from mindreel.store.sqlite import storable

_FILE_COLUMNS = ("name", "inbox", "file", "version", "sha256")
_STATES = ("running", "paused", "cancelled", "finished")


class LocalLedger:
    """The batches in the catalog's SQLite file; safe from several threads and processes.

    See `mindreel.store.protocols.BatchLedger`. Text that is no Unicode is kept readable, as in the catalog.
    Every method raises `SetupError` where the file cannot be used, `BusyError` where others hold it too
    long.
    """

    def __init__(self, path: Path) -> None:
        self._database = catalog_database(path)

    def seen(self, inbox: str, file: str) -> BatchFile | None:
        """The state of this file that was last taken."""
        with self._database.reading() as connection:
            found = batches.of_file(connection, inbox, file)
        return None if found is None else BatchFile(**{name: found[name] for name in _FILE_COLUMNS})

    def name_for(self, inbox: str, file: str) -> str:
        """The name of the batch of this file."""
        with self._database.reading() as connection:
            found = batches.of_file(connection, inbox, file)
            return str(found["name"]) if found is not None else batches.free_name(connection, inbox, file)

    def touch(self, name: str, version: str) -> None:
        """The file's version has changed. Raises `SetupError` for an unknown batch."""
        with self._database.writing() as connection:
            batch = self._must_be_known(connection, name)
            connection.execute("UPDATE batch SET version = ? WHERE id = ?", (storable(version), batch["id"]))

    def register(self, file: BatchFile, content: CsvFile) -> BatchView:
        """Take a state of a file."""
        with self._database.writing() as connection:
            batch = batches.of_file(connection, file.inbox, file.file)
            if batch is None:
                batch = batches.begin(connection, file)
            if batch["sha256"] == file.sha256 and batch["problem"] in ("", storable(content.problem)):
                connection.execute(
                    "UPDATE batch SET version = ? WHERE id = ?", (storable(file.version), batch["id"])
                )
            else:
                self._take_state(connection, batch["id"], file, content)
            return batch_views(connection, batch["id"])[0]

    def _take_state(
        self, connection: sqlite3.Connection, batch: int, file: BatchFile, content: CsvFile
    ) -> None:
        connection.execute(
            "UPDATE batch SET version = ?, sha256 = ?, problem = ?, remarks = ? WHERE id = ?",
            (
                storable(file.version),
                file.sha256,
                storable(content.problem),
                json.dumps([storable(remark) for remark in content.remarks]),
                batch,
            ),
        )
        if not content.problem:
            before = rows_of.placed_rows(connection, batch)
            known = rows_of.known_videos(connection, batch, (*content.rows, *(each.row for each in before)))
            connection.execute("DELETE FROM batch_row WHERE batch = ?", (batch,))
            rows_of.insert(connection, batch, judged(batch, content.rows, before, known))
        batches.go_on(connection, batch)
        batches.changed(connection, batch)

    def take(self, name: str, *, limit: int, most_open: int) -> list[PendingRow]:
        """The next pending videos."""
        with self._database.writing() as connection:
            batch = batches.named(connection, name)
            if batch is None or batch["state"] != "running":
                return []
            turns.count_begun_as_started(connection, batch["id"])
            page = min(limit, most_open - turns.begun(connection, batch["id"]))
            while turns.settle(connection, batch["id"], turns.next_rows(connection, batch["id"], page)):
                pass
            found = turns.next_rows(connection, batch["id"], page)
            turns.hand_out(connection, batch["id"], [each for each in found if each["state"] == PENDING])
            return [PendingRow(csv_row(decoded(each)), again=bool(each["again"])) for each in found]

    def mark(self, name: str, marks: Sequence[RowMark]) -> None:
        """Record what became of taken rows."""
        with self._database.writing() as connection:
            batch = batches.named(connection, name)
            if batch is None:
                return
            for mark in marks:
                turns.mark_row(connection, batch["id"], mark)
            if any(mark.state == REFUSED or mark.message for mark in marks):
                batches.changed(connection, batch["id"])

    def collections(self, name: str, *, limit: int) -> list[CsvRow]:
        """Rows whose playlist is to be read."""
        with self._database.reading() as connection:
            found = connection.execute(
                """
                SELECT r.* FROM batch_row r JOIN batch b ON b.id = r.batch
                LEFT JOIN video v INDEXED BY video_standing ON v.id = r.video_id
                WHERE b.name = ? AND b.state = 'running' AND r.item = 0 AND (
                    r.state = 'pending' AND r.video_id IS NULL
                    OR r.state IN ('taken', 'started') AND v.status = 'expanded')
                ORDER BY r.priority, r.turn, r.number LIMIT ?
                """,
                (storable(name), max(limit, 0)),
            )
            return [csv_row(decoded(row)) for row in found]

    def expand(self, name: str, number: int, items: Sequence[CsvRow], message: str) -> None:
        """The videos of a row's playlist."""
        with self._database.writing() as connection:
            batch = batches.named(connection, name)
            if batch is None:
                return
            before = rows_of.placed_rows(connection, batch["id"])
            parents = [each for each in before if (each.row.number, each.row.item) == (number, 0)]
            if not parents or parents[0].fate.state not in (PENDING, TAKEN, STARTED):
                return
            connection.execute(
                "UPDATE batch_row SET state = ?, message = ? WHERE batch = ? AND number = ? AND item = 0",
                (EXPANDED, storable(message), batch["id"], number),
            )
            known = rows_of.known_videos(connection, batch["id"], items)
            others = {key_of(each.row) for each in before if each.owns and each is not parents[0]}
            judge = Judge(batch["id"], known, seen=others)
            rows_of.insert(connection, batch["id"], [judge.place(item) for item in items])
            batches.go_on(connection, batch["id"])
            batches.changed(connection, batch["id"])

    def release(self, name: str, *, classes: frozenset[str] = frozenset()) -> int:
        """Make rows pending again. Raises `SetupError` for an unknown batch."""
        wanted = classes.union(*(CLASS_FAMILIES.get(each, ()) for each in classes))
        with self._database.writing() as connection:
            batch = self._must_be_known(connection, name)
            released = turns.release(connection, batch["id"], wanted)
            if released:
                batches.set_state(connection, batch["id"], "running")
                connection.execute("UPDATE batch SET paced_at = ? WHERE id = ?", (now(), batch["id"]))
                batches.changed(connection, batch["id"])
            return released

    def set_state(self, name: str, state: str) -> None:
        """running, paused, cancelled or finished. Raises `SetupError` for an unknown batch."""
        if state not in _STATES:
            raise ValueError(f"{state} is no state of a batch")
        with self._database.writing() as connection:
            batch = self._must_be_known(connection, name)
            if batch["state"] == state:
                return
            if state == "finished" and batch_views(connection, batch["id"])[0].open:
                return
            if state == "cancelled":
                turns.withdraw(connection, batch["id"])
            batches.set_state(connection, batch["id"], state)
            batches.changed(connection, batch["id"])

    def batch(self, name: str) -> BatchView | None:
        """One batch."""
        with self._database.reading() as connection:
            found = batches.named(connection, name)
            return None if found is None else batch_views(connection, found["id"])[0]

    def batches(self) -> list[BatchView]:
        """All, newest first."""
        with self._database.reading() as connection:
            return batch_views(connection)

    def rows(self, name: str) -> list[RowView]:
        """All rows in order of the file; none of an unknown batch."""
        with self._database.reading() as connection:
            found = batches.named(connection, name)
            return [] if found is None else row_views(connection, found["id"])

    def open_videos(self, name: str, *, unchanged_s: float = 0.0, limit: int = 10_000) -> list[str]:
        """Ids of videos this batch started that have not ended."""
        until = datetime.now(UTC) - timedelta(seconds=unchanged_s)
        with self._database.reading() as connection:
            found = connection.execute(
                """
                SELECT v.id FROM batch b JOIN batch_row r ON r.batch = b.id
                JOIN video v INDEXED BY video_standing ON v.id = r.video_id
                WHERE b.name = ? AND r.state IN ('taken', 'started') AND r.holds
                    AND v.status IN ('queued', 'running') AND v.updated_at <= ?
                ORDER BY r.number, r.item LIMIT ?
                """,
                (storable(name), until.isoformat(timespec="milliseconds"), max(limit, 0)),
            )
            return [str(each["id"]) for each in found]

    def _must_be_known(self, connection: sqlite3.Connection, name: str) -> sqlite3.Row:
        found = batches.named(connection, name)
        if found is None:
            raise SetupError(f"The catalog {self._database.path} knows no batch {name}.")
        return found
