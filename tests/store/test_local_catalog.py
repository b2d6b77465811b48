"""What the catalog in SQLite promises beyond the contract: other processes, crashes, damaged files."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mindreel.errors import BusyError, SetupError
from mindreel.store import sqlite
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_search import LocalSearchIndex

_BEGIN_MANY = """
import sys
from pathlib import Path
from mindreel.store.local_catalog import LocalCatalog
catalog = LocalCatalog(Path(sys.argv[1]))
for number in range(50):
    video = f"{sys.argv[2]}-{number}"
    catalog.begin(video, source="s", platform="file", workflow_id="w", request_json="{}")
    catalog.advance("shared", stage="download", percent=number)
"""
_BEGIN_FOREVER = """
import sys
from pathlib import Path
from mindreel.store.local_catalog import LocalCatalog
catalog = LocalCatalog(Path(sys.argv[1]))
for number in range(10**9):
    catalog.begin("a", source=str(number), platform="file", workflow_id=str(number), request_json="{}")
    print("begun", flush=True)
"""


def test_four_processes_that_start_at_once_share_a_new_catalog(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    path = tmp_path / "new folder" / "catalog.db"
    children = [start_python(_BEGIN_MANY, path, name) for name in "abcd"]
    assert [child.wait() for child in children] == [0, 0, 0, 0]
    assert len(LocalCatalog(path).list(limit=1000)) == 200


def test_a_writer_killed_at_any_moment_leaves_whole_rows(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    path = tmp_path / "catalog.db"
    for pause_s in (0.0, 0.002, 0.005, 0.011):
        child = start_python(_BEGIN_FOREVER, path)
        assert child.stdout.readline() == "begun\n"
        time.sleep(pause_s)
        child.kill()
        child.wait()
        row = LocalCatalog(path).get("a")
        assert row is not None
        assert row.source == row.workflow_id
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_catalog_somebody_deleted_is_begun_anew(tmp_path: Path) -> None:
    catalog = LocalCatalog(tmp_path / "catalog.db")
    catalog.begin("a", source="s", platform="file", workflow_id="w", request_json="{}")
    (tmp_path / "catalog.db").unlink()
    assert catalog.list() == []


def test_a_catalog_that_others_hold_is_busy_and_no_fault_of_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_S", 0.05)
    path = tmp_path / "catalog.db"
    catalog = LocalCatalog(path)
    catalog.begin("a", source="s", platform="file", workflow_id="w", request_json="{}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="held by another process"):
            catalog.advance("a", stage="download", percent=1.0)


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(SetupError, match=r"catalog\.db is damaged .*move it away"):
        LocalCatalog(tmp_path / "catalog.db").list()


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read or written"):
        LocalCatalog(tmp_path).list()


def test_a_path_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be used"):
        LocalCatalog(tmp_path / "file" / "catalog.db").list()


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    with pytest.raises(SetupError, match="another program's database"):
        LocalCatalog(tmp_path / "other.db").list()


def test_the_search_index_is_not_taken_for_the_catalog(tmp_path: Path) -> None:
    LocalSearchIndex(tmp_path / "one.db").search("x", ())
    with pytest.raises(SetupError, match="another program's database"):
        LocalCatalog(tmp_path / "one.db").list()


def test_a_catalog_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    LocalCatalog(path).list()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SetupError, match="newer mindreel"):
        LocalCatalog(path).list()
