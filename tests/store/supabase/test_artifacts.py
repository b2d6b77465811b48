"""What artifacts in a project promise beyond the contract: rows, copies, damage, differences, addresses."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import LimitExceededError, SetupError, StoreError
from mindreel.store.file_cache import FileCache
from mindreel.store.protocols import Difference
from mindreel.store.supabase import artifact_differences
from mindreel.store.supabase.artifacts import SupabaseArtifactStore
from mindreel.store.supabase.buckets import ensure_buckets
from mindreel.store.supabase.objects import object_url
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.stack import Stack

_FINGERPRINT = "0123456789abcdef"
_VIDEO = f"web-1/download-{_FINGERPRINT}/media.mp4"
_REPORT = f"web-1/analysis-{_FINGERPRINT}/analysis.json"
_PICTURE = f"web-1/thumbnail-{_FINGERPRINT}/thumbnail.jpg"

Table = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def store(project: Project, tmp_path: Path) -> SupabaseArtifactStore:
    ensure_buckets(project)
    return SupabaseArtifactStore(project, FileCache(tmp_path / "cache", 1024**3), tmp_path / "uploads")


@pytest.fixture
def made(tmp_path: Path) -> Callable[[bytes], Path]:
    """A file of that content, which a step made."""

    def make(content: bytes) -> Path:
        path = tmp_path / f"it's 视频 {len(list(tmp_path.iterdir()))}.mp4"
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def aged(supabase_connection: Any) -> Callable[[], None]:
    """Everything in Storage looks as if it was stored two days ago."""

    def age() -> None:
        supabase_connection.execute(
            "update storage.objects set created_at = created_at - interval '2 days', "
            "updated_at = updated_at - interval '2 days'"
        )

    return age


def _object(ref: ArtifactRef) -> str:
    return object_name(ref.key, ref.sha256)


def _write_over(project: Project, bucket: str, ref: ArtifactRef, content: bytes) -> None:
    """Behind the store's back."""
    url = object_url(project, bucket, _object(ref))
    project.http.put(url, content=content, headers=project.headers).raise_for_status()


def _asked(stack: Supabase, method: str, part: str) -> int:
    return sum(each["method"] == method and part in each["path"] for each in stack.requests())


def test_a_row_says_what_an_artifact_is(
    store: SupabaseArtifactStore, made: Callable[[bytes], Path], table: Table
) -> None:
    ref = store.put_file(_VIDEO, made(b"frames"), "video/mp4")
    (row,) = table("artifacts", "key")
    assert row.pop("created_at")
    assert row == {
        "key": _VIDEO,
        "video_id": "web-1",
        "bucket": "videos",
        "kind": "video",
        "sha256": ref.sha256,
        "size_bytes": 6,
        "media_type": "video/mp4",
        "produced_by": "download",
        "object": object_name(_VIDEO, ref.sha256),
    }
    store.put_file(_VIDEO, made(b"other frames"), "video/mp4")
    (row,) = table("artifacts", "key")
    assert (row["size_bytes"], row["sha256"]) == (12, hashlib.sha256(b"other frames").hexdigest())


def test_what_was_put_here_is_not_fetched_and_what_was_not_is_fetched_once(
    store: SupabaseArtifactStore,
    made: Callable[[bytes], Path],
    project: Project,
    supabase_stack: Supabase,
    tmp_path: Path,
) -> None:
    ref = store.put_file(_VIDEO, made(b"frames"), "video/mp4")
    assert store.local_path(ref, folder=tmp_path).read_bytes() == b"frames"
    assert _asked(supabase_stack, "GET", _VIDEO) == 0
    other = SupabaseArtifactStore(project, FileCache(tmp_path / "other", 1024**3), tmp_path / "up")
    for name in "ab":
        (tmp_path / name).mkdir()
        path = other.local_path(ref, folder=tmp_path / name)
        assert path.parent == tmp_path / name
        assert path.name.endswith("media.mp4")
        assert path.read_bytes() == b"frames"
    assert _asked(supabase_stack, "GET", _VIDEO) == 1


def test_what_is_made_is_moved_and_what_belongs_to_a_person_stays(
    store: SupabaseArtifactStore, made: Callable[[bytes], Path], tmp_path: Path
) -> None:
    path = made(b"frames")
    inode = path.stat().st_ino
    ref = store.put_file(_VIDEO, path, "video/mp4")
    assert not path.exists()
    assert store.local_path(ref, folder=tmp_path).stat().st_ino == inode
    persons = made(b"holidays")
    (tmp_path / "link").symlink_to(persons)
    store.put_file(_VIDEO, tmp_path / "link", "video/mp4")
    assert persons.read_bytes() == b"holidays"


def test_two_artifacts_of_one_name_lie_side_by_side(store: SupabaseArtifactStore, tmp_path: Path) -> None:
    refs = [
        store.put_bytes(f"web-1/chunk-{number:016x}/chunk.json", str(number).encode(), "application/json")
        for number in range(3)
    ]
    paths = [store.local_path(ref, folder=tmp_path) for ref in refs]
    assert [path.read_text() for path in paths] == ["0", "1", "2"]


def test_eviction_takes_nothing_from_who_uses_it(
    project: Project, made: Callable[[bytes], Path], tmp_path: Path
) -> None:
    ensure_buckets(project)
    small = SupabaseArtifactStore(project, FileCache(tmp_path / "cache", 10), tmp_path / "uploads")
    first = small.put_file(_VIDEO, made(b"12345678"), "video/mp4")
    path = small.local_path(first, folder=tmp_path)
    second = small.put_file(_REPORT, made(b"87654321"), "application/json")
    assert small.local_path(second, folder=tmp_path).read_bytes() == b"87654321"
    assert path.read_bytes() == b"12345678"
    assert len(list((tmp_path / "cache" / "files").iterdir())) == 1


def test_exists_is_one_call(store: SupabaseArtifactStore, supabase_stack: Supabase) -> None:
    ref = store.put_bytes(_REPORT, b"{}", "application/json")
    before = len(supabase_stack.requests())
    assert store.exists(ref)
    assert len(supabase_stack.requests()) == before + 1


def test_without_its_row_or_its_file_an_artifact_is_not_there(
    store: SupabaseArtifactStore, project: Project, supabase_connection: Any
) -> None:
    ref = store.put_bytes(_REPORT, b"{}", "application/json")
    supabase_connection.execute("delete from public.artifacts")
    assert not store.exists(ref)
    assert store.read_bytes(_REPORT) is None
    store.put_bytes(_REPORT, b"{}", "application/json")
    assert store.exists(ref)
    project.bucket("reports").remove([_object(ref)])
    assert not store.exists(ref)


def test_what_lies_damaged_counts_as_gone_and_heals_by_storing_again(
    store: SupabaseArtifactStore, project: Project, made: Callable[[bytes], Path], tmp_path: Path
) -> None:
    video = store.put_file(_VIDEO, made(b"frames"), "video/mp4")
    report = store.put_bytes(_REPORT, b"{}", "application/json")
    _write_over(project, "videos", video, b"frozen")
    _write_over(project, "reports", report, b"[]")
    assert store.read_bytes(_REPORT) is None
    other = SupabaseArtifactStore(project, FileCache(tmp_path / "other", 1024**3), tmp_path / "up")
    with pytest.raises(SetupError, match=r"media\.mp4 lies damaged in Supabase; run the video again"):
        other.local_path(video, folder=tmp_path)
    for ref in (video, report):
        assert not store.exists(ref)
    store.put_file(_VIDEO, made(b"frames"), "video/mp4")
    store.put_bytes(_REPORT, b"{}", "application/json")
    assert other.local_path(video, folder=tmp_path).read_bytes() == b"frames"
    assert store.read_bytes(_REPORT) == b"{}"


def test_damage_of_what_was_there_before_leaves_the_row_of_what_is_there_now(
    store: SupabaseArtifactStore, project: Project, tmp_path: Path
) -> None:
    first = store.put_bytes(_REPORT, b"{}", "application/json")
    second = store.put_bytes(_REPORT, b"[1]", "application/json")
    assert store.stored_path(first, folder=tmp_path).read_bytes() == b"{}"
    (tmp_path / "cache" / "files" / first.sha256).unlink()
    _write_over(project, "reports", first, b"[]")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SetupError, match="lies damaged"):
        store.stored_path(first, folder=tmp_path / "folder")
    assert store.exists(second)


def test_a_file_over_its_buckets_limit_is_refused_before_a_byte_is_sent(
    project: Project, store: SupabaseArtifactStore, made: Callable[[bytes], Path], supabase_stack: Supabase
) -> None:
    project.storage.update_bucket("clips", {"public": False, "file_size_limit": 1000})
    try:
        path = made(b"x" * 2000)
        with pytest.raises(LimitExceededError, match=r"clips takes 0\.0 MiB a file at most; raise"):
            store.put_file(f"web-1/clip-{_FINGERPRINT}/clip.mp4", path, "video/mp4")
    finally:
        project.storage.update_bucket("clips", {"public": False, "file_size_limit": 10**9})
    assert path.exists()
    assert _asked(supabase_stack, "POST", "/object/") == 0


class FlippedByte(httpx.BaseTransport):
    """A line that damages the beginnings of uploads, as many as `times`."""

    def __init__(self, line: httpx.BaseTransport, times: int) -> None:
        self._line, self.times, self.sent = line, times, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_content = request.method == "PATCH" or "/object/" in request.url.path
        if is_content and request.method != "GET" and self.times:
            self.times -= 1
            request.stream = _Damaged(request.stream)
        self.sent += is_content
        return self._line.handle_request(request)


class _Damaged(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._blocks: Iterator[bytes] = iter(stream)

    def __iter__(self) -> Iterator[bytes]:
        for number, block in enumerate(self._blocks):
            yield bytes([block[0] ^ 1]) + block[1:] if number == 0 else block


@pytest.mark.parametrize("size", [1000, 7 * 1024**2])
def test_a_byte_that_flipped_on_the_way_up_is_detected_and_sent_again(
    store: SupabaseArtifactStore,
    project: Project,
    made: Callable[[bytes], Path],
    size: int,
) -> None:
    content, folder = b"x" * size, made(b"").parent
    line = FlippedByte(project.http._transport, times=1)
    project.http._transport = line
    ref = store.put_file(_VIDEO, made(content), "video/mp4")
    assert line.times == 0
    other = SupabaseArtifactStore(project, FileCache(folder / "other", 1024**3), folder / "up")
    assert other.local_path(ref, folder=folder).read_bytes() == content


def test_a_line_that_always_damages_ends_the_attempt_and_nothing_counts_as_stored(
    store: SupabaseArtifactStore, project: Project, table: Table
) -> None:
    ref = store.put_bytes(_REPORT, b"{ }", "application/json")
    project.http._transport = FlippedByte(project.http._transport, times=100)
    with pytest.raises(StoreError, match=r"analysis\.json did not arrive in Supabase as it was sent"):
        store.put_bytes(_REPORT, b"{ }", "application/json")
    assert not store.exists(ref)
    assert table("artifacts", "key") == []


def test_a_server_whose_etags_are_no_sums_is_believed_after_reading_back(
    store: SupabaseArtifactStore, supabase_connection: Any, supabase_stack: Supabase
) -> None:
    """Some encrypt what they keep, and their etags look like sums."""
    if not isinstance(supabase_stack, Stack):
        pytest.skip("changes how the local storage keeps etags")
    supabase_connection.execute("""
        create function storage.other_etags() returns trigger language plpgsql as $$ begin
            new.metadata := new.metadata || jsonb_build_object('eTag', repeat('f', 32));
            return new;
        end $$;
        create trigger other_etags before insert or update on storage.objects
            for each row execute function storage.other_etags();
        create trigger z_other_etags before insert or update on storage.objects
            for each row execute function storage.other_etags();
    """)
    try:
        ref = store.put_bytes(_REPORT, b"{}", "application/json")
        assert store.exists(ref)
        assert _asked(supabase_stack, "GET", _REPORT) == 1
    finally:
        supabase_connection.execute("drop function storage.other_etags cascade")


@pytest.fixture
def hosted_etags(supabase_connection: Any, supabase_stack: Supabase) -> Iterator[None]:
    """As hosted storage has them, which keeps what came in chunks in several parts."""
    if not isinstance(supabase_stack, Stack):
        yield
        return
    supabase_connection.execute("""
        create function storage.hosted_etags() returns trigger language plpgsql as $$ begin
            new.metadata := new.metadata || jsonb_build_object('eTag', '"' || repeat('9b', 16) || '-2"');
            return new;
        end $$;
        create trigger z_hosted_etags before insert or update on storage.objects
            for each row execute function storage.hosted_etags();
    """)
    yield
    supabase_connection.execute("drop function storage.hosted_etags cascade")


@pytest.mark.usefixtures("hosted_etags")
def test_what_came_in_chunks_is_read_back_and_sent_again_where_it_is_damaged(
    store: SupabaseArtifactStore, project: Project, made: Callable[[bytes], Path], supabase_stack: Supabase
) -> None:
    ticks: list[int] = []
    line = FlippedByte(project.http._transport, times=1)
    project.http._transport = line
    ref = store.put_file(_VIDEO, made(b"x" * 7 * 1024**2), "video/mp4", tick=ticks.append)
    assert line.times == 0
    assert store.exists(ref)
    assert _asked(supabase_stack, "GET", _VIDEO) == 2
    assert ticks.count(7 * 1024**2) >= 4  # sent twice, read back twice


def test_rows_and_files_that_agree_are_no_differences(
    store: SupabaseArtifactStore, aged: Callable[[], None]
) -> None:
    for key in (_VIDEO, _REPORT, _PICTURE):
        store.put_bytes(key, b"content", "image/jpeg")
    aged()
    assert list(store.differences()) == []


def test_each_difference_is_found_told_and_mended_once(
    store: SupabaseArtifactStore, project: Project, aged: Callable[[], None], supabase_connection: Any
) -> None:
    video, report, _ = (store.put_bytes(key, b"content", "image/jpeg") for key in (_VIDEO, _REPORT, _PICTURE))
    supabase_connection.execute("delete from public.artifacts where key = %s", [_VIDEO])
    project.bucket("reports").remove([_object(report)])
    supabase_connection.execute("update public.artifacts set size_bytes = 9 where key = %s", [_PICTURE])
    aged()
    found = {each.kind: each for each in store.differences()}
    assert {kind: each.key for kind, each in found.items()} == {
        "file without row": _object(video),
        "row without file": _REPORT,
        "size": _PICTURE,
    }
    assert found["size"].text == (
        f"{_PICTURE} is recorded with 9 bytes and has 7 in the bucket thumbnails; mending removes both, and "
        "the next run makes it again."
    )
    assert store.mend(found["file without row"]) == Cleaned(1, 7)
    assert store.mend(found["row without file"]) == Cleaned(1, 0)
    assert store.mend(found["size"]) == Cleaned(1, 7)
    assert list(store.differences()) == []
    assert [store.mend(each) for each in found.values()] == [Cleaned()] * 3
    assert list(store.prefixes()) == []


def test_what_may_still_be_on_its_way_and_what_is_not_ours_is_no_difference(
    store: SupabaseArtifactStore,
    project: Project,
    aged: Callable[[], None],
    supabase_connection: Any,
) -> None:
    others = [
        "holidays/beach.mp4",
        "notes.txt",
        "a/b/c.mp4",
        f"published/web-{_FINGERPRINT}/manifest.json",
        f"web-1/download-{_FINGERPRINT}/media.mp4",
        f"web-1/download-{_FINGERPRINT}/other.mp4/{_FINGERPRINT}-media.mp4",
    ]
    for name in others:
        project.bucket("reports").upload(name, b"theirs", {"content-type": "text/plain"})
    project.bucket("inbox").upload(_REPORT, b"theirs", {"content-type": "text/plain"})
    aged()
    ref = store.put_bytes(_VIDEO, b"content", "video/mp4")
    supabase_connection.execute("delete from public.artifacts")
    assert list(store.differences()) == []
    assert store.mend(Difference("file without row", _object(ref), "")) == Cleaned()
    assert store.mend(Difference("file without row", "holidays/beach.mp4", "")) == Cleaned()
    assert list(store.prefixes()) == ["web-1"]
    project.bucket("inbox").remove([_REPORT])


def test_a_mended_row_that_was_made_whole_meanwhile_stays(
    store: SupabaseArtifactStore, project: Project
) -> None:
    ref = store.put_bytes(_REPORT, b"{}", "application/json")
    project.bucket("reports").remove([_object(ref)])
    (difference,) = store.differences()
    store.put_bytes(_REPORT, b"{}", "application/json")
    assert store.mend(difference) == Cleaned()
    assert store.exists(ref)


def test_thousands_of_rows_are_listed_whole_and_page_by_page(
    store: SupabaseArtifactStore, supabase_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than the thousand rows that PostgREST gives."""
    supabase_connection.execute("""
        insert into public.artifacts (key, bucket, kind, sha256, size_bytes, media_type)
        select format('web-%s/a/b', n), 'reports', 'other', repeat('0', 64), 1, 'text/plain'
        from generate_series(1, 2500) as n
    """)
    assert len(list(store.prefixes())) == 2500
    assert len({each.key for each in store.differences()}) == 2500
    monkeypatch.setattr(artifact_differences, "_PAGE", 2000)
    assert len({each.key for each in store.differences()}) == 2500


def test_a_deletion_that_crashed_half_way_is_finished_by_the_next(
    store: SupabaseArtifactStore, project: Project, table: Table
) -> None:
    store.put_bytes(_REPORT, b"{}", "application/json")
    video = store.put_bytes(_VIDEO, b"frames", "video/mp4")
    project.bucket("videos").remove([_object(video)])
    assert list(store.prefixes()) == ["web-1"]
    assert store.delete_prefix("web-1").freed_bytes == 2
    assert table("artifacts", "key") == []


def test_a_deletion_takes_files_that_no_row_tells_of(
    store: SupabaseArtifactStore, supabase_connection: Any
) -> None:
    store.put_bytes(_REPORT, b"{}", "application/json")
    supabase_connection.execute("delete from public.artifacts")
    assert list(store.prefixes()) == ["web-1"]
    assert store.changed_s("web-1")
    assert store.delete_prefix("web-1").freed_bytes == 2
    assert store.read_bytes(_REPORT) is None


def test_a_sweep_removes_what_transfers_left_here_after_a_day(
    store: SupabaseArtifactStore, tmp_path: Path
) -> None:
    part, note = tmp_path / "cache" / "parts" / ("0" * 64), tmp_path / "uploads" / "note.json"
    note.parent.mkdir()
    for path in (part, note):
        path.write_bytes(b"12345")
    assert store.sweep() == Cleaned()
    for path in (part, note):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    assert store.sweep() == Cleaned(2, 10)


def test_a_sweep_removes_what_no_row_names_and_rows_whose_file_is_gone_after_a_day(
    store: SupabaseArtifactStore,
    project: Project,
    aged: Callable[[], None],
    supabase_connection: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Contents that others took the place of, what a crash left before its row, what a person removed."""
    monkeypatch.setattr(artifact_differences, "_PAGE", 2)
    for content in (b"1", b"22", b"333"):
        now = store.put_bytes(_REPORT, content, "application/json")
    lost, crashed = (store.put_bytes(key, b"4444", "image/jpeg") for key in (_VIDEO, _PICTURE))
    supabase_connection.execute("delete from public.artifacts where key = %s", [crashed.key])
    project.bucket("videos").remove([_object(lost)])
    assert store.sweep() == Cleaned()
    aged()
    supabase_connection.execute("update public.artifacts set created_at = created_at - interval '2 days'")
    young = store.put_bytes(f"web-2/analysis-{_FINGERPRINT}/analysis.json", b"55555", "application/json")
    supabase_connection.execute("delete from public.artifacts where key = %s", [young.key])
    assert store.sweep() == Cleaned(4, 1 + 2 + 4)
    assert store.sweep() == Cleaned()
    assert store.read_bytes(_REPORT) == b"333"
    assert store.exists(now)
    left = supabase_connection.execute("select name from storage.objects order by name").fetchall()
    assert left == [(_object(now),), (_object(young),)]
    rows = supabase_connection.execute("select key from public.artifacts").fetchall()
    assert rows == [(_REPORT,)]


def test_a_sweep_bounds_what_it_does_at_once(
    store: SupabaseArtifactStore, aged: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_differences, "_PAGE", 2)
    monkeypatch.setattr(artifact_differences, "_MOST_PAGES", 1)
    for number in range(4):
        store.put_bytes(_REPORT, str(number).encode(), "application/json")
    aged()
    assert [store.sweep().count for _ in range(3)] == [2, 1, 0]


def test_what_storage_does_not_let_go_is_a_problem_of_the_setup(
    store: SupabaseArtifactStore, project: Project
) -> None:
    """So that a clean-up tells it and goes on with other videos."""
    store.put_bytes(_REPORT, b"{}", "application/json")
    line = project.http._transport

    class Stubborn(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return (
                httpx.Response(200, json=[]) if request.method == "DELETE" else line.handle_request(request)
            )

    project.http._transport = Stubborn()
    with pytest.raises(SetupError, match="Supabase kept web-1/"):
        store.delete_prefix("web-1")


def test_pictures_have_a_lasting_address(store: SupabaseArtifactStore) -> None:
    ref = store.put_bytes(_PICTURE, b"picture", "image/jpeg")
    address = store.signed_url(ref)
    assert "/object/public/thumbnails/" in address
    assert httpx.get(address).content == b"picture"


def test_everything_else_has_an_address_for_an_hour(
    store: SupabaseArtifactStore, request: pytest.FixtureRequest, supabase_stack: Supabase
) -> None:
    if supabase_stack.is_local:
        reason = "the storage of local tests answers signedUrl instead of signedURL"
        request.applymarker(pytest.mark.xfail(strict=True, raises=StoreError, reason=reason))
    ref = store.put_bytes(_REPORT, b"{}", "application/json")
    address = store.signed_url(ref, expires_s=60)
    assert httpx.get(address).content == b"{}"
    assert httpx.get(address.partition("?")[0]).is_client_error


def test_the_anon_key_sees_no_row_and_calls_no_function(
    store: SupabaseArtifactStore, supabase_stack: Supabase
) -> None:
    ref: ArtifactRef = store.put_bytes(_REPORT, b"{}", "application/json")
    headers = {"apikey": supabase_stack.anon_key, "authorization": f"Bearer {supabase_stack.anon_key}"}
    rows = httpx.get(f"{supabase_stack.url}/rest/v1/artifacts", headers=headers)
    assert rows.is_client_error
    call = httpx.post(
        f"{supabase_stack.url}/rest/v1/rpc/artifact_changed",
        headers=headers,
        json={"prefix": "web-1", "buckets": ["reports"]},
    )
    assert call.is_client_error
    assert store.exists(ref)
