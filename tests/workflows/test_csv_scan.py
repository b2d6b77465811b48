"""What a scan finds and takes, and that every row is started once whatever dies meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError

from tests.workflows.batch_world import World, address, until, world
from workflows import csv_scan
from workflows.failures import sentence_of

ROWS = ["a", "b", "a", "gone", "https://www.youtube.com/@two", "pages", "htp://example", "c", "b", "d"]


@pytest_asyncio.fixture
async def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Nobody works yet."""
    async with world(tmp_path / "home", monkeypatch) as made:
        yield made


async def test_every_answer_is_lost_once_and_no_row_is_lost_or_started_twice(quiet: World) -> None:
    quiet.fates |= {"gone": "not_found", "pages": "expanded"}
    quiet.drop("talks.csv", *ROWS)
    async with quiet.working(forgetful=True):
        await quiet.scan()
        result = await quiet.batch("talks").result()
    assert_whole(quiet, result.counts)


async def test_workflows_that_are_never_kept_in_memory_come_to_the_same(quiet: World) -> None:
    quiet.fates |= {"gone": "not_found", "pages": "expanded"}
    quiet.drop("talks.csv", *ROWS)
    async with quiet.working(max_cached_workflows=0):
        await quiet.scan()
        result = await quiet.batch("talks").result()
    assert_whole(quiet, result.counts)


async def test_two_scans_at_once_take_each_file_once(quiet: World) -> None:
    quiet.fates |= {"gone": "not_found", "pages": "expanded"}
    quiet.drop("talks.csv", *ROWS)
    async with quiet.working():
        await asyncio.gather(quiet.scan(), quiet.scan())
        result = await quiet.batch("talks").result()
    assert_whole(quiet, result.counts)


def assert_whole(here: World, counts: dict[str, int]) -> None:
    good = ["a", "b", "c", "d", "two-1", "two-2", "pages-1", "pages-2"]
    assert here.began == {**dict.fromkeys(good, 1), "gone": 1, "pages": 1}
    assert counts == {"completed": 8, "expanded": 2, "duplicate": 2, "failed": 1, "refused": 3}
    assert len(here.report("talks")) == 16


@pytest.mark.slow
async def test_an_inbox_of_thousands_of_files_is_taken_some_at_a_scan(
    quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing each with each takes seconds, after which a workflow counts as hung and never gets on."""
    monkeypatch.setattr(csv_scan, "FILES_A_SCAN", 1)
    quiet.inbox.mkdir()
    for number in range(6000):
        (quiet.inbox / f"talks {number:04}.csv").write_text("url\n", encoding="utf-8")
    async with quiet.working(), asyncio.timeout(40):
        found = await quiet.scan()
    assert len(found.files) == 1
    assert len(found.unsettled) > 1000


async def test_a_file_that_is_still_being_written_waits_for_the_next_scan(
    quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_scan, "SETTLE", csv_scan.SETTLE * 5)
    path = quiet.drop("talks.csv", "a")
    writing = asyncio.create_task(_keep_writing(path))
    async with quiet.working():
        found = await quiet.scan()
        writing.cancel()
        assert (found.files, found.unsettled) == ((), ("talks.csv",))
        assert quiet.ledger.batches() == []
        assert [each.batch for each in (await quiet.scan()).files] == ["talks"]


async def _keep_writing(path: Path) -> None:
    number = 0
    while True:
        number += 1
        with path.open("a") as file:
            file.write(f"{address(f'b{number}')}\n")
        await asyncio.sleep(0.05)


async def test_an_inbox_that_is_no_folder_fails_with_a_sentence_and_the_next_scan_tries_again(
    quiet: World, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.write_text("a file")
    async with quiet.working():
        with pytest.raises(WorkflowFailureError) as failed:
            await quiet.scan(str(place))
        assert str(place) in sentence_of(failed.value.cause)
        place.unlink()
        assert (await quiet.scan(str(place))).files == ()


async def test_a_network_folder_that_hangs_holds_up_nothing_else(quiet: World) -> None:
    quiet.fates["a"] = "hold"
    quiet.drop("talks.csv", "a")
    async with quiet.working():
        await quiet.scan()
        await until(lambda: quiet.began["a"])
        quiet.reachable.clear()
        try:
            scans = [asyncio.create_task(quiet.scan()) for _ in range(12)]  # more than all quick threads
            await asyncio.sleep(0.5)
            async with asyncio.timeout(10):
                assert await quiet.ask("talks", "pause") == "paused"
                assert await quiet.ask("talks", "resume") == "running"
        finally:
            quiet.reachable.set()
        await asyncio.gather(*scans)
        await quiet.video("a").signal("end")
        assert (await quiet.batch("talks").result()).counts == {"completed": 1}


async def test_one_file_that_cannot_be_taken_harms_no_other(quiet: World) -> None:
    quiet.drop("good.csv", "a")
    quiet.drop("bad.csv", "b")
    quiet.unreadable.add("bad.csv")
    async with quiet.working():
        found = await quiet.scan()
        await quiet.batch("good").result()
    problems = {each.file: bool(each.problem) for each in found.files}
    assert problems == {"bad.csv": True, "good.csv": False}
    assert quiet.began == {"a": 1}


async def test_only_lists_are_taken(quiet: World) -> None:
    for name in ("a.csv", "b.TSV", "c.txt"):
        quiet.drop(name, name)
    for name in ("a.report.csv", ".hidden.csv", "~$d.xlsx", ".~lock.a.csv#", "e.csv.part", "f.pdf"):
        quiet.drop(name, name)
    async with quiet.working():
        found = await quiet.scan()
    assert sorted(each.file for each in found.files) == ["a.csv", "b.TSV", "c.txt"]


async def test_more_files_than_a_scan_takes_wait_for_the_next(
    quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_scan, "FILES_A_SCAN", 2)
    for name in "abc":
        quiet.drop(f"{name}.csv", name)
    async with quiet.working():
        first = await quiet.scan()
        second = await quiet.scan()
    taken = [each.file for each in (*first.files, *second.files)]
    assert (len(first.files), first.unsettled) == (2, tuple(taken[2:]))
    assert sorted(taken) == ["a.csv", "b.csv", "c.csv"]


async def test_files_that_cannot_be_read_do_not_keep_those_behind_them_from_being_taken(
    quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_scan, "FILES_A_SCAN", 3)
    for name in "abcd":
        quiet.drop(f"{name}.csv", name)
        quiet.unreadable.add(f"{name}.csv")
    quiet.drop("good.csv", "good")
    async with quiet.working():
        for _ in range(30):  # each takes three in five
            found = await quiet.scan()
            if "good.csv" in [each.file for each in found.files]:
                break
        else:
            raise AssertionError("it was never taken")
        assert (await quiet.batch("good").result()).counts == {"completed": 1}


async def test_names_of_all_kinds_come_through(quiet: World) -> None:
    names = ["with space", 'it\'s "quoted"', "中文", "🎬", "100%"]
    for name in names:
        quiet.drop(f"{name}.csv", f"v{len(name)}-{ord(name[0])}")
    async with quiet.working():
        found = await quiet.scan()
        for each in found.files:
            result = await quiet.batch(each.batch).result()
            assert (result.counts, result.trouble) == ({"completed": 1}, "")
    assert {each.file for each in found.files} == {f"{name}.csv" for name in names}
