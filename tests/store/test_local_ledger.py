"""What the ledger in SQLite promises beyond the contract: other processes, crashes, older files."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.video import VideoIdentity
from mindreel.errors import SetupError
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger

_REGISTER = """
import sys
from pathlib import Path
from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.video import VideoIdentity
from mindreel.store.local_ledger import LocalLedger
path, own = Path(sys.argv[1]), sys.argv[2]
ledger = LocalLedger(path)
print("ready", flush=True)
sys.stdin.readline()
for state in range(20):
    ids = [f"v{state}-{number}" for number in range(20)]
    rows = tuple(CsvRow(n, i, video=VideoIdentity(i, "generic", i)) for n, i in enumerate(ids, 2))
    ledger.register(BatchFile(own + str(state), "/inbox", f"{own}{state}.csv", "1", own * 64), CsvFile(rows))
"""
_CHANGE_FOREVER = """
import itertools, sys
from pathlib import Path
from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.video import VideoIdentity
from mindreel.store.local_ledger import LocalLedger
ledger = LocalLedger(Path(sys.argv[1]))
for state in itertools.count():
    ids = [f"v{state % 3}-{number}" for number in range(200)]
    rows = tuple(CsvRow(n, i, video=VideoIdentity(i, "generic", i)) for n, i in enumerate(ids, 2))
    ledger.register(BatchFile("talks", "/inbox", "talks.csv", str(state), f"{state:064x}"), CsvFile(rows))
    ledger.take("talks", limit=50, most_open=100)
    print("registered", flush=True)
"""
_FIRST_SCHEMA = """
CREATE TABLE video (
    id TEXT PRIMARY KEY, run INTEGER NOT NULL, source TEXT NOT NULL, platform TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '', status TEXT NOT NULL, stage TEXT NOT NULL, percent REAL NOT NULL,
    reasons TEXT NOT NULL DEFAULT '[]', duration_s REAL, language TEXT, library TEXT,
    workflow_id TEXT NOT NULL, request_json TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, result_json TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX video_run ON video (run);
PRAGMA application_id = 0x6D726361;
PRAGMA user_version = 1;
INSERT INTO video VALUES ('done', 1, 'a.mp4', 'file', 'A talk', 'completed', 'publish', 100, '[]', 60.0, 'en',
    '/library/done', 'video-done', '{}',
    '2026-01-02T03:04:05.678+00:00', '2026-01-02T03:05:00.000+00:00', '{}');
INSERT INTO video VALUES ('bad', 2, 'b.mp4', 'file', '', 'failed', 'download', 4, '["Gone."]', NULL, NULL,
    NULL, 'video-bad', '{}', '2026-01-02T03:04:05.678+00:00', '2026-01-02T03:05:00.000+00:00', NULL);
"""


def _file_of(*ids: str) -> tuple[BatchFile, CsvFile]:
    rows = tuple(CsvRow(n, i, video=VideoIdentity(i, "generic", i)) for n, i in enumerate(ids, 2))
    return BatchFile("talks", "/inbox", "talks.csv", "1", "0" * 64), CsvFile(rows)


def test_a_catalog_of_the_first_version_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_FIRST_SCHEMA)
    done = LocalCatalog(path).get("done")
    assert done is not None
    assert (done.title, done.status, done.library, done.error_class) == (
        *("A talk", "completed", "/library/done"),
        "",
    )
    assert (done.updated_at, done.began_at) == ("2026-01-02T03:05:00.000+00:00", None)
    ledger = LocalLedger(path)
    ledger.register(*_file_of("done", "bad", "new"))
    assert [row.outcome for row in ledger.rows("talks")] == ["duplicate", "waiting", "waiting"]
    assert ledger.rows("talks")[0].message == "It was finished on 2026-01-02; that result is used."
    assert len(ledger.take("talks", limit=9, most_open=9)) == 2
    assert [row.id for row in LocalCatalog(path).list()] == ["new", "bad", "done"]


def test_a_run_that_was_not_heard_of_for_an_hour_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    catalog, ledger = LocalCatalog(path), LocalLedger(path)
    for video_id in ("lost", "lively"):
        catalog.begin(video_id, source="s", platform="file", workflow_id="w", request_json="{}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE video SET updated_at = '2026-01-02T03:04:05.678+00:00' WHERE id = 'lost'")
        connection.commit()
    ledger.register(*_file_of("lost", "lively"))
    assert [row.outcome for row in ledger.rows("talks")] == ["waiting", "duplicate"]


def test_of_two_processes_with_the_same_videos_each_row_is_an_original_or_a_duplicate(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    path = tmp_path / "catalog.db"
    children = [start_python(_REGISTER, path, name) for name in "ab"]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.close()
    assert [child.wait() for child in children] == [0, 0]
    ledger = LocalLedger(path)
    rows = [row for view in ledger.batches() for row in ledger.rows(view.name)]
    assert Counter(row.outcome for row in rows) == {"waiting": 400, "duplicate": 400}
    assert len({row.video_id for row in rows if row.outcome == "waiting"}) == 400


def test_a_process_killed_while_it_takes_a_file_leaves_the_old_state_or_the_new(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    path = tmp_path / "catalog.db"
    for _ in range(4):
        child = start_python(_CHANGE_FOREVER, path)
        assert child.stdout.readline() == "registered\n"
        child.kill()
        child.wait()
        rows = LocalLedger(path).rows("talks")
        assert len(rows) == 200
        assert len({(row.video_id or "")[:2] for row in rows}) == 1
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(SetupError, match="is damaged"):
        LocalLedger(tmp_path / "catalog.db").batches()
