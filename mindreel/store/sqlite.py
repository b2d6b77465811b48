"""SQLite as our stores use it: write-ahead log, short transactions, a connection for each of them."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mindreel.errors import BusyError, MindreelError, SetupError

_BUSY_S = 30.0
_PAUSE_S = 0.02

Migration = Sequence[str]
"""Statements that bring the schema from one version to the next."""


@dataclass(frozen=True)
class Database:
    """One file that several threads and processes may use at once.

    A connection lives as long as its transaction: none is shared between threads, none crosses a fork, and a
    file that somebody deleted is begun anew. All errors of SQLite that a person can act on are ours:
    `BusyError` when others hold the file for half a minute, else `SetupError`.
    """

    path: Path
    kind: int
    """SQLite's application_id: tells our files apart from each other and from others' files."""
    migrations: Sequence[Migration]
    """In order; never changed once released, only added to."""

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All statements inside see one state of the file."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All statements inside happen, or none does."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._our_errors(), closing(self._open()) as connection:
            self._migrate(connection)
            connection.execute(begin)
            yield connection  # closing without commit rolls back
            connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")  # safe with WAL; only checkpoints wait for disk
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")  # so that the version and what it is compared with are of one moment
        version = self._version(connection)
        connection.execute("COMMIT")
        if version == len(self.migrations):
            return
        _use_wal(connection)
        connection.execute("BEGIN IMMEDIATE")
        version = self._version(connection)  # another process may have been quicker
        for number, statements in enumerate(self.migrations[version:], version + 1):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {self.kind}")
        connection.execute("COMMIT")

    def _version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        kind = int(connection.execute("PRAGMA application_id").fetchone()[0])
        ours = kind == self.kind or (not version and _is_empty(connection))
        if not ours:
            raise SetupError(f"{self.path} is another program's database; name another file or move it away.")
        if version > len(self.migrations):
            raise SetupError(f"{self.path} was written by a newer mindreel; update mindreel to use it.")
        return version

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SetupError(f"The folder of {self.path} cannot be used: {error.strerror}.") from error
        except sqlite3.DatabaseError as error:
            ours = self._translated(error)
            if ours is None:
                raise
            raise ours from error

    def _translated(self, error: sqlite3.DatabaseError) -> MindreelError | None:
        """None for what is a mistake in our own code."""
        if "no such module" in str(error):
            return SetupError(
                f"This Python's SQLite lacks full-text search ({error}); use a Python that has it."
            )
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the low byte is the primary code
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return BusyError(f"{self.path} is held by another process.")
            case sqlite3.SQLITE_FULL:
                return SetupError(
                    f"The disk is full: {self.path} cannot grow; free some space and run again."
                )
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return SetupError(f"{self.path} is damaged ({error}); move it away, and it is begun anew.")
            case (
                sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_PERM
            ):
                return SetupError(f"{self.path} cannot be read or written: {error}.")
            case _:
                return None


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch the journal; SQLite does not wait for others here by itself, so we do."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def storable(text: str) -> str:
    """`text` with lone surrogates (file names that are no UTF-8) made visible; SQLite takes none."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
