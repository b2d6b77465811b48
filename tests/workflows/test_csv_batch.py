"""What becomes of the rows of a file, on a real server with the real ledger, inbox and parser."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError, RPCStatusCode

from mindreel.contracts.codec import from_json
from mindreel.contracts.scan import RetryInput
from mindreel.contracts.video import VideoRequest
from mindreel.sources.identity import identify
from tests.workflows.batch_world import World, address, until, world
from workflows import batch_starts, csv_batch
from workflows.batch_board import BatchProgress
from workflows.failures import sentence_of
from workflows.ids import notice_workflow_id
from workflows.progress import BATCH_KEY, OUTCOME_KEY


@pytest_asyncio.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world(tmp_path / "home", monkeypatch) as made, made.working():
        yield made


@pytest_asyncio.fixture
async def telling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A webhook is set."""
    async with world(tmp_path / "home", monkeypatch) as made:
        made.notify = True
        async with made.working():
            yield made


async def test_every_row_becomes_a_video_once_and_the_report_says_what_became_of_it(here: World) -> None:
    here.fates["d"] = "not_found"
    here.drop("talks.csv", "a", "b", "a", "d", "htp://example")
    found = await here.scan()
    result = await here.batch("talks").result()
    assert [(each.file, each.rows, each.pending) for each in found.files] == [("talks.csv", 5, 3)]
    assert result.counts == {"completed": 2, "duplicate": 1, "failed": 1, "refused": 1}
    assert here.outcomes("talks") == ["completed", "completed", "duplicate", "failed", "refused"]
    assert here.began == {"a": 1, "b": 1, "d": 1}


async def test_what_a_batch_shows_in_the_web_ui(here: World) -> None:
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a")
    await here.scan()
    await until(lambda: here.outcomes("talks") == ["running"])
    shown: BatchProgress = await here.batch("talks").query("batch", result_type=BatchProgress)
    assert (shown.state, shown.file, shown.counts) == ("running", "talks.csv", {"running": 1})
    assert shown.report == str(here.inbox / "talks.report.csv")
    video = await here.video("a").describe()
    assert video.typed_search_attributes[BATCH_KEY] == "talks"
    await here.video("a").signal("end")
    await here.batch("talks").result()
    description = await here.batch("talks").describe()
    assert description.typed_search_attributes[OUTCOME_KEY] == "finished"
    assert await description.static_summary() == "talks.csv"


async def test_a_row_is_started_with_its_priority_tenant_title_and_options(here: World) -> None:
    tenant = "the department of long names"
    here.drop("talks.csv", f"{address('a')},1,{tenant},A talk,2", column="url,priority,tenant,title,clips")
    await here.scan()
    await here.batch("talks").result()
    description = await here.video("a").describe()
    info = description.raw_description.workflow_execution_info
    assert info.priority.priority_key == 1
    assert info.priority.fairness_key == tenant
    assert await description.static_summary() == "A talk"
    row = here.catalog.get(identify(address("a")).id)
    assert row is not None
    request = from_json(VideoRequest, row.request_json.encode())
    assert (request.tenant, request.batch, request.options.clips) == (tenant, "talks", 2)


async def test_rows_tried_again_end_a_pause_also_for_the_videos_that_were_held(here: World) -> None:
    here.fates |= {"a": "hold", "b": "network"}
    here.drop("talks.csv", "a", "b")
    await here.scan()
    await until(lambda: here.outcomes("talks") == ["running", "failed"])
    await here.ask("talks", "pause")
    here.fates["b"] = "completed"
    assert await here.ask("talks", "retry", RetryInput()) == 1
    assert await here.video("a").query("told") == ["pause", "resume"]
    await here.video("a").signal("end")
    assert (await here.batch("talks").result()).counts == {"completed": 2}


async def test_nothing_is_started_again_by_a_second_scan_a_touch_or_a_copy(here: World) -> None:
    path = here.drop("talks.csv", "a", "b")
    await here.scan()
    await here.batch("talks").result()
    again = await here.scan()
    path.touch()
    touched = await here.scan()
    assert (again.files, touched.files) == ((), ())
    here.drop("copy.csv", "a", "b")
    await here.scan()
    result = await here.batch("copy").result()
    assert result.counts == {"duplicate": 2}
    assert here.began == {"a": 1, "b": 1}


async def test_an_added_row_starts_one_video_also_while_the_batch_is_going_on(here: World) -> None:
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a")
    await here.scan()
    await until(lambda: here.began["a"])
    here.drop("talks.csv", "a", "b")
    await here.scan()
    await until(lambda: here.outcomes("talks") == ["running", "completed"])
    await here.video("a").signal("end")
    await here.batch("talks").result()
    here.drop("talks.csv", "a", "b", "c")
    await here.scan()
    await here.batch("talks").result()
    assert here.began == {"a": 1, "b": 1, "c": 1}


async def test_a_paused_batch_starts_nothing_and_its_videos_hear_of_it(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_batch, "MOST_OPEN", 1)
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a", "b")
    await here.scan()
    await until(lambda: here.began["a"])
    assert await here.ask("talks", "pause") == "paused"
    assert await here.video("a").query("told") == ["pause"]
    await here.video("a").signal("end")
    await until(lambda: here.outcomes("talks") == ["completed", "waiting"])
    assert here.began["b"] == 0
    assert await here.ask("talks", "resume") == "running"
    await here.batch("talks").result()
    assert here.outcomes("talks") == ["completed", "completed"]


async def test_a_cancelled_batch_withdraws_its_rows_and_cancels_its_videos(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_batch, "MOST_OPEN", 1)
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a", "b")
    await here.scan()
    await until(lambda: here.began["a"])
    assert await here.ask("talks", "cancel") == "cancelled"
    result = await here.batch("talks").result()
    assert (result.state, result.counts) == ("cancelled", {"cancelled": 2})
    assert here.outcomes("talks") == ["cancelled", "cancelled"]


async def test_cancelling_the_workflow_cancels_the_batch_and_the_report_is_whole(here: World) -> None:
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a", "b")
    await here.scan()
    await until(lambda: here.began["a"] and here.outcomes("talks")[1:] == ["completed"])
    await here.batch("talks").cancel()
    with pytest.raises(WorkflowFailureError) as ended:
        await here.batch("talks").result()
    assert isinstance(ended.value.cause, CancelledError)
    assert here.outcomes("talks") == ["cancelled", "completed"]


async def test_rows_are_tried_again_by_class_also_after_the_batch_has_ended(here: World) -> None:
    here.fates |= {"a": "not_found", "b": "network"}
    here.drop("talks.csv", "a", "b", "c")
    await here.scan()
    await here.batch("talks").result()
    here.fates.clear()
    assert await here.ask("talks", "retry", RetryInput(("network",))) == 1
    await here.batch("talks").result()
    assert here.outcomes("talks") == ["failed", "completed", "completed"]
    assert await here.ask("talks", "retry", RetryInput()) == 1
    await here.batch("talks").result()
    assert here.outcomes("talks") == ["completed", "completed", "completed"]
    assert here.began == {"a": 2, "b": 2, "c": 1}


async def test_what_is_asked_of_a_batch_that_has_ended_changes_nothing(here: World) -> None:
    here.drop("talks.csv", "a")
    await here.scan()
    await here.batch("talks").result()
    assert await here.ask("talks", "pause") == "finished"
    assert await here.ask("talks", "cancel") == "finished"
    assert await here.ask("talks", "retry", RetryInput()) == 0
    await here.batch("talks").result()
    assert here.began == {"a": 1}


async def test_the_end_of_a_batch_is_told_once_and_again_only_after_something_new(
    telling: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_starts, "CHILDREN_A_RUN", 2)
    telling.fates["a"] = "not_found"
    telling.drop("talks.csv", "a", "b", "c")
    await telling.scan()
    await telling.batch("talks").result()
    assert await _is_told(telling)  # by a run that another one handed over to
    assert await telling.ask("talks", "retry", RetryInput(("network",))) == 0
    await telling.batch("talks").result()
    assert not await _is_told(telling)
    assert await telling.ask("talks", "cancel") == "finished"
    await telling.batch("talks").result()
    assert not await _is_told(telling)
    telling.fates.clear()
    assert await telling.ask("talks", "retry", RetryInput()) == 1
    await telling.batch("talks").result()
    assert await _is_told(telling)
    telling.drop("talks.csv", "a", "b")
    await telling.scan()
    await telling.batch("talks").result()
    assert await _is_told(telling)


async def test_the_end_of_a_file_of_which_nothing_can_be_taken_is_told(telling: World) -> None:
    telling.drop("talks.csv", "htp://example")
    await telling.scan()
    await telling.batch("talks").result()
    assert await _is_told(telling)


async def test_the_cancel_of_a_batch_whose_workflow_is_gone_is_told(telling: World) -> None:
    telling.fates["a"] = "hold"
    telling.drop("talks.csv", "a")
    await telling.scan()
    await until(lambda: telling.began["a"])
    await telling.batch("talks").terminate()
    assert await telling.ask("talks", "cancel") == "cancelled"
    await telling.batch("talks").result()
    assert await _is_told(telling)


async def _is_told(here: World) -> bool:
    """Whether the last run of the batch has started its notice."""
    run_id = (await here.batch("talks").describe()).run_id
    try:
        await here.client.get_workflow_handle(notice_workflow_id("batch-talks", run_id)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_an_unknown_batch_is_refused_and_leaves_nothing_running(here: World) -> None:
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await here.ask("nobody's", "pause")
    assert "There is no batch nobody's" in sentence_of(refused.value.cause)
    with pytest.raises(WorkflowFailureError) as failed:
        await here.batch("nobody's").result()
    assert "There is no batch nobody's" in sentence_of(failed.value.cause)


async def test_a_video_that_was_terminated_is_recorded_and_can_be_tried_again(here: World) -> None:
    here.fates["a"] = "hold"
    here.drop("it's.csv", "a")
    await here.scan()
    await until(lambda: here.began["a"])
    await here.video("a").terminate(reason="by a test")
    await until(lambda: here.ledger.open_videos("it's", unchanged_s=0.5))
    await here.batch("it's").signal("wake")
    await here.batch("it's").result()
    (row,) = here.report("it's")
    assert (row["outcome"], row["message"]) == ("cancelled", "It was terminated: by a test.")
    here.fates.clear()
    assert await here.ask("it's", "retry", RetryInput()) == 1
    await here.batch("it's").result()
    assert here.outcomes("it's") == ["completed"]


async def test_a_long_batch_is_handed_from_run_to_run(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_starts, "CHILDREN_A_RUN", 6)
    monkeypatch.setattr(csv_batch, "PAGE", 3)
    names = [f"v{number}" for number in range(18)]
    here.drop("talks.csv", *names)
    await here.scan()
    result = await here.batch("talks").result()
    assert result.counts == {"completed": 18}
    assert here.began == dict.fromkeys(names, 1)
    runs = [run async for run in here.client.list_workflows("WorkflowId = 'batch-talks'")]
    assert len(runs) >= 3


async def test_a_playlist_becomes_rows_and_one_that_cannot_be_read_says_why(here: World) -> None:
    here.fates["pages"] = "expanded"
    here.drop(
        "talks.csv", "pages", "https://www.youtube.com/playlist?list=PLgone", "https://www.youtube.com/@two"
    )
    await here.scan()
    await here.batch("talks").result()
    rows = [(row["row"], row["item"], row["outcome"], row["error_class"]) for row in here.report("talks")]
    assert rows == [
        ("2", "0", "expanded", ""),
        ("2", "1", "completed", ""),
        ("2", "2", "completed", ""),
        ("2", "3", "refused", "input"),
        ("3", "0", "failed", "not_found"),
        ("4", "0", "expanded", ""),
        ("4", "1", "completed", ""),
        ("4", "2", "completed", ""),
        ("4", "3", "refused", "input"),
    ]


async def test_a_malformed_file_gets_a_report_and_is_not_read_again(here: World) -> None:
    path = here.inbox / "talks.xlsx"
    here.inbox.mkdir()
    path.write_bytes(b"PK\x03\x04 a spreadsheet")
    (found,) = (await here.scan()).files
    assert "save" in found.problem.lower()
    result = await here.batch(found.batch).result()
    assert result.counts == {}
    assert "spreadsheet" in (here.inbox / f"{found.batch}.report.html").read_text()
    assert (await here.scan()).files == ()


async def test_an_inbox_that_cannot_be_written_harms_no_video_and_is_tried_again(here: World) -> None:
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a", "b")
    (here.inbox / "talks.report.csv").mkdir()  # a folder is in the way; root may write anywhere else
    (here.inbox / "talks.report.csv" / "x").touch()
    await here.scan()
    await until(lambda: here.began["b"])
    progress = await until_shown(here, lambda shown: shown.trouble and shown.counts.get("completed"))
    assert "talks.report.csv" in progress.trouble
    await here.video("a").signal("end")
    await until_shown(here, lambda shown: shown.counts.get("completed") == 2)
    (here.inbox / "talks.report.csv" / "x").unlink()
    (here.inbox / "talks.report.csv").rmdir()
    result = await here.batch("talks").result()
    assert (result.trouble, here.outcomes("talks")) == ("", ["completed", "completed"])


async def test_a_batch_that_has_ended_does_not_wait_for_its_inbox_for_ever(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_batch, "REPORT_PATIENCE", timedelta(seconds=0.5))
    here.drop("talks.csv", "a")
    (here.inbox / "talks.report.csv").mkdir()
    await here.scan()
    result = await here.batch("talks").result()
    assert (result.state, result.counts, result.report) == ("finished", {"completed": 1}, "")
    assert "talks.report.csv" in result.trouble


async def until_shown(here: World, condition: Callable[[BatchProgress], object]) -> BatchProgress:
    for _ in range(200):
        shown: BatchProgress = await here.batch("talks").query("batch", result_type=BatchProgress)
        if condition(shown):
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError("it was never shown")


async def test_a_batch_whose_workflow_was_terminated_goes_on_with_the_next_scan(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_batch, "MOST_OPEN", 1)
    here.fates["a"] = "hold"
    here.drop("talks.csv", "a", "b", "c")
    await here.scan()
    await until(lambda: here.began["a"])
    await here.batch("talks").terminate()
    await here.video("a").signal("end")
    assert (await here.scan()).files == ()
    result = await here.batch("talks").result()
    assert result.counts == {"completed": 3}
    assert here.began == {"a": 1, "b": 1, "c": 1}
