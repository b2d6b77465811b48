"""The command line where a project of Supabase keeps everything: no server, a real project."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from mindreel.bootstrap.inboxes import inbox_for
from mindreel.bootstrap.stores import (
    make_stores_ready,
    open_artifacts,
    open_catalog,
    open_ledger,
    open_library,
    open_search,
)
from mindreel.cli.answer import Answer
from mindreel.cli.checks.supabase import checks
from mindreel.cli.printer import Printer
from mindreel.cli.processing import Item
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.batch import BatchFile, CsvFile, CsvRow
from mindreel.contracts.manifest import Manifest
from mindreel.contracts.publication import Publication
from mindreel.contracts.report_names import report_name
from mindreel.contracts.transcript import Segment
from mindreel.contracts.video import Options, SourceInfo, VideoIdentity
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.settings import Settings, load
from mindreel.sources.identity import identify
from mindreel.store.supabase.places import object_name
from tests.support.command import TALK, Mindreel
from tests.support.supabase.stack import Stack
from workflows.ids import video_workflow_id

TITLE = "How [bold]coffee[/] is made"
WELL, PAGELESS = "web-0000000000000001", "web-0000000000000002"
STEP = "audio-0123456789abcdef"


@pytest.fixture
def project(supabase_stack: Stack) -> Stack:
    """Empty; a real one has other ways to look into it."""
    if not supabase_stack.is_local:
        pytest.skip("these tests change the local project's database")
    supabase_stack.reset()
    return supabase_stack


@pytest.fixture
def mindreel(project: Stack, home: Path) -> Mindreel:
    """Another machine each time: its data directory does not exist yet."""
    return Mindreel(home, {"SUPABASE_URL": project.url, "SUPABASE_SERVICE_ROLE_KEY": project.service_key})


@pytest.fixture
def settings(mindreel: Mindreel) -> Settings:
    """With all buckets."""
    found = load({"MINDREEL_HOME": str(mindreel.home), **mindreel.settings})
    make_stores_ready(found)
    return found


@pytest.fixture
def put(project: Stack) -> Callable[[str, str], None]:
    """Lay an object into a bucket, behind our back."""

    def upload(bucket: str, name: str) -> None:
        headers = {"authorization": f"Bearer {project.service_key}", "content-type": "application/json"}
        httpx.post(
            f"{project.url}/storage/v1/object/{bucket}/{name}", content=b"{}", headers=headers
        ).raise_for_status()

    return upload


@pytest.fixture
def unmigrated() -> Iterator[Stack]:
    """A project as it is made, without a table of ours."""
    with Stack() as found:
        with found.connect() as connection:
            connection.execute("drop schema public cascade; create schema public")
            connection.execute("grant usage on schema public to anon, authenticated, service_role")
        yield found


def finished(settings: Settings, video_id: str) -> None:
    """A run ended well, and its page is in the project."""
    catalog = open_catalog(settings)
    catalog.begin(
        video_id,
        source=f"https://example.org/{video_id}",
        platform="generic",
        workflow_id=video_workflow_id(video_id),
        request_json="{}",
        run_id="first",
    )
    options = Options()
    manifest = Manifest(video_id, "https://example.org", TITLE, "completed", (), (), options, (), (), {})
    publication = Publication(
        video_id,
        manifest,
        f"<!doctype html><p>{video_id}",
        files={},
        info=SourceInfo(TITLE),
        transcript=None,
        analysis=None,
        mindmap=None,
        clips=(),
    )
    place = open_library(settings).publish(publication, folder=settings.home)
    catalog.finish(video_id, status="completed", reasons=(), library=place)


@pytest.mark.parametrize("command", [["list"], ["batch", "list"]])
def test_looking_at_nothing_names_the_project_and_makes_nothing(
    mindreel: Mindreel, project: Stack, command: list[str]
) -> None:
    done = mindreel(*command)

    host = project.url.partition("//")[2]
    assert "Traceback" not in done.err
    if command == ["list"]:
        assert f"No videos yet in the project {host}" in done.err
    if command[0] == "batch":
        assert f"into the bucket inbox of the project {host} and type" in done.err
    assert not mindreel.home.exists()


@pytest.mark.parametrize("command", [["run", str(TALK)], ["up"]])
def test_a_wrong_key_is_one_sentence_before_anything_is_started(
    mindreel: Mindreel, project: Stack, command: list[str]
) -> None:
    done = mindreel(*command, SUPABASE_SERVICE_ROLE_KEY=project.anon_key)

    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "check that SUPABASE_SERVICE_ROLE_KEY is the service role's key" in done.err
    assert not mindreel.home.exists()


@pytest.mark.parametrize("command", [["list"], ["run", str(TALK)]])
def test_a_project_that_is_away_is_one_sentence(mindreel: Mindreel, command: list[str]) -> None:
    done = mindreel(*command, SUPABASE_URL="http://127.0.0.1:9")

    assert done.code == 1
    assert "Supabase at 127.0.0.1:9 did not answer" in done.err
    assert done.err.count("\n") == 1


def test_missing_migrations_are_one_sentence(mindreel: Mindreel, unmigrated: Stack) -> None:
    done = mindreel("scan", SUPABASE_URL=unmigrated.url, SUPABASE_SERVICE_ROLE_KEY=unmigrated.service_key)

    assert done.code == 1
    assert "apply supabase/migrations, see docs/supabase.md" in done.err
    assert done.err.count("\n") == 1


def test_doctor_looks_at_the_project_and_its_buckets(
    mindreel: Mindreel, project: Stack, settings: Settings
) -> None:
    with project.connect() as connection:
        connection.execute("update storage.buckets set file_size_limit = 50000000 where id = 'videos'")
        connection.execute("update storage.buckets set public = true where id = 'audio'")
        try:
            found = {check["name"]: check for check in mindreel("doctor", "--json").result["checks"]}
        finally:
            connection.execute("update storage.buckets set file_size_limit = null where id = 'videos'")
            connection.execute("update storage.buckets set public = false where id = 'audio'")

    assert settings.supabase is not None
    assert found["Supabase"]["text"] == f"{settings.supabase.url}, with the service role's key"
    assert found["Supabase schema"]["state"] == "ok"
    assert found["Bucket thumbnails"]["text"] == "public, files as large as the project allows"
    assert found["Bucket audio"]["text"] == "is public and should be private"
    assert found["Bucket videos"]["state"] == "warning"
    assert "files up to 50.0 MB, and MINDREEL_MAX_BYTES allows" in found["Bucket videos"]["text"]
    assert found["Inbox"]["text"].startswith("the bucket inbox of the project")
    assert found["Cache"]["text"].startswith("0 B of")
    assert found["Agreement"]["text"] == "rows, files and workflows agree"


@pytest.mark.parametrize("key", ["anon", "sb_publishable_abcdefgh"])
def test_doctor_knows_the_wrong_key(project: Stack, home: Path, key: str) -> None:
    wrong = project.anon_key if key == "anon" else key
    environment = {"SUPABASE_URL": project.url, "SUPABASE_SERVICE_ROLE_KEY": wrong}

    first, *_ = checks(load({"MINDREEL_HOME": str(home), **environment}))

    assert (first.name, first.state, first.text) == ("Supabase", "missing", "the key is the one of anon")


def test_rows_and_files_that_differ_are_told_and_mended(
    mindreel: Mindreel, project: Stack, settings: Settings, put: Callable[[str, str], None]
) -> None:
    artifacts = open_artifacts(settings)
    lost, orphan = f"{WELL}/{STEP}/lost.m4a", object_name(f"{WELL}/{STEP}/orphan.m4a", "a" * 64)
    kept: ArtifactRef = artifacts.put_bytes(f"{WELL}/{STEP}/kept.m4a", b"kept", "audio/mp4")
    artifacts.put_bytes(lost, b"lost", "audio/mp4")
    put("audio", orphan)
    for each in (WELL, PAGELESS):
        finished(settings, each)
    with project.connect() as connection:
        connection.execute("delete from storage.objects where name like %s", [f"{lost}/%"])
        connection.execute("delete from storage.objects where name like %s", [f"published/{PAGELESS}/%"])
        old = timedelta(days=2)
        connection.execute(
            "update storage.objects set created_at = created_at - %s, updated_at = updated_at - %s",
            [old, old],
        )
        connection.execute("update artifacts set created_at = created_at - %s", [old])

    done = mindreel("doctor", "--repair", "--json")
    again = mindreel("doctor", "--repair")

    found = {each["about"]: each for each in done.result["differences"]}
    assert {about: each["kind"] for about, each in found.items()} == {
        lost: "row without file",
        orphan: "file without row",
        PAGELESS: "page is gone",
    }
    assert [bool(found[about]["done"]) for about in (lost, orphan, PAGELESS)] == [True, True, False]
    assert (done.code, again.code) == (1, 1)
    assert again.out.count("\n") == 1
    assert f"retry {PAGELESS}` writes it again" in again.out
    assert artifacts.exists(kept)


def test_a_source_is_looked_up_in_the_project(mindreel: Mindreel, settings: Settings, tmp_path: Path) -> None:
    video = tmp_path / "a talk.mp4"
    video.write_bytes(b"content")
    finished(settings, identify(str(video)).id)

    done = mindreel("status", video, "--json")

    assert done.result["outcome"] == "completed"


def test_a_page_is_opened_by_bringing_it_here_and_only_then_linked(
    mindreel: Mindreel, settings: Settings
) -> None:
    finished(settings, WELL)
    text = "Water that is too hot makes the cup bitter."
    vectors = MiniLmEmbedder().embed([text]).tolist()
    open_search(settings).replace(
        WELL, title=TITLE, segments=[Segment(0, 60.0, 65.0, text, ())], vectors=vectors
    )

    before = mindreel("search", "bitter")
    opened = mindreel("open", WELL, DISPLAY="", WAYLAND_DISPLAY="")
    after = mindreel("search", "bitter", "--json").result

    page = settings.pages / WELL / "report.html"
    assert f"open {WELL}" in before.out
    assert "://" not in before.out
    assert (opened.code, opened.out) == (0, f"{page}\n")
    assert page.read_text() == f"<!doctype html><p>{WELL}"
    assert after["link"] == f"{page.as_uri()}#t=60"


def test_the_page_of_the_same_video_in_the_embedded_store_stays_when_the_project_s_is_opened(
    mindreel: Mindreel, settings: Settings
) -> None:
    finished(settings, WELL)
    embedded = load({"MINDREEL_HOME": str(settings.home)})
    mine = embedded.library / WELL
    (mine / "clips").mkdir(parents=True)
    (mine / "report.html").write_text("mine")
    (mine / "clips" / "one.mp4").write_text("a clip")

    opened = mindreel("open", WELL, DISPLAY="", WAYLAND_DISPLAY="")

    assert Path(opened.out.strip()).parent == settings.pages / WELL
    assert (mine / "report.html").read_text() == "mine"
    assert (mine / "clips" / "one.mp4").exists()


def test_projects_keep_what_is_opened_apart(tmp_path: Path) -> None:
    def pages(url: str) -> Path:
        key = {"SUPABASE_SERVICE_ROLE_KEY": "key"}
        return load({"MINDREEL_HOME": str(tmp_path), "SUPABASE_URL": url, **key}).pages

    found = [pages(f"http://{host}") for host in ("127.0.0.1:54321", "127.0.0.1:54322", "[::1]:54321")]

    assert [each.name for each in found] == ["127.0.0.1-54321", "127.0.0.1-54322", "---1--54321"]
    assert pages("https://ABC.supabase.co") == pages("https://abc.supabase.co")


def test_a_batch_leads_to_its_report_and_to_the_pages_of_its_rows(
    mindreel: Mindreel, settings: Settings
) -> None:
    url = f"https://example.org/{WELL}"
    row = CsvRow(2, url, video=VideoIdentity(WELL, "generic", url))
    inbox = inbox_for(settings)("")
    open_ledger(settings).register(
        BatchFile("my talks", inbox.location, "my talks.csv", "1", "aa"), CsvFile((row,))
    )
    missing = mindreel("batch", "open", "my talks")
    finished(settings, WELL)
    inbox.write(report_name("my talks", ".report.html"), b"<!doctype html><p>rows", "text/html")

    shown = mindreel("batch", "show", "my talks", "--rows").out
    opened = mindreel("batch", "open", "my talks", DISPLAY="", WAYLAND_DISPLAY="")

    assert missing.code == 1
    assert f"No report on my talks lies in {inbox.location} yet" in missing.err
    assert f"({WELL})" in shown
    assert "batch open 'my talks'   brings it here and shows it" in shown
    page = settings.pages / "batches" / "my talks.report.html"
    assert opened.out == f"{page}\n"
    assert page.read_bytes() == b"<!doctype html><p>rows"
    assert "This is how it stands now" in opened.err


def test_a_page_that_is_gone_from_the_project_says_so(
    mindreel: Mindreel, project: Stack, settings: Settings
) -> None:
    finished(settings, PAGELESS)
    with project.connect() as connection:
        connection.execute("delete from publications")

    done = mindreel("open", PAGELESS)

    assert done.code == 1
    assert f"is gone; `retry {PAGELESS}` writes it again" in done.err


def test_after_a_run_it_says_how_to_open_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    place = f"supabase://abc.supabase.co/reports/published/{WELL}"
    artifacts = {"report": "report.html", "transcript": "transcript.txt"}
    answer = Answer(WELL, "talk.mp4", "completed", library=place, artifacts=artifacts)

    Printer(json=False).tell_rest([Item("talk.mp4", answer=answer)], None)

    printed = capsys.readouterr().out
    assert f"open {WELL}   brings it here and shows it" in printed
    assert place in printed
    assert "transcript.txt" in printed
    assert "supabase:/abc" not in printed
