"""`schedule` and `site` against a real server; nobody works on its queues."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Finished, Mindreel
from tests.support.temporal import running_server


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mindreel]:
    """The command line with a cluster of its own."""
    folder: Path = tmp_path_factory.mktemp("temporal")
    with running_server(folder) as server:
        yield Mindreel(folder / "home", {**server.environment, "MINDREEL_SCAN_INTERVAL_S": "3600"})


def listed(cluster: Mindreel) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in cluster("schedule", "list", "--json").results}


def told(done: Finished) -> str:
    assert done.code == 0, done.err
    return done.err


def test_an_operators_choices_survive_ensure_until_they_are_taken_back(cluster: Mindreel) -> None:
    missing = cluster("schedule", "list")
    assert "csv-scan does not stand" in missing.err
    assert "csv-scan: made; every 1 h" in told(cluster("schedule", "ensure"))

    assert "chosen by hand" in told(cluster("schedule", "ensure", "--interval", "10m", "--jitter", "0s"))
    told(cluster("schedule", "pause", "--note", "holiday"))
    again = told(cluster("schedule", "ensure"))
    assert "csv-scan: kept; every 10 min, chosen by hand; it is paused (holiday)" in again
    assert "paused: holiday" in cluster("schedule", "list").out

    told(cluster("schedule", "resume"))
    assert "csv-scan: changed; every 1 h + up to 5 s." in told(
        cluster("schedule", "ensure", "--interval", "default")
    )
    scan = listed(cluster)["csv-scan"]
    assert (scan["interval_s"], scan["by_hand"], scan["paused"]) == (3600, False, False)


def test_a_paused_one_can_be_triggered_and_one_that_is_not_there_cannot(cluster: Mindreel) -> None:
    told(cluster("schedule", "ensure"))
    told(cluster("schedule", "pause", "cleanup"))

    told(cluster("schedule", "trigger", "cleanup"))

    runs = listed(cluster)["cleanup"]["runs"]
    assert isinstance(runs, list)
    assert [run["state"] for run in runs] == ["running"]
    told(cluster("schedule", "delete", "cleanup"))
    assert "cleanup" not in listed(cluster)
    gone = cluster("schedule", "trigger", "cleanup")
    assert gone.code == 1
    assert gone.err.startswith("mindreel: The schedule cleanup does not stand; ")


def test_a_span_that_has_passed_is_run_again_unless_it_is_absurd(cluster: Mindreel) -> None:
    told(cluster("schedule", "ensure"))
    span = ["--from", "2026-01-05T08:00+00:00", "--to"]

    done = cluster("schedule", "backfill", *span, "2026-01-05T09:30+00:00")
    too_long = cluster("schedule", "backfill", *span, "2026-03-05T08:00+00:00")
    backwards = cluster("schedule", "backfill", *span, "2026-01-04T08:00+00:00")

    assert "csv-scan runs for about 2 times" in told(done)
    assert (too_long.code, backwards.code) == (1, 1)
    assert "at most 100" in too_long.err
    assert "lies before" in backwards.err


def test_doctor_says_that_they_do_not_stand_or_are_paused(cluster: Mindreel) -> None:
    told(cluster("schedule", "ensure"))
    told(cluster("schedule", "pause", "--note", "holiday"))
    told(cluster("schedule", "delete", "cleanup"))

    checks = {each["name"]: each for each in cluster("doctor", "--json").result["checks"]}

    assert (checks["Schedule csv-scan"]["state"], checks["Schedule csv-scan"]["text"]) == (
        "warning",
        "paused (holiday)",
    )
    assert checks["Schedule cleanup"]["text"] == "does not stand"
    assert checks["Inbox"]["state"] == "ok"


def test_a_site_without_a_gate_is_said_to_be_free(cluster: Mindreel) -> None:
    resumed = cluster("site", "resume", "youtube")
    misspelt = cluster("site", "pause", "youtbe")

    assert told(cluster("site", "list")) == "Nothing is held back: no site is being fetched from.\n"
    assert resumed.err == "mindreel: Nothing is held back at youtube: no site is being fetched from.\n"
    assert misspelt.err.startswith("mindreel: youtbe is no site: name one of youtube, ")
    assert (resumed.code, misspelt.code) == (1, 1)


@pytest.mark.parametrize("command", [["schedule", "list"], ["site", "list"], ["schedule", "trigger"]])
def test_without_an_engine_a_sentence_says_how_to_start_one(mindreel: Mindreel, command: list[str]) -> None:
    done = mindreel(*command)

    assert done.code == 1
    assert done.err.startswith(f"mindreel: No engine is running for {mindreel.home};")
    assert not mindreel.home.exists()


def test_status_tells_what_the_server_knows_while_the_store_is_away(cluster: Mindreel) -> None:
    away = {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SERVICE_ROLE_KEY": "key"}
    mindreel = Mindreel(cluster.home, {**cluster.settings, **away})

    shown, of_one = mindreel("status"), mindreel("status", "file-0123456789abcdef")

    assert (shown.code, of_one.code) == (0, 1)
    assert "No video is running." in shown.out
    assert "Batches are not known: Supabase at 127.0.0.1:9 did not answer" in shown.err
    assert of_one.err.count("\n") == 1
    assert mindreel("status", "--json").result["store"].startswith("Supabase at 127.0.0.1:9")
