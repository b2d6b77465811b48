"""What every library promises; see `mindreel.store.protocols.Library`."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mindreel.contracts.cleanup import Cleaned
from mindreel.contracts.codec import from_json, to_json
from mindreel.contracts.manifest import Manifest
from mindreel.errors import SetupError
from tests.store.shelf import Shelf

ODD = "“Why” it's <b>100 %</b> 你好 🎉 \\ /"


def test_what_is_published_is_a_folder_with_page_manifest_and_every_file(shelf: Shelf) -> None:
    given = shelf.publication(page="<p>Hello</p>", files={"video.mp4": b"film", "clips/01-why.mp4": b"clip"})
    assert shelf.library.publish(given, folder=shelf.home)
    assert shelf.shown() == {
        "clips/01-why.mp4": b"clip",
        "manifest.json": to_json(given.manifest),
        "report.html": b"<p>Hello</p>",
        "video.mp4": b"film",
    }


def test_titles_and_texts_of_any_kind_are_shown_as_they_are(shelf: Shelf) -> None:
    given = shelf.publication(title=ODD, page=f"<h1>{ODD}</h1>", said=ODD)
    shelf.library.publish(given, folder=shelf.home)
    assert shelf.shown()["report.html"].decode() == f"<h1>{ODD}</h1>"
    assert from_json(Manifest, shelf.shown()["manifest.json"]) == given.manifest


@pytest.mark.parametrize("text", ["nul \0 inside", "half \ud83d of a pair"])
def test_what_no_database_takes_as_text_hinders_nobody(shelf: Shelf, text: str) -> None:
    shelf.show(said=text, page="shown")
    assert shelf.shown()["report.html"] == b"shown"


def test_a_video_that_was_never_published_is_none(shelf: Shelf) -> None:
    shelf.show("v11")
    assert shelf.library.fetch("v1") is None
    assert shelf.library.fetch("nobody-knows-it") is None


def test_a_silent_video_is_published(shelf: Shelf) -> None:
    shelf.show(said=None)
    assert "report.html" in shelf.shown()


def test_publishing_again_replaces_the_whole(shelf: Shelf) -> None:
    shelf.show(page="old", files={"old.txt": b"1", "both.txt": b"1"})
    assert shelf.shown()["report.html"] == b"old"
    shelf.show(page="new", files={"both.txt": b"2", "new.txt": b"2"})
    shown = shelf.shown()
    assert shown.pop("manifest.json")
    assert shown == {"both.txt": b"2", "new.txt": b"2", "report.html": b"new"}


def test_publishing_the_same_again_shows_the_same(shelf: Shelf) -> None:
    place, before = shelf.show(), shelf.shown()
    assert shelf.show().rpartition("/")[0] == place.rpartition("/")[0]
    assert shelf.shown() == before


@pytest.mark.parametrize(
    "path", ["/etc/hosts", "../a", "a/../../b", "a//b", "a/", "./a", "..", "", "..\\a.txt", "C:\\a.txt"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(shelf: Shelf, path: str) -> None:
    shelf.show(page="old")
    with pytest.raises(SetupError):
        shelf.show(page="new", files={path: b"evil"})
    assert shelf.shown()["report.html"] == b"old"


def test_videos_do_not_touch_each_other(shelf: Shelf) -> None:
    for video_id in ("v1", "v_1", "v11"):
        shelf.show(video_id, page=f"page of {video_id}")
    shelf.show("v_1", page="another")
    pages = [shelf.shown(video_id)["report.html"] for video_id in ("v1", "v_1", "v11")]
    assert pages == [b"page of v1", b"another", b"page of v11"]


def test_what_a_person_deleted_comes_back_by_publishing(shelf: Shelf) -> None:
    shelf.show(files={"video.mp4": b"film"})
    folder = shelf.library.fetch("v1")
    assert folder
    (folder / "video.mp4").unlink()
    shelf.show(files={"video.mp4": b"film"})
    assert shelf.shown()["video.mp4"] == b"film"


def test_what_was_shown_stands_when_a_file_of_the_new_is_gone(shelf: Shelf) -> None:
    shelf.show(page="old")
    broken = shelf.publication(page="new", files={"video.mp4": b"film"})
    shelf.artifacts.delete_prefix(broken.files["video.mp4"].key)
    with pytest.raises(SetupError, match="is gone"):
        shelf.library.publish(broken, folder=shelf.home)
    assert shelf.shown()["report.html"] == b"old"


def test_what_is_shown_stays_when_artifacts_expire(shelf: Shelf) -> None:
    shelf.show(files={"video.mp4": b"film"})
    left = shelf.artifacts.put_bytes("v1/audio-0123456789abcdef/speech.wav", b"sound", "audio/wav")
    assert shelf.artifacts.delete_prefix("v1").count == 1
    assert not shelf.artifacts.exists(left)
    assert shelf.shown()["video.mp4"] == b"film"
    assert shelf.artifacts.delete_prefix("v1") == Cleaned()


def test_a_library_opened_again_shows_the_same(shelf: Shelf) -> None:
    shelf.show()
    before = shelf.shown()
    shelf.library = shelf.open()
    assert shelf.shown() == before


def test_nothing_is_left_over_when_all_went_well(shelf: Shelf) -> None:
    for page in ("one", "two"):
        shelf.show(page=page)
        shelf.shown()
    assert shelf.library.leftovers(before_s=time.time() + 3600) == []
    assert shelf.library.sweep("v1") == Cleaned()
    assert shelf.shown()["report.html"] == b"two"


def test_readers_see_the_old_folder_or_the_new_and_never_a_mix(shelf: Shelf) -> None:
    versions = [shelf.publication(page=f"{n}", files={"n.txt": b"%d" % n}) for n in range(8)]
    shelf.library.publish(versions[0], folder=shelf.home)

    def publish_often() -> None:
        for version in versions[1:]:
            shelf.library.publish(version, folder=shelf.home)

    seen = 0
    reader = shelf.open()
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(publish_often)
        while not writing.done() or not seen:
            both = _both_files(reader.fetch("v1"))
            assert len(set(both)) <= 1
            seen += len(both)
        writing.result()
    assert shelf.shown()["report.html"] == b"7"


def _both_files(folder: Path | None) -> list[bytes]:
    """Of one and the same folder, also when another takes its name meanwhile; nothing where it is gone."""
    try:
        here = os.open(folder or "", os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return []
    try:
        files = [os.open(name, os.O_RDONLY, dir_fd=here) for name in ("report.html", "n.txt")]
    except FileNotFoundError:
        return []
    finally:
        os.close(here)
    contents = [os.read(file, 100) for file in files]
    for file in files:
        os.close(file)
    return contents
