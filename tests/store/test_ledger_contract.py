"""What every ledger promises of files and duplicates; see `mindreel.store.protocols.BatchLedger`."""

import random
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mindreel.contracts.batch import REFUSED, STARTED, CsvFile, CsvRow, RowMark
from mindreel.contracts.video import Options
from mindreel.errors import SetupError

Row = Callable[..., CsvRow]


def test_a_new_file_waits_for_its_rows_to_be_started(desk: Any, video_row: Row) -> None:
    view = desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    assert (view.name, view.inbox, view.file, view.state) == ("talks", "/inbox", "talks.csv", "running")
    assert (view.counts, view.total, view.open, view.percent) == ({"waiting": 2}, 2, 2, 0)
    assert (view.seconds_left, view.problem, view.remarks) == (None, "", ())
    assert view == desk.look("talks") == desk.ledger.batches()[0]


def test_what_was_seen_of_a_file_is_remembered(desk: Any, video_row: Row) -> None:
    file = desk.file("talks")
    assert desk.ledger.seen("/inbox", "talks.csv") is None
    desk.ledger.register(file, CsvFile((video_row(1, "a"),), remarks=("Read as UTF-16.",)))
    assert desk.open_ledger().seen("/inbox", "talks.csv") == file
    assert desk.look("talks").remarks == ("Read as UTF-16.",)
    desk.ledger.touch("talks", "later")
    assert desk.ledger.seen("/inbox", "talks.csv") == replace(file, version="later")


def test_the_same_content_twice_changes_nothing(desk: Any, video_row: Row) -> None:
    file, content = desk.file("talks"), CsvFile((video_row(2, "a"), video_row(3, "b")))
    desk.ledger.register(file, content)
    desk.start("talks", limit=1)
    before, rows = desk.look("talks"), desk.ledger.rows("talks")
    assert desk.ledger.register(replace(file, version="touched"), content) == before
    assert desk.ledger.rows("talks") == rows
    assert desk.ledger.seen("/inbox", "talks.csv").version == "touched"


def test_a_malformed_file_is_a_batch_that_says_so(desk: Any) -> None:
    view = desk.ledger.register(desk.file("bad"), CsvFile(problem="It is empty."))
    assert (view.problem, view.total, view.percent) == ("It is empty.", 0, 100)
    desk.ledger.set_state("bad", "finished")
    assert desk.look("bad").state == "finished"


def test_a_malformed_file_that_is_read_otherwise_now_is_taken(desk: Any, video_row: Row) -> None:
    file, problem = desk.file("talks"), CsvFile(problem="The file has more than 10 rows.")
    before = desk.ledger.register(file, problem)
    assert desk.ledger.register(replace(file, version="touched"), problem) == before
    view = desk.ledger.register(replace(file, version="again"), CsvFile((video_row(2, "a"),)))
    assert (view.problem, view.counts) == ("", {"waiting": 1})


def test_a_file_that_is_spoilt_and_mended_starts_nothing_twice(desk: Any, video_row: Row) -> None:
    rows = (video_row(2, "a"), video_row(3, "b"))
    desk.drop("talks", *rows)
    desk.start("talks")
    desk.end("a", status="failed")
    desk.ledger.register(desk.file("talks"), CsvFile(problem="It is no text."))
    assert desk.outcomes("talks") == ["failed", "queued"]
    view = desk.drop("talks", *rows)
    assert (view.problem, desk.outcomes("talks")) == ("", ["failed", "queued"])


def test_a_row_that_makes_no_sense_is_refused_with_its_problem(desk: Any) -> None:
    desk.drop("talks", CsvRow(2, "nonsense", problem="It is no address."), CsvRow(3, ""))
    row = desk.row("talks", 2)
    assert (row.outcome, row.stage, row.error_class) == ("refused", "csv", "input")
    assert (row.message, row.video_id) == ("It is no address.", None)
    assert desk.row("talks", 3).outcome == "refused"
    assert desk.start("talks") == []


def test_a_video_twice_in_a_file_is_started_once(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(3, "a"), video_row(4, "b"), video_row(7, "a"))
    assert desk.start("talks") == ["a", "b"]
    row = desk.row("talks", 7)
    assert (row.outcome, row.original, row.message) == ("duplicate", "row 3", "The same video as row 3.")
    desk.end("a", library="/library/a")
    assert desk.row("talks", 7).library == "/library/a"


def test_a_refused_row_is_nobodys_original(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a", problem="Clips must be a number."), video_row(3, "a"))
    assert desk.outcomes("talks") == ["refused", "waiting"]


@pytest.mark.parametrize("begun", [False, True])
def test_a_video_that_is_open_in_another_file_is_not_started_again(
    desk: Any, video_row: Row, *, begun: bool
) -> None:
    desk.drop("talks", video_row(3, "a"))
    if begun:
        desk.start("talks")
    desk.drop("more", video_row(2, "a"))
    assert desk.start("more") == []
    row = desk.row("more", 2)
    assert (row.outcome, row.original) == ("duplicate", "row 3 of talks")
    assert row.message == "The same video as row 3 of talks."


def test_a_duplicate_says_how_its_original_went(desk: Any, video_row: Row) -> None:
    for video_id in "abc":
        desk.drop(f"talks {video_id}", video_row(3, video_id))
        desk.drop(f"more {video_id}", video_row(2, video_id))
    desk.start("talks a")
    desk.end("a", status="failed", reasons=("The video is private.",))
    assert desk.row("more a", 2).message == (
        "The same video as row 3 of talks a. It failed there. The video is private."
    )
    desk.start("talks b")
    desk.end("b", library="/library/b")
    assert desk.row("more b", 2).library == "/library/b"
    desk.ledger.set_state("talks c", "cancelled")
    assert desk.row("more c", 2).message.endswith("That batch was cancelled before its turn came.")


@pytest.mark.parametrize("status", ["completed", "partial"])
def test_a_video_that_was_finished_before_is_not_made_again(desk: Any, video_row: Row, status: str) -> None:
    desk.end("a", status=status, reasons=("No clips.",), library="/library/a")
    day = desk.catalog.get("a").updated_at[:10]
    desk.drop("talks", video_row(2, "a"))
    row = desk.row("talks", 2)
    assert (row.outcome, row.original, row.library) == ("duplicate", "", "/library/a")
    assert row.message.startswith(f"It was finished on {day}")
    assert "that result is used." in row.message
    assert ("No clips." in row.message) == (status == "partial")
    assert desk.start("talks") == []


def test_a_video_that_runs_by_itself_is_not_started_again(desk: Any, video_row: Row) -> None:
    desk.begin("a")
    desk.drop("talks", video_row(2, "a"))
    assert desk.outcomes("talks") == ["duplicate"]
    assert desk.row("talks", 2).message == "It was being processed already when the file was read."
    desk.catalog.finish("a", status="failed", reasons=("It is gone.",))
    assert desk.row("talks", 2).message.endswith("and failed. It is gone.")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_new_file_starts_again_what_failed_elsewhere(desk: Any, video_row: Row, status: str) -> None:
    desk.end("by-itself", status=status)
    desk.drop("talks", video_row(2, "in-talks"))
    desk.start("talks")
    desk.end("in-talks", status=status)
    desk.drop("more", video_row(2, "by-itself"), video_row(3, "in-talks"))
    taken = desk.ledger.take("more", limit=10, most_open=10)
    assert [each.row.video.id for each in taken if each.again] == ["by-itself", "in-talks"]


def test_other_options_than_the_run_had_are_said(desk: Any, video_row: Row) -> None:
    desk.end("a", options=Options(clips=5))
    wanted = Options(clips=8, vertical=True, language="de")
    desk.drop(
        "talks", video_row(2, "a", options=wanted), video_row(3, "b"), video_row(4, "b", options=wanted)
    )
    for number in (2, 4):
        assert desk.row("talks", number).message.endswith(
            "The options of this row (clips 8, vertical, language de) were not applied; "
            "to have them, run it by itself with them."
        )
    desk.drop("same", video_row(2, "a", options=Options(clips=5)))
    assert "options" not in desk.row("same", 2).message


def test_a_changed_file_keeps_what_was_done_and_starts_what_is_new(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, name) for number, name in enumerate("abcdef", 2)))
    assert desk.start("talks", limit=4) == ["a", "b", "c", "d"]
    desk.end("a")
    desk.end("b", status="failed", error_class="network")
    desk.begin("c")
    desk.drop(
        "talks",
        *(video_row(2, "new"), video_row(3, "e"), video_row(5, "d"), video_row(6, "c")),
        *(video_row(7, "b"), video_row(9, "a"), video_row(10, "a")),
    )
    assert desk.outcomes("talks") == [
        *("waiting", "waiting", "queued", "running", "failed", "completed", "duplicate")
    ]
    assert desk.row("talks", 10).message == "The same video as row 9."
    assert desk.start("talks") == ["new", "e"]


def test_a_row_that_is_gone_is_forgotten_and_its_video_is_not(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    desk.start("talks")
    desk.end("a", library="/library/a")
    desk.begin("b")
    desk.drop("talks", video_row(2, "c"))
    assert desk.outcomes("talks") == ["waiting"]
    assert desk.ledger.open_videos("talks") == []
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    assert desk.outcomes("talks") == ["duplicate", "duplicate"]
    assert desk.row("talks", 2).library == "/library/a"


def test_a_duplicate_takes_over_when_its_original_leaves_the_file(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "a"))
    desk.start("talks")
    desk.end("a", status="failed", reasons=("Gone.",))
    desk.drop("talks", video_row(2, "a"))
    assert (desk.row("talks", 2).outcome, desk.row("talks", 2).message) == ("failed", "Gone.")
    assert desk.start("talks") == []


def test_a_duplicate_of_a_row_that_left_another_file_is_taken_with_the_next_state(
    desk: Any, video_row: Row
) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.drop("more", video_row(2, "a"))
    desk.drop("talks", video_row(2, "b"))
    assert desk.row("more", 2).message == (
        "The row of another file that it stood in is gone; change this file to have it taken."
    )
    desk.drop("more", video_row(2, "a"), video_row(3, "c"))
    assert desk.start("more") == ["a", "c"]


def test_edited_options_count_while_a_row_waits_and_are_said_afterwards(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"), video_row(3, "b"))
    desk.start("talks", limit=1)
    desk.end("a")
    desk.drop(
        "talks", video_row(2, "a", options=Options(clips=1)), video_row(3, "b", options=Options(clips=2))
    )
    assert "(clips 1) were not applied" in desk.row("talks", 2).message
    (waiting,) = desk.ledger.take("talks", limit=10, most_open=10)
    assert waiting.row.options == Options(clips=2)


def test_a_changed_file_wakes_a_finished_batch_and_leaves_a_paused_one(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a")
    desk.ledger.set_state("talks", "finished")
    assert desk.drop("talks", video_row(2, "a"), video_row(3, "b")).state == "running"
    desk.ledger.set_state("talks", "paused")
    assert desk.drop("talks", video_row(2, "a"), video_row(3, "c")).state == "paused"
    desk.ledger.set_state("talks", "cancelled")
    assert desk.drop("talks", video_row(2, "a")).state == "cancelled"
    assert desk.drop("talks", video_row(2, "a"), video_row(3, "d")).state == "running"


def test_a_name_that_another_file_has_is_told_apart(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    assert desk.ledger.name_for("/inbox", "talks.csv") == "talks"
    names = {
        desk.ledger.name_for("/other", "talks.csv"),
        desk.ledger.name_for("/inbox", "talks.CSV"),
        desk.ledger.name_for("/inbox", "talks.tsv"),
    }
    assert len(names | {"talks"}) == 4
    assert all(name.startswith("talks") for name in names)
    assert desk.ledger.name_for("/inbox", "new.csv") == "new"


def test_two_files_that_want_a_name_at_once_both_get_one(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    view = desk.ledger.register(desk.file("talks", inbox="/other"), CsvFile((video_row(2, "b"),)))
    assert view.name == desk.ledger.name_for("/other", "talks.csv") != "talks"
    assert (desk.outcomes("talks"), desk.outcomes(view.name)) == (["waiting"], ["waiting"])


@pytest.mark.parametrize("name", ["演讲 2026", 'it\'s "quoted"', "%_*", "a' OR '1'='1", "🎬", "ein Name.v2"])
def test_any_name_will_do(desk: Any, video_row: Row, name: str) -> None:
    desk.drop("other", video_row(2, "a"))
    desk.drop(name, video_row(2, "b", title=name, tenant=name))
    assert desk.ledger.name_for("/inbox", f"{name}.csv") == name
    assert desk.start(name) == ["b"]
    assert desk.row(name, 2).title == desk.row(name, 2).tenant == desk.catalog.get("b").title == name
    assert desk.outcomes("other") == ["waiting"]


def test_text_that_is_no_unicode_is_kept_readable(desk: Any, video_row: Row) -> None:
    name = "caf\udce9"
    view = desk.ledger.register(
        desk.file(name), CsvFile((replace(video_row(2, "a", title=name), url=name),), remarks=(name,))
    )
    assert view.name == r"caf\udce9"
    assert desk.ledger.seen("/inbox", f"{name}.csv").sha256
    assert desk.start(name) == ["a"]
    desk.ledger.mark(name, [RowMark(2, 0, STARTED)])
    assert (desk.row(name, 2).title, desk.row(name, 2).url) == (r"caf\udce9", r"caf\udce9")
    desk.drop("more", CsvRow(2, "\ud800", problem="\ud800 is no address."))
    assert desk.row("more", 2).message == r"\ud800 is no address."


def test_text_with_characters_that_databases_cut_at_or_refuse_comes_back(desk: Any, video_row: Row) -> None:
    name = "a\0b \N{SYMBOL FOR NULL}0 \ufffe \u202e"
    view = desk.ledger.register(
        desk.file(name), CsvFile((video_row(2, "a", title=name, tenant=name),), remarks=(name,))
    )
    assert (view.name, view.remarks) == (name, (name,))
    assert desk.ledger.name_for("/inbox", f"{name}.csv") == name
    assert desk.start(name) == ["a"]
    assert desk.row(name, 2).title == desk.row(name, 2).tenant == desk.catalog.get("a").title == name


def test_playlists_with_very_long_addresses_are_told_apart(desk: Any) -> None:
    noise = "".join(random.Random(1).choices(string.ascii_letters, k=5000))  # noqa: S311 - cannot be compressed
    urls = [f"https://example.org/{noise}{number}" for number in (1, 2, 1)]
    desk.drop("talks", *(CsvRow(number, url, collection=True) for number, url in enumerate(urls, 2)))
    assert desk.outcomes("talks") == ["waiting", "waiting", "duplicate"]
    assert desk.row("talks", 4).original == "row 2"
    desk.drop("talks", CsvRow(9, urls[1], collection=True), CsvRow(10, urls[2], collection=True))
    assert [row.url for row in desk.ledger.collections("talks", limit=9)] == urls[1:]


def test_ten_thousand_rows_are_taken_and_told(desk: Any, video_row: Row) -> None:
    view = desk.drop("talks", *(video_row(number, f"v{number % 6000}") for number in range(2, 10_002)))
    assert view.counts == {"waiting": 6000, "duplicate": 4000}
    assert len(desk.ledger.rows("talks")) == 10_000


def test_an_unknown_batch_is_said(desk: Any) -> None:
    assert desk.ledger.batch("none") is None
    assert desk.ledger.rows("none") == desk.ledger.open_videos("none") == desk.ledger.batches() == []
    assert desk.ledger.take("none", limit=1, most_open=1) == desk.ledger.collections("none", limit=1) == []
    desk.ledger.mark("none", [RowMark(1, 0, REFUSED)])
    with pytest.raises(SetupError, match="knows no batch none"):
        desk.ledger.release("none")
    with pytest.raises(SetupError, match="knows no batch none"):
        desk.ledger.set_state("none", "paused")
    with pytest.raises(SetupError, match="knows no batch none"):
        desk.ledger.touch("none", "version")
