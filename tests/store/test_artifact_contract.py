"""What every artifact store promises; see `mindreel.store.protocols.ArtifactStore`."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mindreel.errors import InputError, SetupError, StoreError
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.protocols import ArtifactStore
from mindreel.store.supabase.artifacts import SupabaseArtifactStore


def test_a_stored_file_comes_back_whole(artifacts: ArtifactStore, tmp_path: Path) -> None:
    source = tmp_path / "it's a 视频 🎬.mp4"
    source.write_bytes(b"frames" * 100_000)
    ref = artifacts.put_file("file-1/download-ab/media.mp4", source, "video/mp4")
    assert ref.key == "file-1/download-ab/media.mp4"
    assert ref.sha256 == hashlib.sha256(b"frames" * 100_000).hexdigest()
    assert (ref.size_bytes, ref.media_type) == (600_000, "video/mp4")
    assert artifacts.exists(ref)
    assert artifacts.local_path(ref, folder=tmp_path).read_bytes() == b"frames" * 100_000


@pytest.mark.parametrize("data", [b"", b"\x00", "Größe 大 🎧\n".encode()])
def test_bytes_come_back_as_they_were(artifacts: ArtifactStore, data: bytes) -> None:
    ref = artifacts.put_bytes("v/step-1/result.json", data, "application/json")
    assert artifacts.read_bytes(ref.key) == data
    assert (ref.size_bytes, ref.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_an_empty_file_is_an_artifact_too(artifacts: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert artifacts.exists(artifacts.put_file("v/s/empty", tmp_path / "empty", "text/plain"))


def test_storing_again_replaces(artifacts: ArtifactStore, tmp_path: Path) -> None:
    first = artifacts.put_bytes("v/s/a", b"first", "text/plain")
    (tmp_path / "b").write_bytes(b"the second")
    second = artifacts.put_file("v/s/a", tmp_path / "b", "text/plain")
    assert artifacts.read_bytes("v/s/a") == b"the second"
    assert artifacts.exists(second)
    assert not artifacts.exists(first)


def test_an_artifact_can_be_stored_under_a_second_key_without_losing_the_first(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    first = artifacts.put_bytes("v/s/a", b"content", "text/plain")
    second = artifacts.put_file("v/t/b", artifacts.local_path(first, folder=tmp_path), "text/plain")
    assert (
        artifacts.local_path(first, folder=tmp_path).read_bytes()
        == artifacts.local_path(second, folder=tmp_path).read_bytes()
        == b"content"
    )


def test_what_was_never_stored_is_not_there(artifacts: ArtifactStore, tmp_path: Path) -> None:
    ref = artifacts.put_bytes("v/s/a", b"content", "text/plain")
    missing = replace(ref, key="v/s/other")
    assert artifacts.read_bytes("v/s/other") is None
    assert artifacts.read_bytes("v/s/a/below-a-file") is None
    assert artifacts.read_bytes("v/s") is None
    assert not artifacts.exists(missing)
    assert not artifacts.exists(replace(ref, key="v/s"))
    with pytest.raises(SetupError, match="v/s/other is gone"):
        artifacts.local_path(missing, folder=tmp_path)


def test_an_artifact_of_another_size_does_not_count(artifacts: ArtifactStore) -> None:
    ref = artifacts.put_bytes("v/s/a", b"content", "text/plain")
    assert not artifacts.exists(replace(ref, size_bytes=3))


def test_another_process_sees_what_was_stored(
    open_artifacts: Callable[[], ArtifactStore], tmp_path: Path
) -> None:
    ref = open_artifacts().put_bytes("v/s/a", b"content", "text/plain")
    assert open_artifacts().local_path(ref, folder=tmp_path).read_bytes() == b"content"


def test_a_key_that_is_none_is_refused_with_a_sentence(artifacts: ArtifactStore) -> None:
    for key in (
        *("", "/", "/etc/passwd", "../up", "a/../../up", "a/..", "a//b", "a/", ".hidden", "a/.incoming/b"),
        *("a b", "ä", "视频", "a\\b", "a\nb", "a\x00b", "C:/x", "~/x", "a/" * 600 + "a", "x" * 300),
        *("a?b", "a#b", "a%20b", "a:b/c"),  # which Storage would cut or alter
    ):
        with pytest.raises(InputError, match="is no artifact key"):
            artifacts.put_bytes(key, b"", "text/plain")
        with pytest.raises(InputError, match="is no artifact key"):
            artifacts.read_bytes(key)


def test_a_missing_file_is_said_and_nothing_is_stored(artifacts: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"v/s/a could not be stored .*No such file"):
        artifacts.put_file("v/s/a", tmp_path / "absent", "text/plain")
    assert artifacts.read_bytes("v/s/a") is None


def test_deleting_takes_a_folder_and_not_its_namesakes(artifacts: ArtifactStore) -> None:
    for key in ("v1/a/x", "v1/a/y", "v1/ab/x", "v10/a/x"):
        artifacts.put_bytes(key, b"12345", "text/plain")
    assert artifacts.delete_prefix("v1/a").freed_bytes == 10
    assert artifacts.read_bytes("v1/a/x") is None
    assert artifacts.read_bytes("v1/ab/x") == b"12345"
    assert artifacts.delete_prefix("v1/").freed_bytes == 5
    assert artifacts.read_bytes("v10/a/x") == b"12345"
    assert artifacts.delete_prefix("v10/a/x").freed_bytes == 5
    assert artifacts.delete_prefix("v10/a/x").freed_bytes == 0
    assert artifacts.delete_prefix("never/was/there").freed_bytes == 0


def test_everything_at_once_is_not_deleted_by_accident(artifacts: ArtifactStore) -> None:
    artifacts.put_bytes("v/a", b"1", "text/plain")
    for prefix in ("", "/", "..", "."):
        with pytest.raises(InputError):
            artifacts.delete_prefix(prefix)
    assert artifacts.read_bytes("v/a") == b"1"


def test_a_deleted_key_can_be_stored_again(artifacts: ArtifactStore) -> None:
    artifacts.put_bytes("v/s/a", b"1", "text/plain")
    artifacts.delete_prefix("v")
    artifacts.put_bytes("v/s/a", b"2", "text/plain")
    assert artifacts.read_bytes("v/s/a") == b"2"


def test_readers_never_see_half_of_a_content_while_writers_race(
    artifacts: ArtifactStore, request: pytest.FixtureRequest
) -> None:
    if isinstance(artifacts, SupabaseArtifactStore) and request.getfixturevalue("supabase_stack").is_local:
        # A race, so no strict xfail: now and then nobody reads in the moment of a write.
        pytest.xfail("the storage of local tests writes over the file that others read")
    contents = [bytes([letter]) * 2_000_000 for letter in b"ABCD"]
    artifacts.put_bytes("v/s/a", contents[0], "text/plain")

    def write(content: bytes) -> None:
        for _ in range(5):
            with suppress(StoreError):  # another's content came before it was recorded, again and again
                artifacts.put_bytes("v/s/a", content, "text/plain")

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, content) for content in contents]
        while not all(writer.done() for writer in writers):
            assert artifacts.read_bytes("v/s/a") in contents
        for writer in writers:
            writer.result()
    assert artifacts.exists(artifacts.put_bytes("v/s/a", contents[0], "text/plain"))


def test_storing_while_the_folder_is_deleted_loses_no_later_file(artifacts: ArtifactStore) -> None:
    rounds = 200 if isinstance(artifacts, LocalArtifactStore) else 50

    def delete() -> None:
        for _ in range(rounds):
            artifacts.delete_prefix("v")

    with ThreadPoolExecutor() as pool:
        deleting = pool.submit(delete)
        for number in range(rounds):
            artifacts.put_bytes(f"v/s/{number}", b"1", "text/plain")
        deleting.result()
    assert artifacts.exists(artifacts.put_bytes("v/s/last", b"1", "text/plain"))
