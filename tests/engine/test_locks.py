import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mindreel.engine.locks import FileLock, holder_pid, is_held


def test_a_lock_excludes_others_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with FileLock(path) as first, FileLock(path) as second:
        assert first.acquire()
        assert is_held(path)
        assert not second.acquire(timeout_s=0.1)
        first.release()
        assert second.acquire()
    assert not is_held(path)


def test_a_child_that_inherits_the_lock_holds_it_until_it_ends(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire()
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock.fileno(),)
    )
    lock.release()
    assert is_held(tmp_path / "lock")
    child.communicate(b"\n", timeout=60)
    assert not is_held(tmp_path / "lock")


def test_a_lock_whose_file_was_deleted_meanwhile_is_not_taken_for_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holders delete the file; who opened it just before must not share the new file's lock."""
    path = tmp_path / "lock"
    path.touch()
    deleted: list[int] = []
    real = fcntl.flock

    def flock(descriptor: int, operation: int) -> None:
        if not deleted:
            deleted.append(path.stat().st_ino)
            path.rename(tmp_path / "deleted")
            path.touch()
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with FileLock(path) as lock:
        assert lock.acquire(timeout_s=60)
        assert deleted != [os.fstat(lock.fileno()).st_ino]
        assert is_held(path)


def test_the_holder_is_named(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as lock:
        assert lock.acquire()
        lock.write_pid(1234567)
        lock.write_pid(42)
    assert holder_pid(tmp_path / "lock") == 42
    assert holder_pid(tmp_path / "none") is None
    (tmp_path / "none").write_text("text")
    assert holder_pid(tmp_path / "none") is None
