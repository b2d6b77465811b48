"""What a clean-up asks of the stores."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import SetupError
from mindreel.store.disk_space import freed_by_removing
from mindreel.store.library_folders import LibraryFolders
from mindreel.store.local_artifacts import LocalArtifactStore
from mindreel.store.protocols import ArtifactStore, Catalog


def _begin(catalog: Catalog, video_id: str) -> None:
    catalog.begin(
        video_id, source="a", platform="generic", workflow_id=f"video-{video_id}", request_json="{}"
    )


def _age(path: Path, seconds: float) -> None:
    """Make everything in the tree look as if it was last changed so long ago."""
    for each in (*path.rglob("*"), path):
        os.utime(each, (time.time() - seconds,) * 2)


def test_prefixes_are_the_first_parts_of_all_keys(artifacts: ArtifactStore) -> None:
    assert list(artifacts.prefixes()) == []
    for key in ("web-a/resolve-1/info.json", "web-a/audio-1/a.wav", "web-b/resolve-1/info.json"):
        artifacts.put_bytes(key, b"x", "text/plain")
    assert sorted(artifacts.prefixes()) == ["web-a", "web-b"]
    artifacts.delete_prefix("web-a")
    assert list(artifacts.prefixes()) == ["web-b"]


def test_a_prefix_changes_when_anything_below_it_is_stored(artifacts: ArtifactStore) -> None:
    began_s = time.time() - 1
    artifacts.put_bytes("v/a/x", b"1", "text/plain")
    first = artifacts.changed_s("v")
    assert first is not None
    assert began_s < first < time.time() + 1
    assert artifacts.changed_s("nothing") is None
    time.sleep(0.05)
    artifacts.put_bytes("v/a/x", b"2", "text/plain")
    assert (artifacts.changed_s("v") or 0) > first


def test_a_sweep_takes_nothing_that_is_stored(artifacts: ArtifactStore) -> None:
    artifacts.put_bytes("v/a/x", b"1", "text/plain")
    assert artifacts.sweep() == Cleaned()
    assert artifacts.read_bytes("v/a/x") == b"1"


def test_a_sweep_says_what_crashed_writers_left(tmp_path: Path) -> None:
    store = LocalArtifactStore(tmp_path)
    (tmp_path / ".incoming").mkdir()
    left = tmp_path / ".incoming" / "0123~1~elsewhere"
    left.write_bytes(b"x" * 5000)
    assert store.sweep() == Cleaned()
    _age(left, 2 * 3600)
    assert store.sweep() == Cleaned(1, 5000)
    assert not left.exists()


def test_what_the_library_has_too_frees_nothing_until_the_library_is_gone(tmp_path: Path) -> None:
    store, library = LocalArtifactStore(tmp_path / "artifacts"), LibraryFolders(tmp_path / "library")
    media = store.put_bytes("v/download-1/media.mp4", b"m" * 9000, "video/mp4")
    store.put_bytes("v/audio-1/audio.wav", b"a" * 700, "audio/wav")
    folder = library.replace("v", {"talk.mp4": store.local_path(media, folder=tmp_path)})
    assert store.delete_prefix("v").freed_bytes == 700
    assert (folder / "talk.mp4").read_bytes() == b"m" * 9000
    assert freed_by_removing(folder) == 9000


def test_two_names_of_one_file_in_a_folder_count_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"x" * 100)
    os.link(folder / "a", folder / "deep" / "b")
    (folder / "c").symlink_to(folder / "a")
    assert freed_by_removing(folder) == 100
    os.link(folder / "a", tmp_path / "outside")
    assert freed_by_removing(folder) == 0
    assert freed_by_removing(tmp_path / "nothing") == 0


@pytest.mark.parametrize("known", [True, False])
def test_no_run_begins_while_a_video_is_held(open_catalog: Callable[[], Catalog], *, known: bool) -> None:
    catalog, begun = open_catalog(), threading.Event()
    if known:
        _begin(catalog, "v")
        catalog.finish("v", status="completed", reasons=())

    def begin() -> None:
        _begin(open_catalog(), "v")
        begun.set()

    thread = threading.Thread(target=begin)
    with catalog.holding("v") as row:
        assert (row.status if row else None) == ("completed" if known else None)
        thread.start()
        assert not begun.wait(0.3)
        again = catalog.get("v")
        assert (again.status if again else None) == ("completed" if known else None)
    thread.join()
    row = catalog.get("v")
    assert row
    assert row.status == "running"


def test_an_error_while_a_video_is_held_lets_go_of_it(catalog: Catalog) -> None:
    with pytest.raises(RuntimeError, match="broken"), catalog.holding("v"):
        raise RuntimeError("broken")
    _begin(catalog, "v")
    assert catalog.get("v")


def test_what_a_killed_publish_left_is_found_once_it_is_old_and_removed(tmp_path: Path) -> None:
    library = LibraryFolders(tmp_path)
    library.replace("v", {"report.html": b"new"})
    half = tmp_path / ".v.0123abcd"
    (half / "clips").mkdir(parents=True)
    (half / "clips" / "1.mp4").write_bytes(b"x" * 300)
    (tmp_path / ".git").mkdir()
    assert library.leftovers(before_s=time.time() - 3600) == []
    _age(half, 7200)
    assert library.leftovers(before_s=time.time() - 3600) == ["v"]
    assert library.sweep("v") == Cleaned(1, 300)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "v"]


def test_what_somebody_is_writing_stays_when_something_old_of_the_same_video_goes(tmp_path: Path) -> None:
    library = LibraryFolders(tmp_path)
    (tmp_path / ".v.0123abcd").mkdir()
    _age(tmp_path / ".v.0123abcd", 7200)
    with library.writing("v") as new:
        (new / "report.html").write_bytes(b"whole")
        assert library.leftovers(before_s=time.time() - 3600) == ["v"]
        assert library.sweep("v") == Cleaned(1, 0)
    assert (tmp_path / "v" / "report.html").read_bytes() == b"whole"


@pytest.mark.parametrize("name", ["../v", "/v", "a/../../v", "..", ""])
def test_a_folder_is_made_inside_the_library_only(tmp_path: Path, name: str) -> None:
    library = LibraryFolders(tmp_path / "library")
    with pytest.raises(SetupError, match="no path inside a folder of the library"), library.writing(name):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_killed_publish_had_taken_away_is_brought_back(tmp_path: Path) -> None:
    library = LibraryFolders(tmp_path)
    library.replace("v", {"report.html": b"the only one"}).rename(tmp_path / ".v.0123abcd.old")
    (tmp_path / ".v.0123abcd").mkdir()
    _age(tmp_path / ".v.0123abcd", 7200)
    assert library.sweep("v") == Cleaned(1, 0)
    assert (tmp_path / "v" / "report.html").read_bytes() == b"the only one"
    assert library.leftovers(before_s=time.time() + 1) == []


def test_a_library_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    assert LibraryFolders(tmp_path / "nowhere").leftovers(before_s=time.time()) == []
