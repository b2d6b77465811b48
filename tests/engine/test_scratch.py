import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from mindreel.engine.locks import FileLock
from mindreel.engine.scratch import Scratch
from mindreel.errors import CancelledError, NotAVideoError, TransientError

REPOSITORY = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from mindreel.engine.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]))
with scratch.folder("clip") as one, scratch.keyed("download of a video") as two:
    (one / "half.mp4").write_bytes(b"x" * 1000)
    (two / "part").write_text("half")
    print("holding", flush=True)
    time.sleep(600)
"""


def _left(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.name != "scratch.lock")


def _holder(root: Path, monkeypatch: pytest.MonkeyPatch) -> subprocess.Popen[bytes]:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(root)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"holding\n"
    return process


def _work_and_fail(path: Path, error: BaseException) -> None:
    (path / "part").touch()
    raise error


def _age(root: Path, hours: float) -> None:
    for lock in (root / "keyed").glob("*.lock"):
        os.utime(lock, (time.time() - 3600 * hours,) * 2)


def test_a_folder_is_gone_with_all_around_it_after_use_and_after_an_error(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "tmp")
    with scratch.folder("clip 录像/../x") as path:
        assert path.resolve().is_relative_to(tmp_path / "tmp" / "own")
        (path / "deep" / "er").mkdir(parents=True)
        (path / "deep" / "er" / "file").touch()
    with pytest.raises(ValueError, match="cut"), scratch.folder("clip") as path:
        _work_and_fail(path, ValueError("cut"))
    assert _left(tmp_path / "tmp") == ["own"]


def test_threads_get_folders_of_their_own(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    seen: list[Path] = []

    def use() -> None:
        for _ in range(20):
            with scratch.folder("x") as path:
                seen.append(path)
                assert list(path.iterdir()) == []
                (path / "file").touch()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 160
    assert _left(tmp_path) == ["own"]


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_uses_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = Scratch(tmp_path)
    process = _holder(tmp_path, monkeypatch)
    assert scratch.sweep() == []
    assert any(name.endswith("half.mp4") for name in _left(tmp_path))
    process.kill()
    process.communicate()
    with scratch.folder("mine") as mine:
        (swept,) = scratch.sweep()
        assert mine.exists()
    assert swept.parent == tmp_path / "own"
    assert list((tmp_path / "own").iterdir()) == []


def test_the_next_attempt_finds_what_a_killed_one_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = _holder(tmp_path, monkeypatch)
    process.kill()
    process.communicate()
    scratch = Scratch(tmp_path)
    scratch.sweep()
    with scratch.keyed("download of a video") as path:
        assert (path / "part").read_text() == "half"
    assert list((tmp_path / "keyed").iterdir()) == []


def test_a_keyed_folder_is_kept_for_a_retry_and_removed_when_no_retry_helps(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    for kept in (TransientError("the line broke"), OSError("the disk is full"), KeyboardInterrupt()):
        with pytest.raises(type(kept)), scratch.keyed("a") as path:
            _work_and_fail(path, kept)
        assert (path / "part").exists()
    for final in (NotAVideoError("a text file"), CancelledError("by a person")):
        with pytest.raises(type(final)), scratch.keyed("a") as path:
            _work_and_fail(path, final)
        assert list((tmp_path / "keyed").iterdir()) == []


def test_the_caller_may_decide_what_is_kept(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with (
        pytest.raises(CancelledError),
        scratch.keyed("a", keep=lambda error: isinstance(error, CancelledError)) as path,
    ):
        raise CancelledError("the worker shuts down")
    assert path.exists()


def test_names_that_look_alike_have_folders_of_their_own(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    names = ["a/b", "a b", "a-b", "", ".", "..", "../../etc", "录像", "录音", "x" * 500, "x" * 501, "\udcff"]
    paths = set()
    for name in names:
        with scratch.keyed(name) as path:
            assert path.parent == tmp_path / "keyed"
            assert path.is_dir()
            paths.add(path)
    assert len(paths) == len(names)


def test_two_attempts_never_share_a_keyed_folder(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    inside = threading.Semaphore(1)
    overlaps: list[str] = []

    def attempt() -> None:
        for _ in range(10):
            with scratch.keyed("a", wait_s=120) as path:
                if not inside.acquire(blocking=False):
                    overlaps.append("shared")
                (path / "part").touch()
                inside.release()

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []


def test_an_attempt_that_finds_another_at_work_waits_and_then_asks_for_a_retry(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with scratch.keyed("a") as path:
        (path / "part").touch()
        with pytest.raises(TransientError, match="Another attempt"), scratch.keyed("a", wait_s=0.2):
            pass
        with pytest.raises(CancelledError), scratch.keyed("a", wait_cancelled=lambda _s: True):
            pass
        assert (path / "part").exists()


def test_keyed_folders_unused_for_a_day_are_swept(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    with pytest.raises(TransientError), scratch.keyed("old") as old:
        raise TransientError("later")
    _age(tmp_path, 23)
    assert scratch.sweep() == []
    _age(tmp_path, 25)
    with scratch.keyed("used") as used:
        _age(tmp_path, 25)
        assert scratch.sweep() == [old]
        assert used.exists()
    assert list((tmp_path / "keyed").iterdir()) == []


def test_a_lock_file_without_a_folder_is_swept_too(tmp_path: Path) -> None:
    (tmp_path / "keyed").mkdir()
    with FileLock(tmp_path / "keyed" / "a.lock") as lock:
        lock.acquire()
    _age(tmp_path, 25)
    Scratch(tmp_path).sweep()
    assert list((tmp_path / "keyed").iterdir()) == []


def test_sweeps_and_folders_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    scratches = [Scratch(tmp_path) for _ in range(3)]
    errors: list[BaseException] = []

    def use(scratch: Scratch) -> None:
        try:
            for _ in range(30):
                with scratch.folder("x") as path:
                    (path / "file").write_text("mine")
                    scratch.sweep()
                    assert (path / "file").read_text() == "mine"
        except (AssertionError, OSError) as error:
            errors.append(error)

    threads = [threading.Thread(target=use, args=(scratch,)) for scratch in scratches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert _left(tmp_path) == ["own"]


def test_no_sweep_comes_between_a_new_owner_and_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps: list[threading.Thread] = []

    class SlowLock(FileLock):
        def acquire(self, *, timeout_s: float = 0.0) -> bool:
            if self.path.name == "alive" and not sweeps:
                sweeps.append(threading.Thread(target=Scratch(tmp_path).sweep))
                sweeps[0].start()
                sweeps[0].join(timeout=0.5)
            return super().acquire(timeout_s=timeout_s)

    monkeypatch.setattr("mindreel.engine.scratch.FileLock", SlowLock)
    with Scratch(tmp_path).folder("x") as path:
        sweeps[0].join()
        assert path.exists()


def test_what_cannot_be_removed_now_is_said_and_left_for_the_next_sweep(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil  # noqa: PLC0415 - patched here

    real = shutil.rmtree

    def busy(*_: Any, **__: Any) -> None:
        raise OSError(39, "Directory not empty")

    scratch = Scratch(tmp_path)
    with scratch.folder("x") as path:
        monkeypatch.setattr(shutil, "rmtree", busy)
    assert "could not be removed yet" in caplog.text
    monkeypatch.setattr(shutil, "rmtree", real)
    assert path.exists()
    assert len(scratch.sweep()) == 1
    assert not path.exists()
