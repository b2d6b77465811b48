"""What needs no server: looking at what the catalog, the index and the library hold."""

import json
from pathlib import Path

import pytest

from mindreel.bootstrap.stores import open_catalog, open_search
from mindreel.cli.lookup import find_row
from mindreel.contracts.codec import to_json
from mindreel.contracts.steps import StepReport, VideoResult
from mindreel.contracts.transcript import Segment
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.errors import InputError
from mindreel.insight.embeddings import MiniLmEmbedder
from mindreel.settings import Settings, load
from mindreel.sources.identity import identify
from mindreel.store.protocols import Catalog
from tests.support.command import Mindreel
from workflows.ids import video_workflow_id

TITLE = "How [bold]coffee[/] is made"


@pytest.fixture
def settings(home: Path) -> Settings:
    return load({"MINDREEL_HOME": str(home)})


def begin(catalog: Catalog, video_id: str) -> None:
    request = VideoRequest("talk.mp4", VideoIdentity(video_id, "file", "/videos/talk.mp4"))
    catalog.begin(
        video_id,
        source=request.source,
        platform="file",
        workflow_id=video_workflow_id(video_id),
        request_json=to_json(request, indent=None).decode(),
    )


@pytest.fixture
def library(settings: Settings) -> Path:
    """The folder of one finished video, `file-aa11`, which is in the catalog; `file-ab22` was cancelled."""
    catalog = open_catalog(settings)
    folder = settings.library / "file-aa11"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<!doctype html>")
    begin(catalog, "file-aa11")
    catalog.describe("file-aa11", title=TITLE, duration_s=187.0)
    stages = (StepReport("resolve", 0.1, 1, reused=False),)
    result = VideoResult(
        "file-aa11", "talk.mp4", "completed", (), str(folder), {"report": "report.html"}, stages
    )
    catalog.finish(
        "file-aa11", status="completed", reasons=(), library=str(folder), result_json=to_json(result).decode()
    )
    begin(catalog, "file-ab22")
    cancelled = VideoResult("file-ab22", "talk.mp4", "cancelled", ("It was cancelled.",), "", {}, stages)
    catalog.finish(
        "file-ab22",
        status="cancelled",
        reasons=("It was cancelled.",),
        result_json=to_json(cancelled).decode(),
    )
    return folder


@pytest.mark.parametrize("command", [["list"], ["status"], ["search", "coffee"], ["down"], ["result", "x"]])
def test_looking_at_nothing_makes_nothing(mindreel: Mindreel, command: list[str]) -> None:
    done = mindreel(*command)

    assert done.code == (1 if command[0] == "result" else 0)
    assert "Traceback" not in done.err
    assert not mindreel.home.exists()


@pytest.mark.usefixtures("library")
def test_list_shows_ids_and_titles_whole(mindreel: Mindreel) -> None:
    done = mindreel("list")

    assert done.code == 0
    assert TITLE in done.out
    assert "file-aa11" in done.out
    assert "3:07" in done.out
    assert "cancelled" in done.out


@pytest.mark.usefixtures("library")
def test_list_as_json_is_one_object_a_line_newest_first(mindreel: Mindreel) -> None:
    assert [row["id"] for row in mindreel("list", "--json").results] == ["file-ab22", "file-aa11"]
    assert len(mindreel("list", "--json", "--limit", "1").results) == 1


def test_result_is_the_object_that_run_printed(mindreel: Mindreel, library: Path) -> None:
    done = mindreel("result", "file-aa")

    assert done.code == 0
    assert done.result["library"] == str(library)
    assert done.result["stages"] == [{"name": "resolve", "seconds": 0.1, "attempts": 1, "reused": False}]


@pytest.mark.usefixtures("library")
def test_the_result_of_a_cancelled_run_says_so_and_fails(mindreel: Mindreel) -> None:
    done = mindreel("result", "file-ab22")

    assert done.code == 1
    assert (done.result["outcome"], done.result["reasons"]) == ("cancelled", ["It was cancelled."])


def test_open_prints_the_page_where_there_is_no_screen(mindreel: Mindreel, library: Path) -> None:
    done = mindreel("open", "file-aa11", DISPLAY="", WAYLAND_DISPLAY="")

    assert (done.code, done.out) == (0, f"{library / 'report.html'}\n")


@pytest.mark.usefixtures("library")
def test_open_says_why_there_is_no_page(mindreel: Mindreel) -> None:
    done = mindreel("open", "file-ab22")

    assert done.code == 1
    assert done.err == "mindreel: file-ab22 has no page: it is cancelled (It was cancelled.).\n"


@pytest.mark.usefixtures("library")
def test_status_of_one_video_needs_no_server(mindreel: Mindreel) -> None:
    done = mindreel("status", "file-aa11", "--json")

    assert done.code == 0
    assert (done.result["outcome"], done.result["percent"]) == ("completed", 100)
    assert done.result["stages"][0]["state"] == "done"


def test_a_run_that_was_interrupted_is_told_and_how_to_go_on(mindreel: Mindreel, settings: Settings) -> None:
    begin(open_catalog(settings), "file-cc33")

    done = mindreel("status")

    assert done.code == 0
    assert "file-cc33" in done.out
    assert "interrupted" in done.out
    assert "retry file-cc33" in done.out


@pytest.mark.usefixtures("library")
def test_ids_may_be_shortened_until_they_are_ambiguous(settings: Settings) -> None:
    found = [find_row(text, settings) for text in ("file-aa", "file-aa11", "video-file-aa11")]

    assert [row.id for row in found if row is not None] == ["file-aa11"] * 3
    assert find_row("file-zz", settings) is None
    with pytest.raises(InputError, match=r"file-a could be file-ab22, file-aa11; type a little more"):
        find_row("file-a", settings)


def test_a_source_serves_as_an_id(settings: Settings, tmp_path: Path) -> None:
    video = tmp_path / "a talk.mp4"
    video.write_bytes(b"content")
    found = Mindreel(settings.home)("result", video)
    assert "No video" in found.err

    begin(open_catalog(settings), identify(str(video)).id)
    row = find_row(str(video), settings)
    assert row is not None


def test_search_finds_the_second_by_meaning_and_links_to_it(
    mindreel: Mindreel, settings: Settings, library: Path
) -> None:
    texts = ["Roasting turns green beans brown.", "Water that is too hot makes the cup bitter."]
    segments = [
        Segment(number, 60.0 * number, 60.0 * number + 5, text, ()) for number, text in enumerate(texts)
    ]
    vectors = MiniLmEmbedder().embed(texts).tolist()
    open_search(settings).replace("file-aa11", title=TITLE, segments=segments, vectors=vectors)

    done = mindreel("search", "why does it taste bitter")
    (first, *_) = mindreel("search", "why does it taste bitter", "--json").results

    assert done.code == 0
    assert f"{TITLE}  1:00" in done.out
    assert first["text"] == texts[1]
    assert first["link"] == f"{(library / 'report.html').as_uri()}#t=60"


def test_doctor_says_what_is_there(mindreel: Mindreel) -> None:
    done = mindreel("doctor", "--json")

    document = json.loads(done.out)
    states = {check["name"]: check["state"] for check in document["checks"]}
    assert done.code == (0 if document["ok"] else 1)
    for name in ("Python", "Packages", "Data", "ffmpeg", "Temporal server", "Speech model", "Sentence model"):
        assert states[name] == "ok", document
    assert not mindreel.home.exists()


@pytest.mark.parametrize(
    "wrong", [{"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x"}, {"MINDREEL_MAX_BYTES": "lots"}]
)
def test_doctor_says_in_its_table_which_setting_makes_no_sense(home: Path, wrong: dict[str, str]) -> None:
    mindreel = Mindreel(home, wrong)
    done = mindreel("doctor", "--json")
    repair = mindreel("doctor", "--repair")

    names = [check["name"] for check in done.result["checks"]]
    assert (done.code, done.err, names[0]) == (1, "", "Settings")
    assert done.result["checks"][0]["text"].startswith(next(iter(wrong)))
    assert {"ffmpeg", "Server"} <= set(names)
    assert not {"Supabase", "Agreement"} & set(names)
    assert repair.code == 2


def test_doctor_fails_and_says_how_to_get_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = Mindreel(tmp_path / "file" / "home")(
        "doctor", MINDREEL_DEVICE="cuda", MINDREEL_MODEL="nothing-like-it"
    )

    assert done.code == 1
    assert "Set MINDREEL_HOME to another folder." in done.out
    assert "nothing-like-it is not on this machine yet" in done.out
