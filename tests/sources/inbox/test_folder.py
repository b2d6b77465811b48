"""A folder into which people drop files."""

import errno
import os
import socket
from pathlib import Path

import pytest

from mindreel.contracts.inbox import Inbox
from mindreel.errors import SetupError, TransientError
from mindreel.sources.inbox import FolderInbox

NAMES = [
    "talks.csv",
    "my talks.csv",
    'it\'s "new".csv',
    "演讲.csv",
    "🎬 list.csv",
    "Ärger.TXT",
    "a\nb.csv",
    "talks.report.csv",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in box" / "收件箱"


@pytest.fixture
def inbox(folder: Path) -> Inbox:
    return FolderInbox(folder)


def names(inbox: Inbox) -> list[str]:
    return [entry.name for entry in inbox.entries()]


def test_an_inbox_is_made_at_the_first_look(inbox: Inbox, folder: Path) -> None:
    assert inbox.entries() == []
    assert folder.is_dir()
    assert inbox.location == str(folder)


def test_its_location_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert FolderInbox(Path("inbox")).location == str(tmp_path / "inbox")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_found_read_and_written(inbox: Inbox, folder: Path, name: str) -> None:
    place = inbox.write(name, b"url\n", "text/csv")
    assert place == str(folder / name)
    assert names(inbox) == [name]
    assert inbox.read(name, max_bytes=100) == b"url\n"


def test_a_name_that_is_no_utf8_is_shown_as_text_and_found_by_it(inbox: Inbox, folder: Path) -> None:
    inbox.entries()
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/t\xe4lks.csv")).write_bytes(b"url\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    (name,) = names(inbox)
    assert name == "t\\xe4lks.csv"
    assert inbox.read(name, max_bytes=100) == b"url\n"


def test_files_are_listed_by_name_without_hidden_and_unfinished_ones(inbox: Inbox, folder: Path) -> None:
    inbox.entries()
    for name in (*("b.csv", "a.csv", "~$a.csv", "d.csv.crdownload", "f.csv~", ".~lock.a.csv#", "#h.csv#"),):
        (folder / name).write_bytes(b"x")
    (folder / "folder.csv").mkdir()
    assert names(inbox) == ["a.csv", "b.csv"]


def test_links_are_followed_to_regular_files_only(inbox: Inbox, folder: Path, tmp_path: Path) -> None:
    inbox.entries()
    (tmp_path / "real.csv").write_bytes(b"url\n")
    (folder / "link.csv").symlink_to(tmp_path / "real.csv")
    (folder / "gone.csv").symlink_to(tmp_path / "nothing.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "up.csv").symlink_to(tmp_path)
    (folder / "device.csv").symlink_to("/dev/zero")
    assert names(inbox) == ["link.csv"]
    assert inbox.read("link.csv", max_bytes=100) == b"url\n"
    assert inbox.read("device.csv", max_bytes=100) is None
    assert inbox.read("gone.csv", max_bytes=100) is None


def test_a_pipe_or_socket_is_no_file_and_nobody_waits_for_it(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.entries()
    os.mkfifo(folder / "pipe.csv")
    monkeypatch.chdir(folder)  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.csv")
        assert inbox.entries() == []
        assert inbox.read("pipe.csv", max_bytes=100) is None
        assert inbox.read("socket.csv", max_bytes=100) is None


def test_the_version_changes_with_size_and_time(inbox: Inbox, folder: Path) -> None:
    inbox.write("a.csv", b"one", "text/csv")
    os.utime(folder / "a.csv", ns=(1, 1))
    (first,) = inbox.entries()
    assert (first.size_bytes, first.version) == (3, "3-1")
    os.utime(folder / "a.csv", ns=(1, 2))
    (touched,) = inbox.entries()
    (folder / "a.csv").write_bytes(b"four")
    os.utime(folder / "a.csv", ns=(1, 1))
    (longer,) = inbox.entries()
    assert len({first.version, touched.version, longer.version}) == 3


def test_what_is_written_replaces_and_can_be_read_by_others(inbox: Inbox, folder: Path) -> None:
    before = os.umask(0o022)
    try:
        inbox.write("a.report.csv", b"old", "text/csv")
        inbox.write("a.report.csv", b"new", "text/csv")
    finally:
        os.umask(before)
    assert (folder / "a.report.csv").read_bytes() == b"new"
    assert (folder / "a.report.csv").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in folder.iterdir()] == ["a.report.csv"]


def test_a_link_in_the_place_of_a_report_is_replaced_and_not_written_through(
    inbox: Inbox, folder: Path, tmp_path: Path
) -> None:
    inbox.entries()
    (tmp_path / "precious").write_bytes(b"keep")
    (folder / "a.report.csv").symlink_to(tmp_path / "precious")
    inbox.write("a.report.csv", b"new", "text/csv")
    assert (tmp_path / "precious").read_bytes() == b"keep"
    assert (folder / "a.report.csv").read_bytes() == b"new"


def test_what_a_killed_writer_left_is_removed_after_a_while(inbox: Inbox, folder: Path) -> None:
    inbox.entries()
    (folder / ".mindreel-old.part").write_bytes(b"half")
    os.utime(folder / ".mindreel-old.part", (1, 1))
    (folder / ".mindreel-new.part").write_bytes(b"half")
    inbox.entries()
    assert [path.name for path in folder.iterdir()] == [".mindreel-new.part"]


def test_an_inbox_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_bytes(b"")
    with pytest.raises(SetupError, match=r"The inbox .* cannot be looked into: .*; check"):
        FolderInbox(tmp_path / "inbox").entries()


def test_a_network_folder_on_a_bad_day_is_tried_again(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(_: Path) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr("mindreel.sources.inbox.folder.os.scandir", stale)
    with pytest.raises(TransientError, match="Stale file handle"):
        inbox.entries()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(inbox: Inbox, folder: Path) -> None:
    inbox.write("a.csv", b"url\n", "text/csv")
    (folder / "a.csv").chmod(0)
    with pytest.raises(SetupError, match=r"used to read a.csv: Permission denied"):
        inbox.read("a.csv", max_bytes=4)


def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(inbox: Inbox, folder: Path) -> None:
    inbox.entries()
    (folder / "a.report.csv").mkdir()
    with pytest.raises(SetupError, match=r"used to write a.report.csv"):
        inbox.write("a.report.csv", b"new", "text/csv")
    with pytest.raises(SetupError, match="name too long"):
        inbox.write(f"{'a' * 300}.csv", b"new", "text/csv")
    assert [path.name for path in folder.iterdir()] == ["a.report.csv"]
