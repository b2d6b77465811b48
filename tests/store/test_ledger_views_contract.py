"""What every ledger shows of batches and rows; see `mindreel.contracts.batch`."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mindreel.contracts.batch import REFUSED, STARTED, CsvRow, RowMark
from mindreel.contracts.video import Options

Row = Callable[..., CsvRow]


def test_a_batch_counts_its_rows_and_how_far_they_are(desk: Any, video_row: Row) -> None:
    rows = [video_row(number, name) for number, name in enumerate("abcde", 2)]
    desk.drop("talks", *rows, video_row(7, "a"), CsvRow(8, "x", problem="No."))
    desk.start("talks", limit=4)
    desk.begin("a")
    desk.catalog.advance("a", stage="transcribe", percent=40)
    desk.end("b", status="failed")
    desk.end("c", status="partial")
    view = desk.look("talks")
    assert view.counts == {
        "running": 1,
        "failed": 1,
        "partial": 1,
        "queued": 1,
        "waiting": 1,
        "duplicate": 1,
        "refused": 1,
    }
    assert (view.total, view.open) == (7, 3)
    assert view.percent == pytest.approx(440 / 7)
    assert datetime.fromisoformat(view.created_at).utcoffset() == timedelta(0)
    assert datetime.fromisoformat(view.updated_at) >= datetime.fromisoformat(view.created_at)


def test_the_time_left_goes_by_the_pace_since_the_batch_began_or_went_on(desk: Any, video_row: Row) -> None:
    desk.drop("talks", *(video_row(number, f"v{number}") for number in range(2, 12)), video_row(20, "v2"))
    desk.start("talks")
    assert desk.look("talks").seconds_left is None
    desk.end("v2", "v3")
    few = desk.look("talks").seconds_left
    assert few is not None
    assert few >= 0
    desk.ledger.set_state("talks", "paused")
    assert desk.look("talks").seconds_left is None
    time.sleep(0.005)
    desk.ledger.set_state("talks", "running")
    assert desk.look("talks").seconds_left is None  # the pace before the pause is not that after it
    desk.end(*(f"v{number}" for number in range(4, 12)))
    assert (desk.look("talks").seconds_left, desk.look("talks").percent) == (None, 100)


def test_batches_come_newest_first(desk: Any, video_row: Row) -> None:
    desk.drop("first", video_row(2, "a"))
    desk.drop("second", video_row(2, "b"))
    desk.drop("first", video_row(2, "a"), video_row(3, "c"))
    assert [view.name for view in desk.ledger.batches()] == ["second", "first"]
    assert [view.total for view in desk.ledger.batches()] == [1, 2]
    assert desk.ledger.batches()[1] == desk.look("first")


def test_a_row_tells_how_its_video_does(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a", tenant="acme"))
    row = desk.row("talks", 2)
    assert (row.outcome, row.stage, row.percent, row.message, row.seconds) == ("waiting", "", 0, "", None)
    assert (row.video_id, row.url, row.tenant) == ("a", "https://example.org/a", "acme")
    desk.start("talks")
    assert desk.row("talks", 2).outcome == "queued"
    desk.begin("a")
    desk.catalog.describe("a", title="The site's title")
    desk.catalog.advance("a", stage="transcribe", percent=40)
    desk.catalog.advance("a", stage="thumbnail", percent=18)
    row = desk.row("talks", 2)
    assert (row.outcome, row.stage, row.percent, row.title) == (
        "running",
        "transcribe",
        40,
        "The site's title",
    )
    assert row.seconds is not None
    desk.catalog.finish("a", status="partial", reasons=("No clips.", "No index."), library="/library/a")
    row = desk.row("talks", 2)
    assert (row.outcome, row.error_class, row.percent) == ("partial", "partial", 100)
    assert (row.message, row.library) == ("No clips. No index.", "/library/a")


def test_a_failed_row_tells_where_and_why(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a", title="Mine"), video_row(3, "b"), video_row(4, "c"))
    desk.start("talks")
    desk.end("a", status="failed", reasons=("404.",), error_class="not_found", stage="download")
    row = desk.row("talks", 2)
    assert (row.outcome, row.stage, row.error_class) == ("failed", "download", "not_found")
    assert (row.message, row.title) == ("404.", "Mine")
    desk.end("b", status="failed")
    assert desk.row("talks", 3).error_class == "internal"
    desk.end("c", status="cancelled")
    assert (desk.row("talks", 4).outcome, desk.row("talks", 4).error_class) == ("cancelled", "cancelled")


def test_a_row_is_timed_from_the_beginning_of_its_run_to_its_end(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a")
    video = desk.catalog.get("a")
    lasted = datetime.fromisoformat(video.updated_at) - datetime.fromisoformat(video.began_at)
    assert desk.row("talks", 2).seconds == lasted.total_seconds()


def test_the_row_of_a_video_that_never_began_is_not_timed(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.catalog.finish("a", status="cancelled", reasons=())
    assert desk.row("talks", 2).seconds is None


Change = Callable[[Any, Row], object]
CHANGES: dict[str, Change] = {
    "a row is taken": lambda desk, _: desk.ledger.take("talks", limit=1, most_open=9),
    "a row is refused": lambda desk, _: desk.ledger.mark("talks", [RowMark(4, 0, REFUSED, "setup", "No.")]),
    "a video begins": lambda desk, _: desk.begin("queued"),
    "a video reaches a stage": lambda desk, _: desk.catalog.advance("running", stage="audio", percent=15),
    "a video gets its title": lambda desk, _: desk.catalog.describe("running", title="A title"),
    "a video ends": lambda desk, _: desk.catalog.finish("running", status="completed", reasons=()),
    "an original fails": lambda desk, _: desk.end("elsewhere", status="failed"),
    "the original's batch is cancelled": lambda desk, _: desk.ledger.set_state("other", "cancelled"),
    "the original moves": lambda desk, row: desk.drop("other", row(7, "elsewhere")),
    "the file changes": lambda desk, row: desk.drop("talks", row(2, "queued")),
    "a playlist is read": lambda desk, _: desk.ledger.expand("talks", 6, [], "It is empty."),
    "the batch is paused": lambda desk, _: desk.ledger.set_state("talks", "paused"),
    "failed rows are released": lambda desk, _: desk.ledger.release("talks"),
}


def _batch(desk: Any, video_row: Row) -> None:
    desk.drop("other", video_row(2, "elsewhere"))
    names = ["queued", "running", "waiting", "elsewhere"]
    rows = [video_row(number, name) for number, name in enumerate(names, 2)]
    rows += [CsvRow(6, "https://example.org/list", collection=True), video_row(7, "failed")]
    desk.drop("talks", *rows[:2], *rows[3:])
    desk.start("talks")
    desk.drop("talks", *rows)
    desk.begin("running")
    desk.end("failed", status="failed")


@pytest.mark.parametrize("change", CHANGES)
def test_a_batch_is_updated_whenever_its_report_reads_differently(
    desk: Any, video_row: Row, change: str
) -> None:
    _batch(desk, video_row)
    before, rows = desk.look("talks"), desk.ledger.rows("talks")
    CHANGES[change](desk, video_row)
    after = desk.look("talks")
    assert after.updated_at > before.updated_at
    shown = (after.state, desk.ledger.rows("talks"))
    assert shown != (before.state, rows)


def test_a_batch_is_not_updated_for_what_no_report_shows(desk: Any, video_row: Row) -> None:
    _batch(desk, video_row)
    desk.catalog.advance("running", stage="transcribe", percent=30)
    before = desk.look("talks")
    desk.catalog.advance("running", stage="thumbnail", percent=17)
    desk.catalog.advance("running", stage="transcribe", percent=60)
    desk.catalog.describe("running", duration_s=60, language="en", title="")
    desk.ledger.touch("talks", "another version")
    desk.ledger.mark("talks", [RowMark(2, 0, STARTED)])
    desk.ledger.set_state("talks", "running")
    desk.ledger.release("talks", classes=frozenset({"nonsense"}))
    desk.drop("third", video_row(2, "something else"))
    assert desk.look("talks").updated_at == before.updated_at


def test_an_options_sentence_is_not_said_of_what_failed(desk: Any, video_row: Row) -> None:
    desk.drop("talks", video_row(2, "a"))
    desk.start("talks")
    desk.end("a", status="failed", reasons=("Gone.",))
    desk.drop("talks", video_row(2, "a", options=Options(clips=1)))
    assert desk.row("talks", 2).message == "Gone."
