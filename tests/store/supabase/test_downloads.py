"""Downloads: resumed where they broke off, begun again where what is there changed, checked at the end."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import CancelledError, SetupError, StoreError
from mindreel.store.protocols import no_tick
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.downloads import DamagedError, download, read_whole
from mindreel.store.supabase.objects import object_url
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project
from tests.support.fault_proxy import Call, Fault, FaultProxy
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.keys import STORAGE_SECRET
from tests.support.supabase.stack import Stack

_KEY = "web-1/download-0123456789abcdef/media.mp4"
_CONTENT = bytes(range(256)) * 4096  # 1 MiB
_REF = ArtifactRef(_KEY, hashlib.sha256(_CONTENT).hexdigest(), len(_CONTENT), "video/mp4")
_NAME = object_name(_KEY, _REF.sha256)
_HALF = len(_CONTENT) // 2


@pytest.fixture
def stored(project: Project) -> Project:
    """The project with the artifact in it."""
    ensure_buckets(project)
    _put(project, _CONTENT)
    return project


@pytest.fixture
def proxy(stored: Project) -> Iterator[FaultProxy]:
    with FaultProxy(stored.access.url) as proxy:
        yield proxy


@pytest.fixture
def behind(proxy: FaultProxy, stored: Project) -> Iterator[Project]:
    """The project through the proxy."""
    with Project(SupabaseAccess(proxy.url, stored.access.key)) as project:
        yield project


def _put(project: Project, content: bytes) -> None:
    headers = {"content-type": "video/mp4", "x-upsert": "true"}
    address = object_url(project, "videos", _NAME)
    project.http.post(address, headers=project.headers | headers, content=content).raise_for_status()


def _etag(project: Project) -> str:
    answer = project.http.head(object_url(project, "videos", _NAME), headers=project.headers)
    return answer.headers["etag"]


@pytest.fixture
def half(stored: Project, tmp_path: Path) -> Path:
    """A part with the first half, as an interrupted download leaves it."""
    part = tmp_path / "part"
    part.write_bytes(_CONTENT[:_HALF])
    _note(part).write_text(_etag(stored))
    return part


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _ranges(stack: Supabase) -> list[str | None]:
    return [each["range"] for each in stack.requests() if each["method"] == "GET" and _KEY in each["path"]]


def test_it_comes_whole_and_says_how_far_it_is(stored: Project, tmp_path: Path) -> None:
    ticks: list[int] = []
    download(stored, "videos", _REF, tmp_path / "part", ticks.append)
    assert (tmp_path / "part").read_bytes() == _CONTENT
    assert (ticks, ticks[-1]) == (sorted(ticks), len(_CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_it_goes_on_where_an_interrupted_one_ended(
    stored: Project, half: Path, supabase_stack: Supabase
) -> None:
    download(stored, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT
    assert _ranges(supabase_stack) == [f"bytes={_HALF}-"]


def test_a_cancelled_one_can_be_gone_on_with(
    stored: Project, tmp_path: Path, supabase_stack: Supabase
) -> None:
    def tick(done_bytes: int) -> None:
        if done_bytes >= _HALF:
            raise CancelledError("It was cancelled.")

    part = tmp_path / "part"
    with pytest.raises(CancelledError):
        download(stored, "videos", _REF, part, tick)
    done = part.stat().st_size
    assert _HALF <= done < len(_CONTENT)
    assert _note(part).read_text() == _etag(stored)
    download(stored, "videos", _REF, part, no_tick)
    assert part.read_bytes() == _CONTENT
    assert _ranges(supabase_stack)[1:] == [f"bytes={done}-"]


def test_another_etag_begins_again(stored: Project, half: Path) -> None:
    half.write_bytes(b"other" * 100_000)
    _note(half).write_text('"of another content"')
    download(stored, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT


@pytest.mark.parametrize("note", ["", 'W/"weak"'])
def test_without_an_etag_to_go_by_the_sum_decides(stored: Project, half: Path, note: str) -> None:
    _note(half).write_text(note)
    download(stored, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT


def test_a_server_without_ranges_sends_all_of_it(half: Path, supabase_stack: Supabase) -> None:
    if not isinstance(supabase_stack, Stack):
        pytest.skip("a real project has ranges")
    with Project(SupabaseAccess(supabase_stack.storage_url, STORAGE_SECRET)) as bare:
        download(bare, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT


def test_a_part_that_is_whole_asks_for_nothing(
    stored: Project, tmp_path: Path, supabase_stack: Supabase
) -> None:
    (tmp_path / "part").write_bytes(_CONTENT)
    download(stored, "videos", _REF, tmp_path / "part", no_tick)
    assert _ranges(supabase_stack) == []


@pytest.mark.parametrize("flipped", [0, _HALF - 1])
def test_a_flipped_byte_in_the_part_is_detected(
    stored: Project, half: Path, flipped: int, supabase_stack: Supabase
) -> None:
    damaged = bytearray(_CONTENT[:_HALF])
    damaged[flipped] ^= 1
    half.write_bytes(damaged)
    download(stored, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT
    assert not _note(half).exists()
    assert _ranges(supabase_stack) == [f"bytes={_HALF}-", None]


def test_a_byte_that_flipped_on_the_way_is_fetched_again(
    proxy: FaultProxy, stored: Project, behind: Project, tmp_path: Path
) -> None:
    content = bytearray(_CONTENT)
    content[-1] ^= 1
    _put(stored, bytes(content))

    def heal(call: Call) -> None:
        if call.count == 2:
            _put(stored, _CONTENT)

    proxy.follow(heal)
    download(behind, "videos", _REF, tmp_path / "part", no_tick)
    assert (tmp_path / "part").read_bytes() == _CONTENT
    assert len(proxy.calls) == 2


def test_a_flipped_byte_in_storage_is_told_after_two_looks(
    stored: Project, half: Path, supabase_stack: Supabase
) -> None:
    damaged = bytearray(_CONTENT)
    damaged[-1] ^= 1
    _put(stored, bytes(damaged))
    with pytest.raises(DamagedError, match=r"media\.mp4 lies damaged in Supabase; run the video again"):
        download(stored, "videos", _REF, half, no_tick)
    assert not half.exists()
    assert not _note(half).exists()
    assert _ranges(supabase_stack)[-1] is None


@pytest.mark.parametrize("size", [len(_CONTENT) + 10, 3 * len(_CONTENT)])
def test_content_that_is_too_long_is_damaged(stored: Project, half: Path, size: int) -> None:
    _put(stored, b"x" * size)
    with pytest.raises(DamagedError, match=r"media\.mp4"):
        download(stored, "videos", _REF, half, no_tick)


@pytest.mark.parametrize("server", ["with ranges", "without"])
def test_content_that_is_too_short_ends_the_attempt(
    stored: Project, half: Path, supabase_stack: Supabase, server: str
) -> None:
    _put(stored, b"x" * 10)
    access = stored.access
    if server == "without":
        if not isinstance(supabase_stack, Stack):
            pytest.skip("a real project has ranges")
        access = SupabaseAccess(supabase_stack.storage_url, STORAGE_SECRET)
    with (
        Project(access) as project,
        pytest.raises(StoreError, match=r"gives no more of web-1/.*/media\.mp4 than"),
    ):
        download(project, "videos", _REF, half, no_tick)


def test_a_part_that_is_too_long_is_thrown_away(stored: Project, half: Path) -> None:
    half.write_bytes(_CONTENT + b"x")
    download(stored, "videos", _REF, half, no_tick)
    assert half.read_bytes() == _CONTENT


def test_an_answer_that_is_cut_is_gone_on_with_in_the_same_call(
    proxy: FaultProxy, behind: Project, tmp_path: Path
) -> None:
    proxy.follow(lambda call: Fault.CUT if call.count <= 3 else None)
    download(behind, "videos", _REF, tmp_path / "part", no_tick)
    assert (tmp_path / "part").read_bytes() == _CONTENT
    assert len(proxy.calls) == 4


def test_a_line_that_lets_nothing_through_ends_the_attempt_and_keeps_the_part(
    proxy: FaultProxy, behind: Project, tmp_path: Path
) -> None:
    def broken(call: Call) -> Fault:
        return Fault.CUT if call.count == 1 else Fault.RESET_BEFORE

    proxy.follow(broken)
    with pytest.raises(StoreError):
        download(behind, "videos", _REF, tmp_path / "part", no_tick)
    assert len(proxy.calls) == 2
    assert (tmp_path / "part").read_bytes() == _CONTENT[:_HALF]


def test_an_artifact_or_bucket_that_is_not_there_is_a_sentence(stored: Project, tmp_path: Path) -> None:
    missing = ArtifactRef("web-1/a/b", _REF.sha256, 5, "text/plain")
    with pytest.raises(SetupError, match="web-1/a/b is gone from Supabase; run the video again"):
        download(stored, "videos", missing, tmp_path / "part", no_tick)
    with pytest.raises(SetupError, match="lacks the bucket for the artifact web-1/a/b"):
        download(stored, "nowhere", missing, tmp_path / "part", no_tick)


def test_a_full_disk_gets_back_what_the_part_took(
    stored: Project, half: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int, __: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("mindreel.store.supabase.part_file.os.write", full)
    with pytest.raises(OSError, match="No space left"):
        download(stored, "videos", _REF, half, no_tick)
    assert not half.exists()


def test_small_content_is_none_only_where_storage_says_that_there_is_none(behind: Project) -> None:
    assert read_whole(behind, "videos", _NAME) == _CONTENT
    assert read_whole(behind, "videos", "web-1/a/b") is None
    with pytest.raises(SetupError, match="lacks the bucket"):
        read_whole(behind, "nowhere", "web-1/a/b")
    with (
        Project(SupabaseAccess(behind.access.url, "a-wrong-key")) as stranger,
        pytest.raises(SetupError),
    ):
        read_whole(stranger, "videos", _NAME)


@pytest.mark.parametrize(
    "fault", [Fault.ERROR, Fault.UNAVAILABLE, Fault.RESET_BEFORE, Fault.CUT, Fault.CONFLICT, Fault.GARBAGE]
)
def test_small_content_is_not_none_because_of_another_error(
    proxy: FaultProxy, behind: Project, fault: Fault
) -> None:
    proxy.follow(lambda _: fault)
    with pytest.raises(StoreError):
        read_whole(behind, "videos", "web-1/a/b")
