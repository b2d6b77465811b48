"""What the store on the local disk promises beyond the contract: crashes, other disks, other processes."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindreel.errors import InputError, SetupError
from mindreel.store.incoming import Incoming
from mindreel.store.local_artifacts import LocalArtifactStore

_WRITER = """
import sys
from pathlib import Path
from mindreel.store.local_artifacts import LocalArtifactStore
store = LocalArtifactStore(Path(sys.argv[1]))
while True:
    for letter in b"AB":
        store.put_bytes("v/s/a", bytes([letter]) * 8_000_000, "text/plain")
        print("stored", flush=True)
"""
_HALF_WRITER = """
import sys, time
from pathlib import Path
from mindreel.store.incoming import Incoming
path = Incoming(Path(sys.argv[1]) / ".incoming").new_path()
path.write_bytes(b"half")
print("written", flush=True)
time.sleep(600)
"""


def _incoming(root: Path) -> list[Path]:
    return list((root / ".incoming").iterdir())


def test_a_writer_killed_at_any_moment_leaves_whole_content_and_nothing_else(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    for pause_s in (0.0, 0.003, 0.006, 0.01, 0.02):
        child = start_python(_WRITER, tmp_path)
        assert child.stdout.readline() == "stored\n"
        time.sleep(pause_s)
        child.kill()
        child.wait()
        content = LocalArtifactStore(tmp_path).read_bytes("v/s/a")
        assert content in (b"A" * 8_000_000, b"B" * 8_000_000)
        assert _incoming(tmp_path) == []


def test_a_half_written_file_is_swept_once_its_writer_is_dead_and_not_before(
    tmp_path: Path, start_python: Callable[..., Any]
) -> None:
    child = start_python(_HALF_WRITER, tmp_path)
    assert child.stdout.readline() == "written\n"
    LocalArtifactStore(tmp_path)
    assert len(_incoming(tmp_path)) == 1
    child.kill()
    child.wait()
    LocalArtifactStore(tmp_path)
    assert _incoming(tmp_path) == []


def test_another_machines_file_is_swept_only_after_an_hour_of_silence(tmp_path: Path) -> None:
    folder = tmp_path / ".incoming"
    folder.mkdir()
    quiet, busy = folder / "1~999999~elsewhere", folder / "2~999999~elsewhere"
    for path in (quiet, busy):
        path.write_bytes(b"half")
    os.utime(quiet, (time.time() - 3700,) * 2)
    LocalArtifactStore(tmp_path)
    assert _incoming(tmp_path) == [busy]


def test_a_deletion_that_crashed_half_way_is_finished_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / ".incoming" / "1~999999~elsewhere"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "file").write_bytes(b"1")
    os.utime(left, (0, 0))
    LocalArtifactStore(tmp_path)
    assert _incoming(tmp_path) == []


def test_a_file_is_moved_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"content")
    inode = source.stat().st_ino
    store = LocalArtifactStore(tmp_path / "store")
    ref = store.put_file("v/s/a", source, "text/plain")
    assert not source.exists()
    assert store.local_path(ref, folder=tmp_path).stat().st_ino == inode


def test_a_link_is_followed_and_what_it_points_to_stays(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(b"content")
    (tmp_path / "link").symlink_to(original)
    store = LocalArtifactStore(tmp_path / "store")
    ref = store.put_file("v/s/a", tmp_path / "link", "text/plain")
    assert original.read_bytes() == b"content"
    assert not store.local_path(ref, folder=tmp_path).is_symlink()


def test_a_file_on_another_disk_is_copied_then_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_disk = tmp_path / "other-disk"
    other_disk.mkdir()
    (other_disk / "source").write_bytes(b"content")
    rename = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if path.is_relative_to(other_disk):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    store = LocalArtifactStore(tmp_path / "store")
    ref = store.put_file("v/s/a", other_disk / "source", "text/plain")
    assert store.local_path(ref, folder=tmp_path).read_bytes() == b"content"
    assert not (other_disk / "source").exists()
    assert _incoming(tmp_path / "store") == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalArtifactStore(tmp_path)

    def on_the_full_disk(_: Incoming) -> Path:
        path = tmp_path / ".incoming" / "full"
        path.parent.mkdir(exist_ok=True)
        return path

    def copy_to_a_full_disk(_: Path, __: Path) -> None:
        Path("/dev/full").write_bytes(b"1")

    (tmp_path / "source").write_bytes(b"content")
    monkeypatch.setattr(Incoming, "new_path", on_the_full_disk)
    monkeypatch.setattr("shutil.copyfile", copy_to_a_full_disk)
    with pytest.raises(SetupError, match=r"The disk is full: v/s/a .*free some space"):
        store.put_file("v/s/a", tmp_path / "source", "text/plain")
    assert store.read_bytes("v/s/a") is None
    assert _incoming(tmp_path) == []


def test_a_store_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="could not be stored"):
        LocalArtifactStore(tmp_path / "file" / "store")


def test_deleting_counts_only_bytes_that_nothing_else_holds(tmp_path: Path) -> None:
    store = LocalArtifactStore(tmp_path / "store")
    ref = store.put_bytes("v/s/a", b"12345", "text/plain")
    store.put_bytes("v/s/b", b"123", "text/plain")
    (tmp_path / "library.txt").hardlink_to(store.local_path(ref, folder=tmp_path))
    assert store.delete_prefix("v").freed_bytes == 3
    assert (tmp_path / "library.txt").read_bytes() == b"12345"


@given(key=st.text(st.sampled_from("ab./\\-_ é\0"), max_size=12))
def test_no_key_reaches_outside_the_store(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    root = tmp_path_factory.mktemp("keys")
    store = LocalArtifactStore(root / "store")
    try:
        ref = store.put_bytes(key, b"1", "text/plain")
    except InputError:
        assert list((root / "store").rglob("*")) == []
        return
    assert store.local_path(ref, folder=root).resolve().is_relative_to(root / "store")
    assert store.read_bytes(key) == b"1"
    assert list(root.iterdir()) == [root / "store"]
