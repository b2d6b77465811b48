"""`scan` and what steers a batch, with the real engine."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Mindreel


@pytest.fixture
def engine(mindreel: Mindreel) -> Iterator[Mindreel]:
    """A data directory whose engine is gone after the test."""
    yield mindreel
    mindreel("down")


def test_a_path_that_is_no_folder_is_refused_before_anything_starts(mindreel: Mindreel) -> None:
    done = mindreel("scan", "--inbox", "nowhere")

    assert (done.code, done.err) == (
        1,
        "mindreel: nowhere is no folder; name the folder in which the CSV files lie.\n",
    )
    assert not mindreel.home.exists()


@pytest.mark.slow
def test_files_are_taken_once_watched_and_tried_again(engine: Mindreel, tmp_path: Path) -> None:
    first = engine("scan")
    assert first.code == 0
    assert f"The inbox is {engine.home / 'inbox'}" in first.err
    assert "Nothing new in" in first.err

    # Loopback is not allowed, so the row fails without a site.
    folder = tmp_path / "another inbox"
    folder.mkdir()
    (folder / "my talks.csv").write_text("url\nhttp://127.0.0.1/a.mp4\nhtp:/x\nhttp://127.0.0.1/a.mp4\n")
    (folder / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    taken = engine("scan", "--inbox", folder, "--json")
    assert taken.code == 1, "a spreadsheet cannot be taken"
    files = {each["file"]: each for each in taken.result["files"]}
    assert (files["my talks.csv"]["rows"], files["my talks.csv"]["pending"]) == (3, 1)
    assert "spreadsheet" in files["sheet.xlsx"]["problem"]
    assert engine("scan", "--inbox", folder, "--json").result["files"] == []

    watched = engine("batch", "show", "my talks", "--watch")
    assert watched.code == 0
    for count in ("1  failed", "1  refused", "1  duplicate"):
        assert count in watched.out
    assert f"Report: {folder / 'my talks.report.csv'}" in watched.out

    assert "has no row of class network" in engine("batch", "retry", "my talks", "--class", "network").err
    again = engine("batch", "retry", "my talks", "--class", "forbidden")
    assert again.err.startswith("1 row is tried again.")
    assert "1  failed" in engine("batch", "show", "my talks", "--watch").out
    assert "csv-scan" in engine("schedule", "list").out


@pytest.mark.slow
def test_the_list_of_schedules_says_what_a_clean_up_freed(engine: Mindreel) -> None:
    orphan = engine.home / "artifacts" / "web-0000000000000000" / "download-0"
    orphan.mkdir(parents=True)
    (orphan / "media.mp4").write_bytes(b"0" * 5_000_000)
    two_days_ago = time.time() - 2 * 86400
    for path in (orphan / "media.mp4", orphan, orphan.parent):
        os.utime(path, (two_days_ago, two_days_ago))

    assert engine("scan").code == 0, "it starts the engine"
    assert engine("schedule", "trigger", "cleanup").code == 0

    deadline = time.monotonic() + 60
    while "The last cleanup freed 5.0 MB (1 orphans removed)" not in engine("schedule", "list").out:
        assert time.monotonic() < deadline
    assert not orphan.exists()
