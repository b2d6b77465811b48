"""The tables of the catalog's file: videos, and the batches whose rows name them."""

from datetime import UTC, datetime
from pathlib import Path

from mindreel.store.sqlite import Database

_KIND = 0x6D72_6361  # "mrca"
_MIGRATIONS = (
    (
        """
        CREATE TABLE video (
            id TEXT PRIMARY KEY,
            run INTEGER NOT NULL,       -- counts runs over all videos: the order in which they began
            source TEXT NOT NULL,
            platform TEXT NOT NULL,
            title TEXT NOT NULL DEFAULT '',
            status TEXT NOT NULL,
            stage TEXT NOT NULL,
            percent REAL NOT NULL,
            reasons TEXT NOT NULL DEFAULT '[]',
            duration_s REAL,
            language TEXT,
            library TEXT,
            workflow_id TEXT NOT NULL,
            request_json TEXT NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            result_json TEXT
        ) WITHOUT ROWID
        """,
        "CREATE UNIQUE INDEX video_run ON video (run)",
    ),
    (
        "ALTER TABLE video ADD COLUMN error_class TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE video ADD COLUMN began_at TEXT",
        # How many stages the run has reached: unlike `stage` it does not go back and forth.
        "ALTER TABLE video ADD COLUMN reached INTEGER NOT NULL DEFAULT 0",
        # When a report would have begun to read differently: unlike `updated_at` not at each percent.
        "ALTER TABLE video ADD COLUMN changed_at TEXT NOT NULL DEFAULT ''",
        "UPDATE video SET changed_at = updated_at",
        """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY,     -- the order in which files were first seen
            name TEXT NOT NULL UNIQUE,
            inbox TEXT NOT NULL,
            file TEXT NOT NULL,
            version TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            state TEXT NOT NULL,
            problem TEXT NOT NULL,
            remarks TEXT NOT NULL,      -- JSON
            created_at TEXT NOT NULL,
            changed_at TEXT NOT NULL,   -- as of a video
            paced_at TEXT NOT NULL,     -- since when its pace is measured
            UNIQUE (inbox, file)
        )
        """,
        """
        CREATE TABLE batch_row (
            batch INTEGER NOT NULL REFERENCES batch (id),
            number INTEGER NOT NULL,
            item INTEGER NOT NULL,
            key TEXT NOT NULL,          -- what makes two rows the same: the video's id, a playlist's address
            url TEXT NOT NULL,
            video_id TEXT,
            platform TEXT NOT NULL,
            locator TEXT NOT NULL,
            collection INTEGER NOT NULL,
            options TEXT NOT NULL,      -- JSON
            title TEXT NOT NULL,
            tenant TEXT NOT NULL,
            priority INTEGER NOT NULL,
            problem TEXT NOT NULL,
            turn INTEGER NOT NULL,      -- which of its tenant's rows of this priority it is
            state TEXT NOT NULL,        -- as in contracts, and `taken`: pending, and handed out
            error_class TEXT NOT NULL,
            message TEXT NOT NULL,
            again INTEGER NOT NULL,
            holds INTEGER NOT NULL,     -- 1 when this batch was the last to take the video
            original INTEGER,           -- of a duplicate: the batch of the row that has the video
            PRIMARY KEY (batch, number, item)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX batch_row_turn ON batch_row (batch, state, priority, turn, number, item)",
        "CREATE INDEX batch_row_key ON batch_row (key, batch)",
        "CREATE INDEX batch_row_original ON batch_row (original) WHERE original IS NOT NULL",
        # One row at most waits to start a video, in whichever file: the promise that none is started twice.
        """
        CREATE UNIQUE INDEX batch_row_waiting ON batch_row (video_id)
            WHERE video_id IS NOT NULL AND state IN ('pending', 'taken')
        """,
    ),
    # What a batch's counts are made of, so that they are read without the long results beside them.
    ("CREATE INDEX video_standing ON video (id, status, percent, updated_at, changed_at)",),
    (
        # Of the run that the row tells of; empty while the video waits.
        "ALTER TABLE video ADD COLUMN run_id TEXT NOT NULL DEFAULT ''",
        # Every run that has begun: what is said late by one of another row is not heard.
        """
        CREATE TABLE begun_run (
            video TEXT NOT NULL,
            run_id TEXT NOT NULL,
            PRIMARY KEY (video, run_id)
        ) WITHOUT ROWID
        """,
    ),
)


def catalog_database(path: Path) -> Database:
    """The file at `path`; the catalog and the ledger share one, so that they can be read together."""
    return Database(path, _KIND, _MIGRATIONS)


def now() -> str:
    """The time for people: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def moment() -> str:
    """The time that tells two changes apart; taken inside a writing transaction, so that it only grows."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
