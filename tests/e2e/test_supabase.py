"""The main job with everything kept in a project of Supabase: real parts, on loopback."""

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
from psycopg import sql
from temporalio.client import Client

from tests.support.command import TALK, Finished, Mindreel
from tests.support.loopback_site import LoopbackSite
from tests.support.supabase.fixtures import Supabase
from tests.support.supabase.stack import Stack
from tests.support.temporal import running_server
from tests.support.workers import Workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

HEAVY = {"download", "audio", "thumbnail", "transcribe", "analyze", "mindmap", "index", "clips", "quality"}
BUCKETS = {"videos", "audio", "thumbnails", "transcripts", "clips", "reports"}


def settings_for(project: Stack) -> dict[str, str]:
    return {"SUPABASE_URL": project.url, "SUPABASE_SERVICE_ROLE_KEY": project.service_key}


@pytest.fixture(scope="module")
def project(supabase_stack: Supabase) -> Stack:
    """An empty project; a real one has other ways to look into it."""
    if not isinstance(supabase_stack, Stack):
        pytest.skip("these tests look into the local project's database")
    supabase_stack.reset()
    return supabase_stack


@pytest.fixture(scope="module")
def machine(project: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mindreel]:
    """A laptop whose data directory holds copies only."""
    command = Mindreel(tmp_path_factory.mktemp("home") / "it's my data 数据", settings_for(project))
    yield command
    command("down")


@pytest.fixture(scope="module")
def first(machine: Mindreel) -> Finished:
    done = machine("run", TALK, "--json")
    assert done.code == 0, done.err
    return done


def rows(project: Stack, query: str, *values: object) -> list[tuple[Any, ...]]:
    with project.connect() as connection:
        return connection.execute(query, values).fetchall()


def count(project: Stack, table: str, video_id: str) -> int:
    column = "id" if table == "videos" else "video_id"
    query = sql.SQL("select count(*) from {} where {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    with project.connect() as connection:
        found = connection.execute(query, [video_id]).fetchone()
    assert found
    return int(found[0])


def test_the_sample_is_completed(first: Finished) -> None:
    assert first.result["outcome"] == "completed"
    assert first.result["reasons"] == []
    assert {stage["name"] for stage in first.result["stages"]} >= HEAVY


def test_every_artifact_lies_in_its_bucket_and_has_its_row(project: Stack, first: Finished) -> None:
    assert first.result["outcome"] == "completed"
    recorded = rows(project, "select bucket, object, size_bytes from artifacts order by 1, 2")
    there = rows(
        project,
        """
        select bucket_id, name, (metadata->>'size')::bigint from storage.objects
        where name not like 'published/%%' order by 1, 2
        """,
    )
    assert recorded == there
    assert {bucket for bucket, _, _ in recorded} == BUCKETS
    kinds = {(bucket, Path(key).suffix) for bucket, key, _ in recorded}
    assert {("videos", ".mp4"), ("audio", ".m4a"), ("thumbnails", ".jpg"), ("clips", ".mp4")} <= kinds
    assert {("transcripts", suffix) for suffix in (".json", ".srt", ".vtt", ".txt")} <= kinds


def test_every_row_is_in_its_table(project: Stack, machine: Mindreel, first: Finished) -> None:
    video = first.result["id"]
    folder = library(machine, video)
    transcript = json.loads((folder / "transcript.json").read_text())
    analysis = json.loads((folder / "analysis.json").read_text())
    ((status, processed, outcome),) = rows(
        project, "select processing_status, is_processed, outcome from videos where id = %s", video
    )
    assert (status, processed, outcome) == ("completed", True, "completed")
    assert count(project, "jobs", video) == 1
    assert count(project, "segments", video) == len(transcript["segments"])
    assert rows(project, "select 1 from segments where embedding is null") == []
    assert count(project, "chapters", video) == len(analysis["chapters"])
    assert count(project, "clips", video) == len(list((folder / "clips").glob("*.mp4")))
    for table in ("videos", "transcripts", "analyses", "mindmaps"):
        assert count(project, table, video) == 1


def library(machine: Mindreel, video_id: str) -> Path:
    """The folder of a video, brought here as a person would have it brought."""
    opened = machine("open", video_id)
    assert opened.code == 0, opened.err
    return Path(opened.out.strip()).parent


def test_the_page_is_brought_here_with_every_file_that_the_manifest_names(
    machine: Mindreel, first: Finished
) -> None:
    folder = library(machine, first.result["id"])
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (folder / "report.html").is_file()
    for entry in manifest["artifacts"]:
        assert hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


def test_nothing_but_copies_is_kept_on_the_machine(machine: Mindreel, first: Finished) -> None:
    assert first.code == 0
    assert {path.name for path in machine.home.iterdir()} & {"artifacts", "catalog.db", "search.db"} == set()


def test_the_key_is_in_no_history_log_page_or_row(project: Stack, machine: Mindreel, first: Finished) -> None:
    key = project.service_key.encode()
    library(machine, first.result["id"])
    files = [path for path in machine.home.rglob("*") if path.is_file()]
    assert any(path.match("temporal-*.db") for path in files)
    assert [path for path in files if key in path.read_bytes()] == []
    tables = rows(project, "select relname from pg_stat_user_tables where schemaname = 'public'")
    for (table,) in tables:
        query = sql.SQL("select 1 from {} t where t::text like %s").format(sql.Identifier(table))
        with project.connect() as connection:
            assert connection.execute(query, [f"%{project.service_key}%"]).fetchone() is None


def test_search_and_status_answer_from_the_project(machine: Mindreel, first: Finished) -> None:
    found = machine("search", "why do queues help", "--json")
    assert found.code == 0, found.err
    assert found.results[0]["id"] == first.result["id"]
    listed = machine("list", "--json")
    assert [row["status"] for row in listed.results] == ["completed"]


def test_another_machine_does_nothing_again(project: Stack, first: Finished, tmp_path: Path) -> None:
    other = Mindreel(tmp_path / "home", settings_for(project))
    try:
        again = other("run", TALK, "--json")
    finally:
        other("down")
    assert again.code == 0, again.err
    assert again.result["artifacts"] == first.result["artifacts"]
    assert {stage["name"] for stage in again.result["stages"] if stage["reused"]} >= HEAVY
    assert count(project, "jobs", first.result["id"]) == 2


def test_a_file_in_the_inbox_bucket_becomes_videos_and_a_report_beside_it(
    project: Stack, machine: Mindreel, site: LoopbackSite
) -> None:
    short_video(site.directory / "a.mp4")
    csv = f"url,title\n{site.url('a.mp4')},Short\nnot an address,\n".encode()
    put = httpx.post(
        f"{project.url}/storage/v1/object/inbox/my talks.csv",
        content=csv,
        headers={
            "authorization": f"Bearer {project.service_key}",
            "apikey": project.service_key,
            "content-type": "text/csv",
        },
    )
    assert put.status_code == 200, put.text
    scanned = machine("scan", "--json", MINDREEL_ALLOW_PRIVATE_HOSTS="1")
    assert scanned.code == 0, scanned.err
    ended = machine("batch", "show", "my talks", "--watch", "--json")
    assert ended.results[-1]["open"] == 0, ended.err
    names = {name for (name,) in rows(project, "select name from storage.objects where bucket_id = 'inbox'")}
    assert {"my talks.csv", "my talks.report.csv", "my talks.report.html"} <= names
    (files,) = rows(project, "select count(*) from csv_files")
    assert files == (1,)
    states = rows(project, "select number, state from csv_rows order by number")
    assert states == [(2, "started"), (3, "refused")]


def short_video(path: Path) -> None:
    """One second of picture and silence."""
    picture = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1"]
    sound = ["-f", "lavfi", "-i", "anullsrc=r=16000", "-shortest"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *picture, *sound, path]
    subprocess.run(command, check=True)


async def test_two_machines_share_one_video(project: Stack, site: LoopbackSite, tmp_path: Path) -> None:
    """One downloads, the other transcribes; neither sees the other's disk."""
    shutil.copy(TALK, site.directory)
    settings = settings_for(project) | {"MINDREEL_ALLOW_PRIVATE_HOSTS": "1"}
    with running_server(tmp_path / "server") as server, Workers() as workers:
        for queue in ("cpu", "gpu"):
            workers.start(queue, tmp_path / queue, settings | {"TEMPORAL_ADDRESS": server.address})
        person = Mindreel(tmp_path / "person", settings | {"TEMPORAL_ADDRESS": server.address})
        done = await asyncio.to_thread(person, "run", site.url("talk.mp4"), "--json")
        assert done.code == 0, done.err
        assert done.result["outcome"] == "completed"
        identities = await who_did_what(await server.connect(), f"video-{done.result['id']}")
    assert identities["download"].isdisjoint(identities["transcribe_chunk"])
    assert len(identities["transcribe_chunk"]) == 1
    sizes = {path.stat().st_size for path in (tmp_path / "gpu").rglob("*") if path.is_file()}
    assert TALK.stat().st_size not in sizes, "who transcribes needs the audio only"


async def who_did_what(client: Client, workflow_id: str) -> dict[str, set[str]]:
    """Activity type to the workers that ran one of them."""
    names: dict[int, str] = {}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for event in (await client.get_workflow_handle(workflow_id).fetch_history()).events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            names[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        if event.HasField("activity_task_started_event_attributes"):
            started = event.activity_task_started_event_attributes
            found[names[started.scheduled_event_id]].add(started.identity)
    return found
