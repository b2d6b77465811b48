"""Looking at batches: the ledger alone, without a server."""

from pathlib import Path

import pytest

from mindreel.bootstrap.stores import open_catalog, open_ledger
from mindreel.cli.batch_screen import gate_sentence
from mindreel.cli.batches import find_batch
from mindreel.contracts.batch import STARTED, BatchFile, CsvFile, CsvRow, RowMark
from mindreel.contracts.report_names import PAGE, TABLE, report_name
from mindreel.contracts.sites import GateView
from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError
from mindreel.settings import Settings, load
from tests.support.command import Mindreel

NAME = "my 'talks' 家"


@pytest.fixture
def settings(home: Path) -> Settings:
    found = load({"MINDREEL_HOME": str(home)})
    found.inbox.mkdir(parents=True)
    return found


def register(settings: Settings, name: str, *rows: CsvRow, problem: str = "") -> None:
    file = BatchFile(name, str(settings.inbox), f"{name}.csv", "1", f"{hash(name):x}")
    remarks = ("Read as UTF-8, separated by semicolons.",)
    open_ledger(settings).register(file, CsvFile(rows, problem, remarks))


def good(number: int, title: str = "") -> CsvRow:
    url = f"https://example.org/{number}"
    return CsvRow(number, url, video=VideoIdentity(f"web-{number:016x}", "generic", url), title=title)


@pytest.fixture
def batch(settings: Settings) -> Settings:
    """One row completed, one failed, one running, one duplicate, one refused, one waiting."""
    rows = [good(number, f"Talk [bold]{number}[/]") for number in (2, 3, 4, 6)]
    twice = CsvRow(5, rows[0].url, video=rows[0].video)
    refused = CsvRow(7, "htp:/x", problem="url is 'htp:/x'; it must be an http(s) address.")
    register(settings, NAME, *rows[:3], twice, rows[3], refused)
    ledger, catalog = open_ledger(settings), open_catalog(settings)
    taken = ledger.take(NAME, limit=3, most_open=100)
    ledger.mark(NAME, [RowMark(each.row.number, 0, STARTED) for each in taken])
    for row in rows[:3]:
        assert row.video is not None
        catalog.begin(
            row.video.id, source=row.url, platform="generic", workflow_id="video-x", request_json="{}"
        )
    ids = [f"web-{number:016x}" for number in (2, 3, 4)]
    catalog.finish(ids[0], status="completed", reasons=(), library="/library/2")
    catalog.finish(
        ids[1],
        status="failed",
        reasons=("example.org has nothing there (HTTP 404).",),
        error_class="not_found",
        stage="resolve",
    )
    catalog.advance(ids[2], stage="transcribe", percent=40)
    return settings


def test_the_report_beside_the_file_is_opened_where_it_lies(mindreel: Mindreel, batch: Settings) -> None:
    missing = mindreel("batch", "open", NAME)
    report = batch.inbox / report_name(NAME, PAGE)
    report.write_text("<!doctype html>")

    opened = mindreel("batch", "open", NAME, DISPLAY="", WAYLAND_DISPLAY="")

    assert (missing.code, missing.out) == (1, "")
    assert f"No report on {NAME} lies in {batch.inbox} yet" in missing.err
    assert (opened.code, opened.out) == (0, f"{report}\n")


@pytest.mark.parametrize("command", [["batch", "list"], ["batch", "show", "x"], ["batch", "pause", "x"]])
def test_where_nothing_was_taken_it_says_how_to_begin_and_makes_nothing(
    mindreel: Mindreel, command: list[str]
) -> None:
    done = mindreel(*command)

    assert done.code == (0 if command[1] == "list" else 1)
    assert f"put a CSV file with a column `url` into {mindreel.home / 'inbox'}" in done.err
    assert not mindreel.home.exists()


@pytest.mark.usefixtures("batch")
def test_show_counts_what_became_of_the_rows_and_says_what_to_do(mindreel: Mindreel) -> None:
    done = mindreel("batch", "show", "my")

    assert done.code == 0
    for count in ("1  completed", "1  failed", "1  running", "1  duplicate", "1  refused", "1  waiting"):
        assert count in done.out
    assert "1 x Not found (not_found)" in done.out
    assert "row 3: example.org has nothing there (HTTP 404)." in done.out
    assert """batch retry 'my '"'"'talks'"'"' 家' --class not_found""" in done.out
    assert "Read as UTF-8, separated by semicolons." in done.out
    assert "No engine is running" in done.out


@pytest.mark.usefixtures("batch")
def test_show_lists_rows_whole_or_those_that_failed(mindreel: Mindreel) -> None:
    rows = mindreel("batch", "show", NAME, "--rows").out
    failed = mindreel("batch", "show", NAME, "--failed").out

    assert "Talk [bold]2[/]" in rows
    assert "The same video as row 2." in rows
    assert "transcribe 40 %" in rows
    assert "Talk [bold]3[/]  (web-0000000000000003)  not_found: example.org has nothing there" in failed
    assert "htp:/x  input:" in failed
    assert "Talk [bold]2[/]" not in failed


@pytest.mark.usefixtures("batch")
def test_show_as_json_is_one_object(mindreel: Mindreel) -> None:
    found = mindreel("batch", "show", f"{NAME}.csv", "--json", "--failed").result

    assert (found["name"], found["state"], found["total"], found["open"]) == (NAME, "running", 6, 2)
    assert found["counts"] == dict.fromkeys(
        ("completed", "failed", "running", "duplicate", "refused", "waiting"), 1
    )
    assert {each["class"] for each in found["problems"]} == {"not_found", "csv"}
    assert [row["number"] for row in found["rows"]] == [3, 7]
    assert found["sites"] == []


@pytest.mark.usefixtures("batch")
def test_list_and_status_have_a_line_a_batch(mindreel: Mindreel, settings: Settings) -> None:
    register(settings, "sheet.xlsx", problem="sheet.xlsx is a spreadsheet, not a CSV file.")

    listed = mindreel("batch", "list").out
    names = [each["name"] for each in mindreel("batch", "list", "--json").results]
    status = mindreel("status")

    assert names == ["sheet.xlsx", NAME]
    assert NAME in listed
    assert "is a spreadsheet" in listed
    assert f"Batch {NAME}: " in status.out
    assert "4 of 6 rows ended" in status.out
    assert "sheet.xlsx" not in status.out
    assert [each["name"] for each in mindreel("status", "--json").result["batches"]] == [NAME]


def test_a_name_as_long_as_can_be_is_listed_and_shown(mindreel: Mindreel, settings: Settings) -> None:
    name = "ü" * 125
    register(settings, name, good(2))
    report = report_name(name, TABLE)
    (settings.inbox / report).touch()

    listed = mindreel("batch", "list").out
    shown = mindreel("batch", "show", name)

    assert "1 waiting" in listed
    assert f"Report: {settings.inbox / report}" in shown.out


@pytest.mark.usefixtures("batch")
def test_a_report_that_is_not_there_is_missed(mindreel: Mindreel, settings: Settings) -> None:
    missed = f"No report lies in {settings.inbox} yet"
    assert missed in mindreel("batch", "show", NAME).out

    (settings.inbox / f"{NAME}.report.csv").touch()

    assert missed not in mindreel("batch", "show", NAME).out


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("closed", "is left alone until"),
        ("trying", "One video finds out whether example.org answers again: its name is not known"),
        ("paused", "example.org is paused: its name is not known; `"),
    ],
)
def test_a_gate_that_is_not_open_says_why(state: str, sentence: str) -> None:
    gate = GateView("example.org", state, "its name is not known.", "2026-03-01T12:00:00+00:00", 0, 1, 0, 1)

    said = gate_sentence(gate)

    assert sentence in said
    assert ("site resume example.org" in said) == (state != "trying")


def test_a_batch_is_found_by_its_name_its_beginning_or_its_file(settings: Settings) -> None:
    for name in ("talks", "talks 2", "others"):
        register(settings, name, good(2))

    for text in ("talks", "talks.csv", str(settings.inbox / "talks.csv")):
        assert find_batch(text, settings)[1].name == "talks"
    assert find_batch("oth", settings)[1].name == "others"
    with pytest.raises(InputError, match=r"tal could be talks 2, talks; type a little more of it\."):
        find_batch("tal", settings)
    with pytest.raises(InputError, match=r"No batch is called x; there is others, talks 2, talks\."):
        find_batch("x", settings)


@pytest.mark.usefixtures("batch")
def test_an_unknown_class_is_refused_with_the_known_ones(mindreel: Mindreel) -> None:
    done = mindreel("batch", "retry", NAME, "--class", "network", "--class", "nonsense")

    assert done.code == 1
    assert done.err.startswith("mindreel: There is no class nonsense; there is blocked, bot_check,")
    for name in ("partial", "timeout", "cancelled", "rate_limit"):
        assert name in done.err
    assert not (mindreel.home / "engine.json").exists()


def test_a_batch_that_has_ended_has_nothing_to_pause(mindreel: Mindreel, settings: Settings) -> None:
    register(settings, "talks", CsvRow(2, "htp:/x", problem="It makes no sense."))
    open_ledger(settings).set_state("talks", "finished")

    done = mindreel("batch", "pause", "talks")

    assert (done.code, done.err) == (1, "mindreel: talks is finished: there is nothing to pause.\n")
    assert not (mindreel.home / "engine.json").exists()


def test_watching_one_that_has_ended_ends_at_once(mindreel: Mindreel, settings: Settings) -> None:
    register(settings, "talks", CsvRow(2, "htp:/x", problem="It makes no sense."))
    open_ledger(settings).set_state("talks", "finished")

    done = mindreel("batch", "show", "talks", "--watch")

    assert done.code == 0
    assert "finished, 100 %, 1 of 1 rows ended (1 refused)" in done.err
    assert "1  refused" in done.out


def test_watching_tells_each_change_until_the_end(mindreel: Mindreel, settings: Settings) -> None:
    register(settings, "talks", good(2), good(3))
    process = mindreel.start("batch", "show", "talks", "--watch", "--json")
    assert process.stdout is not None
    assert '"waiting": 2' in process.stdout.readline()

    open_ledger(settings).set_state("talks", "cancelled")

    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert '"cancelled": 2' in out.splitlines()[-1]
