import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from mindreel.errors import SetupError
from mindreel.store.protocols import VideoRow
from mindreel.store.sqlite import Database, storable

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
)
_COLUMNS = ", ".join(field.name for field in fields(VideoRow))
_HUNDRED = 100.0


class LocalCatalog:
    """The catalog in one SQLite file; safe from several threads and processes.

    See `mindreel.store.protocols.Catalog`. Newest means begun last. Every method raises `SetupError` where
    the file cannot be used, `TransientError` where others hold it too long.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _KIND, _MIGRATIONS)

    def begin(
        self, video_id: str, *, source: str, platform: str, workflow_id: str, request_json: str
    ) -> None:
        """A run begins; what an earlier run found out stays until this one knows better."""
        with self._database.writing() as connection:
            connection.execute(
                """
                INSERT INTO video (id, run, source, platform, status, stage, percent, workflow_id,
                                   request_json, created_at, updated_at)
                VALUES (:id, (SELECT coalesce(max(run), 0) + 1 FROM video), :source, :platform,
                        'running', 'resolve', 0, :workflow_id, :request_json, :now, :now)
                ON CONFLICT (id) DO UPDATE SET
                    run = excluded.run, source = excluded.source, platform = excluded.platform,
                    status = excluded.status, stage = excluded.stage, percent = 0, reasons = '[]',
                    workflow_id = excluded.workflow_id, request_json = excluded.request_json,
                    updated_at = excluded.updated_at
                """,
                {
                    "id": video_id,
                    "source": storable(source),
                    "platform": platform,
                    "workflow_id": workflow_id,
                    "request_json": storable(request_json),
                    "now": _now(),
                },
            )

    def describe(
        self,
        video_id: str,
        *,
        title: str | None = None,
        duration_s: float | None = None,
        language: str | None = None,
    ) -> None:
        """Record what became known. Raises `SetupError` for a video that was never begun."""
        with self._database.writing() as connection:
            changed = connection.execute(
                """
                UPDATE video SET title = coalesce(:title, title), updated_at = :now,
                    duration_s = coalesce(:duration_s, duration_s), language = coalesce(:language, language)
                WHERE id = :id
                """,
                {
                    "id": video_id,
                    "title": None if title is None else storable(title),
                    "duration_s": duration_s,
                    "language": language,
                    "now": _now(),
                },
            )
            self._must_be_known(changed, video_id)

    def advance(self, video_id: str, *, stage: str, percent: float) -> None:
        """Record how far a run is; nothing happens when none is running (a straggler after the end)."""
        with self._database.writing() as connection:
            connection.execute(
                """
                UPDATE video SET stage = :stage, percent = max(percent, :percent), updated_at = :now
                WHERE id = :id AND status = 'running'
                """,
                {
                    "id": video_id,
                    "stage": stage,
                    "percent": min(max(percent, 0.0), _HUNDRED),
                    "now": _now(),
                },
            )

    def finish(
        self,
        video_id: str,
        *,
        status: str,
        reasons: Sequence[str],
        library: str | None = None,
        result_json: str | None = None,
    ) -> None:
        """The run ended. Raises `SetupError` for a video that was never begun."""
        with self._database.writing() as connection:
            changed = connection.execute(
                """
                UPDATE video SET status = :status, reasons = :reasons, updated_at = :now,
                    percent = CASE WHEN :status IN ('completed', 'partial') THEN 100 ELSE percent END,
                    library = coalesce(:library, library), result_json = coalesce(:result_json, result_json)
                WHERE id = :id
                """,
                {
                    "id": video_id,
                    "status": status,
                    "reasons": json.dumps(list(reasons)),
                    "library": None if library is None else storable(library),
                    "result_json": None if result_json is None else storable(result_json),
                    "now": _now(),
                },
            )
            self._must_be_known(changed, video_id)

    def get(self, video_id: str) -> VideoRow | None:
        """One row by exact id."""
        rows = self._rows("WHERE id = ?", storable(video_id))
        return rows[0] if rows else None

    def find(self, prefix: str) -> list[VideoRow]:
        """Rows whose id starts with `prefix`, upper and lower case told apart."""
        return self._rows("WHERE substr(id, 1, length(?1)) = ?1 ORDER BY run DESC", storable(prefix))

    def _rows(self, clause: str, value: str | int) -> list[VideoRow]:
        with self._database.reading() as connection:
            query = f"SELECT {_COLUMNS} FROM video {clause}"  # noqa: S608 - both are ours, values are bound
            return [_row(found) for found in connection.execute(query, (value,))]

    def _must_be_known(self, changed: sqlite3.Cursor, video_id: str) -> None:
        if not changed.rowcount:
            raise SetupError(f"The catalog {self._database.path} knows no video {video_id}; run it again.")

    def list(self, *, limit: int = 100) -> list[VideoRow]:
        """Rows, newest first."""
        return self._rows("ORDER BY run DESC LIMIT ?", max(limit, 0))


def _row(found: sqlite3.Row) -> VideoRow:
    values = dict(found)
    return VideoRow(**{**values, "reasons": tuple(json.loads(values["reasons"]))})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
