from pathlib import Path

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from mindreel.cli.parser import parser
from mindreel.contracts.languages import LANGUAGE_CODES
from tests.support.command import Mindreel

BAD = [
    ["--clips", "-1"],
    ["--clips", "two"],
    ["--clips", "1.5"],
    ["--clips", "٣"],
    ["--language", "xx"],
    ["--language", "english"],
    ["--model", " "],
    ["--loudly"],
]


@pytest.mark.parametrize("options", BAD, ids=" ".join)
def test_an_option_that_makes_no_sense_is_bad_usage_and_named(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        parser().parse_args(["run", "talk.mp4", *options])

    assert leaving.value.code == 2
    assert options[0] in capsys.readouterr().err


def test_options_arrive_as_they_were_typed() -> None:
    typed = ["run", "a.mp4", "b.mp4", "--clips", "0", "--captions", "--vertical", "--language", "DE"]

    arguments = parser().parse_args(typed)

    assert arguments.sources == ["a.mp4", "b.mp4"]
    assert (arguments.clips, arguments.captions, arguments.vertical, arguments.language) == (
        0,
        True,
        True,
        "de",
    )


def test_without_options_there_are_five_clips_and_the_language_is_detected() -> None:
    arguments = parser().parse_args(["run", "a.mp4"])

    assert (arguments.clips, arguments.language, arguments.model) == (5, None, None)


def test_a_model_folder_is_passed_on_as_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my model").mkdir()
    (tmp_path / "base").mkdir()

    models = [
        parser().parse_args(["run", "a", "--model", name]).model for name in ("my model", "base", "small")
    ]

    assert models == [str(tmp_path / "my model"), "base", "small"]


def test_the_languages_are_those_that_whisper_knows() -> None:
    assert set(_LANGUAGE_CODES) == LANGUAGE_CODES


@pytest.mark.parametrize(
    "arguments", [[], ["run"], ["dance"], ["status", "a", "b"], ["run", "a", "--clips", "-1"]]
)
def test_bad_usage_ends_with_exit_code_2_and_starts_nothing(mindreel: Mindreel, arguments: list[str]) -> None:
    done = mindreel(*arguments)

    assert done.code == 2
    assert done.out == ""
    assert "usage:" in done.err
    assert not mindreel.home.exists()


def test_help_shows_every_command_and_examples(mindreel: Mindreel) -> None:
    done = mindreel("--help")

    assert done.code == 0
    for word in (
        "run",
        "status",
        "list",
        "cancel",
        "retry",
        "result",
        "open",
        "search",
        "up",
        "down",
        "doctor",
    ):
        assert f"\n    {word} " in done.out
    assert "samples/talk.mp4" in done.out
    assert "TEMPORAL_ADDRESS" in done.out


def test_version_says_which(mindreel: Mindreel) -> None:
    assert mindreel("--version").out.startswith("mindreel 0.")
