"""What cannot be a video is answered at once: one sentence, exit code 1, and nothing is started or made."""

import os
from pathlib import Path

import pytest

from mindreel.cli.sources import identify_all
from tests.support.command import Mindreel

KEYS = ["id", "source", "outcome", "reasons", "library", "artifacts", "stages"]


def test_a_missing_file_gets_one_sentence(mindreel: Mindreel, tmp_path: Path) -> None:
    missing = tmp_path / "no [bold]such[/] 谈话.mp4"

    done = mindreel("run", missing)

    assert (done.code, done.out) == (1, "")
    assert done.err == f"mindreel: There is no file {missing}; check the path.\n"
    assert not mindreel.home.exists()


def test_with_json_each_source_gets_its_object_in_order(mindreel: Mindreel, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    sources = [str(tmp_path / "missing.mp4"), str(tmp_path / "empty.mp4"), "ftp://example.com/a.mp4"]

    done = mindreel("run", *sources, "--json")

    assert done.code == 1
    assert [result["source"] for result in done.results] == sources
    for result in done.results:
        assert list(result) == KEYS
        assert (result["id"], result["outcome"], result["library"]) == (None, "failed", None)
        (reason,) = result["reasons"]
        assert reason.endswith(".")
    assert len(done.err.splitlines()) == len(sources)
    assert not mindreel.home.exists()


def test_a_setting_that_makes_no_sense_is_named(mindreel: Mindreel) -> None:
    done = mindreel("run", "a.mp4", MINDREEL_MAX_BYTES="lots")

    assert done.code == 2
    assert done.err.startswith("mindreel: MINDREEL_MAX_BYTES is 'lots'")


def test_an_external_server_that_does_not_answer_is_named(mindreel: Mindreel, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"something")

    done = mindreel("run", tmp_path / "a.mp4", TEMPORAL_ADDRESS="127.0.0.1:1")

    assert done.code == 1
    assert "No Temporal server answers at 127.0.0.1:1" in done.err
    assert "Traceback" not in done.err
    assert not mindreel.home.exists()


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "a.mp4").write_bytes(b"something")

    done = Mindreel(tmp_path / "file" / "home")("run", tmp_path / "a.mp4")

    assert done.code == 1
    assert "MINDREEL_HOME" in done.err


async def test_a_name_that_is_no_utf_8_is_refused_before_it_reaches_the_server() -> None:
    (source,) = await identify_all([os.fsdecode(b"caf\xe9.mp4")])

    assert source.video is None
    assert source.problem == r"caf\xe9.mp4 is not valid UTF-8; rename the file."


@pytest.mark.parametrize("name", ['it\'s a "talk".mp4', "谈话 🎉.mp4", "-dash.mp4", "a b\nc.mp4"])
async def test_a_name_with_odd_characters_names_the_same_video(tmp_path: Path, name: str) -> None:
    for each in (name, "plain.mp4"):
        (tmp_path / each).write_bytes(b"the same content")

    odd, plain = await identify_all([str(tmp_path / name), str(tmp_path / "plain.mp4")])

    assert odd.video is not None
    assert plain.video is not None
    assert odd.video.id == plain.video.id
