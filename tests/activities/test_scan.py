"""What a scan takes of a file that it has seen before."""

from functools import partial
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.scan import ScanActivities
from mindreel.contracts.batch import CsvLimits
from mindreel.contracts.batch_steps import FileTaken, LookInput, TakeFileInput
from mindreel.sources.csv_rows import parse
from mindreel.sources.inbox.folder import FolderInbox
from mindreel.store.local_ledger import LocalLedger

LINES = "https://example.org/1\nhttps://example.org/2\n"


def taken(home: Path, *, max_rows: int) -> FileTaken:
    """What a worker with this limit takes of the one file, saved once more."""
    inbox = FolderInbox(home / "inbox")
    inbox.write("talks.csv", LINES.encode(), "text/csv")
    limits = CsvLimits(max_rows=max_rows)
    scan = ScanActivities(
        lambda _: inbox, partial(parse, limits=limits), limits.max_bytes, LocalLedger(home / "catalog.sqlite")
    )
    return ActivityEnvironment().run(scan.take_file, TakeFileInput("", inbox.entries()[0]))


def test_a_file_that_was_refused_is_read_again_when_it_is_saved_again(tmp_path: Path) -> None:
    refused = [taken(tmp_path, max_rows=1).scanned for _ in range(2)]
    assert all(each is not None and "save it again" in each.problem for each in refused)

    file = taken(tmp_path, max_rows=2).scanned  # the limit was raised, as the sentence says
    assert file is not None
    assert (file.problem, file.pending) == ("", 2)


def test_a_file_that_was_taken_is_not_read_again_when_it_is_saved_again(tmp_path: Path) -> None:
    assert taken(tmp_path, max_rows=2).scanned is not None
    assert taken(tmp_path, max_rows=2).scanned is None
    assert taken(tmp_path, max_rows=1).scanned is None


@pytest.mark.parametrize(("begin", "first"), [(0.0, "0"), (0.5, "2"), (0.999999, "3")])
def test_a_look_may_begin_anywhere_and_comes_round_to_every_file(
    tmp_path: Path, begin: float, first: str
) -> None:
    inbox = FolderInbox(tmp_path / "inbox")
    for number in range(4):
        inbox.write(f"{number}.csv", LINES.encode(), "text/csv")
    limits = CsvLimits()
    scan = ScanActivities(
        lambda _: inbox, partial(parse, limits=limits), limits.max_bytes, LocalLedger(tmp_path / "c.sqlite")
    )
    names = [each.name for each in ActivityEnvironment().run(scan.find_files, LookInput("", begin)).entries]
    assert names[0] == f"{first}.csv"
    assert sorted(names) == ["0.csv", "1.csv", "2.csv", "3.csv"]
