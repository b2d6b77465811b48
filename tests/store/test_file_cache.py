"""What the cache of artifacts promises: one fetch a file, a bound, and nothing taken away from who reads."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import CancelledError, SetupError, TransientError
from mindreel.store.file_cache import FileCache

_KB = 1000
_BRINGER = """
import sys, time
from pathlib import Path
from mindreel.store.file_cache import FileCache
root, sha256, size, target, log = sys.argv[1:]
def fetch(part):
    with open(log, "a") as file:
        file.write("fetched\\n")
    time.sleep(0.2)
    part.write_bytes(b"x" * int(size))
cache = FileCache(Path(root), 10**9)
print("ready", flush=True)
sys.stdin.readline()
cache.bring(sha256, int(size), Path(target), fetch)
print(Path(target).stat().st_size, flush=True)
"""


class Origin:
    """Where files come from: content by its sum, and how often each was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []

    def bring(self, cache: FileCache, letter: str, size: int = 10 * _KB) -> Path:
        """The file of that many letters, through the cache."""
        content = letter.encode() * size
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.folder / f"{letter}-{len(list(self.folder.iterdir()))}"

        def fetch(part: Path) -> None:
            self.fetched.append(letter)
            part.write_bytes(content)

        cache.bring(sha256, size, target, fetch)
        assert target.read_bytes() == content
        return target


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    folder = tmp_path / "used"
    folder.mkdir()
    return Origin(folder)


def _kept(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_a_file_is_fetched_once_and_linked_from_then_on(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    first, second = origin.bring(cache, "a"), origin.bring(FileCache(tmp_path / "cache", 100 * _KB), "a")
    assert origin.fetched == ["a"]
    assert first.stat().st_ino == second.stat().st_ino


def test_the_least_recently_used_goes_first_and_who_reads_it_keeps_it(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 25 * _KB)
    origin.bring(cache, "a")
    time.sleep(0.01)
    reader = origin.bring(cache, "b")
    time.sleep(0.01)
    origin.bring(cache, "a")
    origin.bring(cache, "c")
    assert _kept(tmp_path / "cache") == 20 * _KB
    assert reader.read_bytes() == b"b" * 10 * _KB
    origin.bring(cache, "a")
    assert origin.fetched == ["a", "b", "c"]
    origin.bring(cache, "b")
    assert origin.fetched == ["a", "b", "c", "b"]


def test_the_bound_holds_but_for_the_file_in_hand(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 25 * _KB)
    origin.bring(cache, "a")
    origin.bring(cache, "b", 40 * _KB)
    assert _kept(tmp_path / "cache") == 40 * _KB
    origin.bring(cache, "c")
    assert _kept(tmp_path / "cache") == 10 * _KB


def test_many_at_once_end_within_the_bound(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 35 * _KB)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda letter: origin.bring(cache, letter), "abcdefghijklmnop" * 3))
    origin.bring(cache, "z")
    assert _kept(tmp_path / "cache") <= 35 * _KB


def test_two_processes_fetch_a_file_once(
    tmp_path: Path, start_python: Callable[..., Any], origin: Origin
) -> None:
    sha256 = hashlib.sha256(b"x" * 5).hexdigest()
    arguments = (tmp_path / "cache", sha256, 5)
    children = [
        start_python(_BRINGER, *arguments, origin.folder / str(number), tmp_path / "log")
        for number in range(2)
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("\n")
        child.stdin.flush()
    assert [child.stdout.readline() for child in children] == ["5\n", "5\n"]
    assert (tmp_path / "log").read_text() == "fetched\n"


def test_who_waits_for_another_says_how_far_that_one_is_and_can_be_cancelled(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    began, over = threading.Event(), threading.Event()

    def fetch(part: Path) -> None:
        part.write_bytes(b"1234567")
        began.set()
        over.wait()
        part.write_bytes(b"x" * 10)

    def tick(done_bytes: int) -> None:
        raise CancelledError(f"at {done_bytes}")

    with ThreadPoolExecutor() as pool:
        fetching = pool.submit(cache.bring, "0" * 64, 10, tmp_path / "first", fetch)
        try:
            assert began.wait(10)
            with pytest.raises(CancelledError, match="at 7"):
                cache.bring("0" * 64, 10, tmp_path / "second", fetch, tick=tick)
        finally:
            over.set()
        fetching.result()
    assert not (tmp_path / "second").exists()


def test_an_interrupted_fetch_leaves_its_part_for_the_next(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)

    def break_off(part: Path) -> None:
        part.write_bytes(b"12345")
        part.with_name(f"{part.name}.etag").write_text("note")
        raise TransientError("The network went away.")

    def go_on(part: Path) -> None:
        assert part.with_name(f"{part.name}.etag").read_text() == "note"
        part.write_bytes(part.read_bytes() + b"67890")

    with pytest.raises(TransientError):
        cache.bring("0" * 64, 10, tmp_path / "target", break_off)
    cache.bring("0" * 64, 10, tmp_path / "target", go_on)
    assert (tmp_path / "target").read_bytes() == b"1234567890"
    assert _kept(tmp_path / "cache") == 10


def test_parts_count_and_go_when_room_is_needed(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 25 * _KB)

    def break_off(part: Path) -> None:
        part.write_bytes(b"1" * 20 * _KB)
        raise TransientError("The network went away.")

    with pytest.raises(TransientError):
        cache.bring("0" * 64, 30 * _KB, tmp_path / "target", break_off)
    origin.bring(cache, "a")
    assert _kept(tmp_path / "cache") == 10 * _KB


def test_a_copy_of_another_size_is_fetched_anew(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    origin.bring(cache, "a")
    (copy,) = (tmp_path / "cache" / "files").iterdir()
    copy.chmod(0o644)
    os.truncate(copy, 5)
    origin.bring(cache, "a")
    assert origin.fetched == ["a", "a"]


def test_a_file_that_is_here_is_moved_in(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    made = tmp_path / "it's 视频 🎬.mp4"
    made.write_bytes(b"content")
    inode = made.stat().st_ino
    cache.take("0" * 64, made)
    assert not made.exists()
    cache.bring("0" * 64, 7, tmp_path / "target", _never)
    assert (tmp_path / "target").stat().st_ino == inode


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_file_with_another_name_stays_and_stays_writable(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    original, given = tmp_path / "original", tmp_path / "given"
    original.write_bytes(b"content")
    link(given, original)
    FileCache(tmp_path / "cache", 100 * _KB).take("0" * 64, given)
    assert given.read_bytes() == b"content"
    assert original.stat().st_mode & 0o200
    (copy,) = (tmp_path / "cache" / "files").iterdir()
    assert copy.stat().st_ino != original.stat().st_ino
    assert not copy.is_symlink()


def test_where_links_are_impossible_the_file_is_copied(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path, __: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    assert origin.bring(cache, "a").stat().st_ino != origin.bring(cache, "a").stat().st_ino
    assert origin.fetched == ["a"]


def test_a_sweep_takes_what_nobody_went_on_with_for_a_day_and_no_file(tmp_path: Path, origin: Origin) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    origin.bring(cache, "a")
    old, young = (tmp_path / "cache" / "parts" / (digit * 64) for digit in "12")
    for part in (old, young):
        part.write_bytes(b"12345")
        part.with_name(f"{part.name}.etag").touch()
    os.utime(old, (0, 0))
    assert cache.sweep() == Cleaned(1, 5)
    assert {path.name[:1] for path in (tmp_path / "cache" / "parts").iterdir()} == {"2"}
    origin.bring(cache, "a")
    assert origin.fetched == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 100 * _KB)
    with pytest.raises(SetupError, match=r"The disk is full: target could not be stored .*free some space"):
        cache.bring("0" * 64, 1, tmp_path / "target", lambda _: Path("/dev/full").write_bytes(b"1"))


def _never(_: Path) -> None:
    pytest.fail("it is here: nothing to fetch")
