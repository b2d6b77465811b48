"""`doctor --repair`, embedded: rows, files and the workflows of a real server are brought together."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mindreel.bootstrap.stores import open_catalog, open_ledger
from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.codec import to_json
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.settings import Settings, load
from tests.support.command import Mindreel
from tests.support.temporal import TemporalServer, running_server
from workflows.ids import CPU_QUEUE, video_workflow_id

RUNNING, TERMINATED, FORGOTTEN, ELSEWHERE, PAGELESS, WELL, QUEUED = (
    f"web-{number:016x}" for number in range(1, 8)
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    with running_server(tmp_path_factory.mktemp("temporal")) as found:
        yield found


@pytest.fixture
def settings(home: Path) -> Settings:
    return load({"MINDREEL_HOME": str(home)})


def request(video_id: str) -> VideoRequest:
    url = f"https://example.org/{video_id}"
    return VideoRequest(url, VideoIdentity(video_id, "generic", url))


@pytest.fixture
def begin(settings: Settings) -> Callable[[str], None]:
    """The catalog is told that a run begins."""

    def row(video_id: str) -> None:
        open_catalog(settings).begin(
            video_id,
            source=f"https://example.org/{video_id}",
            platform="generic",
            workflow_id=video_workflow_id(video_id),
            request_json=to_json(request(video_id), indent=None).decode(),
        )

    return row


@pytest.fixture
def finish(settings: Settings, begin: Callable[[str], None]) -> Callable[[str], Path]:
    """A run ended well, and shows its page; the folder."""

    def row(video_id: str) -> Path:
        begin(video_id)
        folder = settings.library / video_id
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("<!doctype html>")
        open_catalog(settings).finish(video_id, status="completed", reasons=(), library=str(folder))
        return folder

    return row


def silent_for_hours(settings: Settings, video_id: str) -> None:
    with sqlite3.connect(settings.catalog) as connection:
        long_ago = "2026-01-01T00:00:00.000+00:00"
        connection.execute("UPDATE video SET updated_at = ? WHERE id = ?", (long_ago, video_id))


async def start(client: Client, *video_ids: str) -> None:
    """Their workflows, which no worker works on."""
    for each in video_ids:
        name, workflow_id = "VideoPipeline", video_workflow_id(each)
        await client.start_workflow(name, request(each), id=workflow_id, task_queue=CPU_QUEUE)


async def until_listed(client: Client, *, running: int) -> None:
    """The server's list lags behind a little."""
    query = "ExecutionStatus = 'Running'"
    while (await client.count_workflows(query)).count != running:  # noqa: ASYNC110 - a server's list
        await asyncio.sleep(0.05)


def queue(settings: Settings, video_id: str) -> None:
    """A batch takes it, and has not started it yet."""
    row = CsvRow(2, request(video_id).source, video=request(video_id).video)
    file = BatchFile("talks", str(settings.inbox), "talks.csv", "1", "0" * 64)
    open_ledger(settings).register(file, CsvFile((row,)))
    assert open_ledger(settings).take("talks", limit=1, most_open=10)


async def test_what_differs_is_told_and_mended_and_what_a_person_must_do_is_left(
    settings: Settings,
    server: TemporalServer,
    begin: Callable[[str], None],
    finish: Callable[[str], Path],
) -> None:
    mindreel = Mindreel(settings.home, server.environment)
    client = await server.connect()
    for each in (RUNNING, TERMINATED, FORGOTTEN, ELSEWHERE):
        begin(each)
    finish(WELL)
    (finish(PAGELESS) / "report.html").unlink()
    queue(settings, QUEUED)
    silent_for_hours(settings, FORGOTTEN)
    await start(client, RUNNING, TERMINATED)
    await client.get_workflow_handle(video_workflow_id(TERMINATED)).terminate(reason="a test")
    await until_listed(client, running=1)
    before = {row.id: row for row in open_catalog(settings).list()}

    looked = mindreel("doctor", "--json").result
    told = [check for check in looked["checks"] if check["name"] == "Agreement"]
    assert {row.id: row for row in open_catalog(settings).list()} == before

    done = mindreel("doctor", "--repair", "--json")
    found = {each["about"]: each for each in done.result["differences"]}
    assert done.code == 1
    assert found.keys() == {TERMINATED, FORGOTTEN, PAGELESS}
    assert found[TERMINATED]["done"] == "It is recorded as cancelled."
    assert found[FORGOTTEN]["done"] == "It is recorded as failed."
    assert found[PAGELESS]["done"] == ""
    assert f"retry {PAGELESS}` writes it again" in found[PAGELESS]["text"]
    assert [ELSEWHERE in note for note in done.result["notes"]] == [True]
    assert {check["text"] for check in told} == {
        *(each["text"] for each in found.values()),
        *done.result["notes"],
        "3 differences",
    }
    status = {row.id: row.status for row in open_catalog(settings).list()}
    assert status == {
        RUNNING: "running",
        TERMINATED: "cancelled",
        FORGOTTEN: "failed",
        ELSEWHERE: "running",
        WELL: "completed",
        PAGELESS: "completed",
        QUEUED: "queued",
    }
    assert mindreel("result", TERMINATED).result["reasons"] == ["It was terminated: a test."]


def test_where_all_agrees_nothing_is_done(mindreel: Mindreel, finish: Callable[[str], Path]) -> None:
    finish(WELL)

    done = mindreel("doctor", "--repair")

    assert (done.code, done.out) == (0, "")
    assert done.err == "Rows, files and workflows agree.\n"


def test_where_nothing_was_ever_processed_nothing_is_made(mindreel: Mindreel) -> None:
    done = mindreel("doctor", "--repair", "--json")

    assert (done.code, done.result) == (0, {"ok": True, "differences": [], "notes": []})
    assert not mindreel.home.exists()


def test_without_a_server_it_says_that_workflows_were_not_asked(
    mindreel: Mindreel, settings: Settings, begin: Callable[[str], None]
) -> None:
    begin(FORGOTTEN)
    silent_for_hours(settings, FORGOTTEN)

    done = mindreel("doctor", "--repair")

    assert done.code == 0
    assert "1 video is queued or running by the catalog, and its workflow could not be asked" in done.err
    assert "no engine is running" in done.err
    row = open_catalog(settings).get(FORGOTTEN)
    assert row is not None
    assert row.status == "running"
