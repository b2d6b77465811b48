import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from mindreel.contracts.stages import NAMES
from mindreel.errors import SetupError
from mindreel.store import local_runs as runs
from mindreel.store.catalog_schema import catalog_database, moment, now
from mindreel.store.protocols import Standing, VideoRow
from mindreel.store.sqlite import storable

_COLUMNS = ", ".join(field.name for field in fields(VideoRow))
_STANDING = ", ".join(field.name for field in fields(Standing))
_HUNDRED = 100.0


class LocalCatalog:
    """The catalog in one SQLite file; safe from several threads and processes.

    See `mindreel.store.protocols.Catalog`. Newest means begun last. Every method raises `SetupError` where
    the file cannot be used, `BusyError` where others hold it too long.
    """

    def __init__(self, path: Path) -> None:
        self._database = catalog_database(path)

    def begin(
        self,
        video_id: str,
        *,
        source: str,
        platform: str,
        workflow_id: str,
        request_json: str,
        run_id: str = "",
    ) -> None:
        """A run begins; what an earlier run found out stays until this one knows better."""
        with self._database.writing() as connection:
            if run_id and not runs.is_new(connection, video_id, run_id):
                return
            connection.execute(
                """
                INSERT INTO video (id, run, source, platform, status, stage, percent, workflow_id, run_id,
                                   request_json, created_at, updated_at, began_at, changed_at)
                VALUES (:id, (SELECT coalesce(max(run), 0) + 1 FROM video), :source, :platform,
                        'running', 'resolve', 0, :workflow_id, :run_id, :request_json, :now, :now, :now,
                        :moment)
                ON CONFLICT (id) DO UPDATE SET
                    run = excluded.run, source = excluded.source, platform = excluded.platform,
                    status = excluded.status, stage = excluded.stage, percent = 0, reasons = '[]',
                    error_class = '', reached = 0, began_at = excluded.began_at,
                    changed_at = excluded.changed_at, updated_at = excluded.updated_at,
                    workflow_id = excluded.workflow_id, run_id = excluded.run_id,
                    request_json = excluded.request_json
                """,
                {
                    "id": video_id,
                    "source": storable(source),
                    "platform": platform,
                    "workflow_id": workflow_id,
                    "run_id": run_id,
                    "request_json": storable(request_json),
                    "now": now(),
                    "moment": moment(),
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
                    changed_at = CASE WHEN :title != title THEN :moment ELSE changed_at END,
                    duration_s = coalesce(:duration_s, duration_s), language = coalesce(:language, language)
                WHERE id = :id
                """,
                {
                    "id": video_id,
                    "title": None if title is None else storable(title),
                    "duration_s": duration_s,
                    "language": language,
                    "now": now(),
                    "moment": moment(),
                },
            )
            self._must_be_known(changed.rowcount > 0, video_id)

    def advance(self, video_id: str, *, stage: str, percent: float, run_id: str = "") -> None:
        """Record how far a run is; nothing happens when none is running (a straggler after the end)."""
        with self._database.writing() as connection:
            if not runs.is_heard(connection, video_id, run_id, of=("running",)):
                return
            connection.execute(
                """
                UPDATE video SET stage = :stage, percent = max(percent, :percent), updated_at = :now,
                    changed_at = CASE WHEN :reached > reached THEN :moment ELSE changed_at END,
                    reached = max(reached, :reached)
                WHERE id = :id AND status = 'running'
                """,
                {
                    "id": video_id,
                    "stage": stage,
                    "percent": min(max(percent, 0.0), _HUNDRED),
                    "reached": NAMES.index(stage) if stage in NAMES else 0,
                    "now": now(),
                    "moment": moment(),
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
        error_class: str = "",
        stage: str = "",
        run_id: str = "",
    ) -> None:
        """The run ended. Raises `SetupError` for a video that was never begun."""
        with self._database.writing() as connection:
            row = connection.execute("SELECT status FROM video WHERE id = ?", (video_id,)).fetchone()
            self._must_be_known(row is not None, video_id)
            of = (row["status"],) if run_id else ("queued", "running")
            if not runs.is_heard(connection, video_id, run_id, of=of):
                return
            connection.execute(
                """
                UPDATE video SET status = :status, reasons = :reasons, updated_at = :now,
                    changed_at = :moment, error_class = :error_class,
                    stage = CASE :stage WHEN '' THEN stage ELSE :stage END,
                    percent = CASE WHEN :status IN ('completed', 'partial', 'expanded') THEN 100
                              ELSE percent END,
                    library = coalesce(:library, library), result_json = coalesce(:result_json, result_json)
                WHERE id = :id
                """,
                {
                    "id": video_id,
                    "status": status,
                    "reasons": json.dumps(list(reasons)),
                    "library": None if library is None else storable(library),
                    "result_json": None if result_json is None else storable(result_json),
                    "error_class": error_class,
                    "stage": stage,
                    "now": now(),
                    "moment": moment(),
                },
            )

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

    def standings(self) -> Iterator[Standing]:
        """How every video stands."""
        with self._database.reading() as connection:
            found = connection.execute(f"SELECT {_STANDING} FROM video ORDER BY id").fetchall()  # noqa: S608 - ours
        return (Standing(**dict(each)) for each in found)

    def _must_be_known(self, known: bool, video_id: str) -> None:  # noqa: FBT001 - what was found out
        if not known:
            raise SetupError(f"The catalog {self._database.path} knows no video {video_id}; run it again.")

    def list(self, *, limit: int = 100) -> list[VideoRow]:
        """Rows, newest first."""
        return self._rows("ORDER BY run DESC LIMIT ?", max(limit, 0))

    @contextmanager
    def holding(self, video_id: str) -> Iterator[VideoRow | None]:
        """A transaction that writes nothing: SQLite lets nobody else write until it ends."""
        with self._database.writing():
            yield self.get(video_id)


def _row(found: sqlite3.Row) -> VideoRow:
    values = dict(found)
    return VideoRow(**{**values, "reasons": tuple(json.loads(values["reasons"]))})
