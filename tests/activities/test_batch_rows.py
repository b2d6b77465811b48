"""Rows leave the ledger as requests, in pages that fit into a payload."""

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.converter import default as default_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.batch_rows import BatchRowsActivities
from mindreel.contracts.batch import STARTED, BatchFile, CsvFile, CsvRow, RowMark
from mindreel.contracts.batch_steps import CANCEL, PAUSE, RESUME, ChangeInput, RowPage, TakeRowsInput
from mindreel.contracts.video import Options
from mindreel.sources.identity import identify
from mindreel.store.local_ledger import LocalLedger

PAYLOAD_BYTES = 2_000_000


@pytest.fixture
def ledger(tmp_path: Path) -> LocalLedger:
    return LocalLedger(tmp_path / "catalog.db")


def activities(ledger: LocalLedger) -> BatchRowsActivities:
    return BatchRowsActivities(ledger, patience_s=60.0, site_of_url=lambda _url: "example.org")


def take(ledger: LocalLedger, *marks: RowMark, limit: int = 100) -> RowPage:
    given = TakeRowsInput("talks", marks, limit, most_open=1000)
    return ActivityEnvironment().run(activities(ledger).take_rows, given)


def playlist(number: int, host: str) -> CsvRow:
    return CsvRow(number, f"https://{host}/playlist/{number}", collection=True)


def change(ledger: LocalLedger, wish: str) -> str:
    given = ChangeInput("talks", wish)
    return ActivityEnvironment().run(activities(ledger).change_batch, given).state


def register(ledger: LocalLedger, *rows: CsvRow) -> None:
    ledger.register(BatchFile("talks", "/inbox", "talks.csv", "1", "0" * 64), CsvFile(rows))


def row(number: int, url: str = "", title: str = "") -> CsvRow:
    url = url or f"https://example.org/{number}"
    return CsvRow(number, url, video=identify(url), title=title)


def test_a_row_becomes_the_request_of_its_video(ledger: LocalLedger) -> None:
    asked = replace(row(2, title="A talk"), options=Options(clips=1), tenant="ada", priority=1)
    register(ledger, asked)
    (start,) = take(ledger).rows
    request = start.request
    assert (start.number, start.item, start.priority, start.again) == (2, 0, 1, False)
    assert (request.source, request.video, request.options) == (asked.url, asked.video, asked.options)
    assert (request.title, request.tenant, request.batch) == ("A talk", "ada", "talks")
    assert (request.expand, request.patience_s) == (True, 60.0)


def test_what_was_taken_and_not_marked_is_given_again(ledger: LocalLedger) -> None:
    register(ledger, row(2), row(3))
    assert take(ledger, limit=1) == take(ledger, limit=1)
    page = take(ledger, RowMark(2, 0, STARTED))
    assert [start.number for start in page.rows] == [3]


def test_the_longest_rows_in_the_widest_script_fit_into_a_payload(ledger: LocalLedger) -> None:
    long = "x" * 4000
    register(
        ledger,
        *(row(number, f"https://example.org/{number}/{long}", "🎬" * 4096) for number in range(2, 102)),
    )
    page = take(ledger)
    (payload,) = default_converter().payload_converter.to_payloads([page])
    assert 1 < len(page.rows) < 100
    assert len(payload.data) < PAYLOAD_BYTES
    marks = [RowMark(start.number, start.item, STARTED) for start in page.rows]
    assert take(ledger, *marks).rows[0].number == page.rows[-1].number + 1


def test_a_wish_that_makes_no_sense_as_the_batch_stands_changes_nothing(ledger: LocalLedger) -> None:
    register(ledger, row(2))
    assert change(ledger, RESUME) == "running"
    assert change(ledger, PAUSE) == "paused"
    assert take(ledger).rows == ()
    assert change(ledger, CANCEL) == "cancelled"
    assert change(ledger, PAUSE) == "cancelled"


def test_an_unknown_batch_is_refused_with_one_sentence(ledger: LocalLedger) -> None:
    with pytest.raises(ApplicationError, match="There is no batch talks") as refused:
        take(ledger)
    assert refused.value.type == "input"


def test_playlists_of_a_site_that_refuses_do_not_hold_up_those_of_another(ledger: LocalLedger) -> None:
    playlists = [playlist(number, "busy.org") for number in range(1, 200)]
    register(ledger, *playlists, playlist(200, "well.org"))
    rows = BatchRowsActivities(ledger, 60.0, site_of_url=lambda url: url.split("/")[2])
    page = ActivityEnvironment().run(rows.take_rows, TakeRowsInput("talks", (), 100, most_open=1000))
    assert {each.site for each in page.playlists} == {"busy.org", "well.org"}
    assert len(page.playlists) < 50
