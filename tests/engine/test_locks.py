import subprocess
import sys
import threading
from pathlib import Path

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


def test_a_lock_whose_file_was_deleted_meanwhile_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    """Holders delete the file; who waited with the deleted file open must not share the new one's lock."""
    path = tmp_path / "lock"
    inside = threading.Semaphore(1)
    overlaps: list[str] = []

    def enter_often() -> None:
        for _ in range(100):
            with FileLock(path) as lock:
                assert lock.acquire(timeout_s=60)
                if not inside.acquire(blocking=False):
                    overlaps.append("two holders")
                    continue
                inside.release()
                path.unlink()

    threads = [threading.Thread(target=enter_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []


def test_the_holder_is_named(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as lock:
        assert lock.acquire()
        lock.write_pid(1234567)
        lock.write_pid(42)
    assert holder_pid(tmp_path / "lock") == 42
    assert holder_pid(tmp_path / "none") is None
    (tmp_path / "none").write_text("text")
    assert holder_pid(tmp_path / "none") is None
