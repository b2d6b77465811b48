"""What can be typed about CSV files, sites and schedules."""

import pytest

from mindreel.cli import wording
from mindreel.cli.parser import parser


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("5m", 300), ("1h", 3600), ("2d", 172800), ("90", 90), ("1.5h", 5400)]
)
def test_a_span_has_a_unit(text: str, seconds: float) -> None:
    assert parser().parse_args(["schedule", "ensure", "--interval", text]).interval == seconds


@pytest.mark.parametrize(
    "typed",
    [
        ["schedule"],
        ["schedule", "ensure", "--interval", "soon"],
        ["schedule", "ensure", "--interval", "0s"],
        ["schedule", "ensure", "--interval", "9999d"],
        ["schedule", "ensure", "--jitter", "-1"],
        ["schedule", "delete"],
        ["schedule", "trigger", "nightly"],
        ["schedule", "backfill", "--from", "yesterday", "--to", "2026-01-01"],
        ["batch"],
        ["batch", "show"],
        ["site", "resume"],
        ["scan", "somewhere"],
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_bad_usage(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        parser().parse_args(typed)

    assert leaving.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_scan_is_meant_where_no_schedule_is_named() -> None:
    assert parser().parse_args(["schedule", "pause"]).name == "csv-scan"
    assert parser().parse_args(["schedule", "ensure"]).name is None


def test_classes_may_be_repeated_and_a_name_may_begin_with_a_dash() -> None:
    arguments = parser().parse_args(
        ["batch", "retry", "--class", "network", "--class", "blocked", "--", "-x"]
    )

    assert (arguments.name, arguments.classes) == ("-x", ["network", "blocked"])


@pytest.mark.parametrize(
    ("seconds", "text"), [(90, "90 s"), (300, "5 min"), (3600, "1 h"), (86400, "1 d"), (1.5, "1.5 s")]
)
def test_how_often_is_said_in_the_largest_whole_unit(seconds: float, text: str) -> None:
    assert wording.span(seconds) == text


def test_a_moment_of_another_day_has_its_date() -> None:
    assert wording.moment("2001-02-03T04:05:06+00:00").startswith("2001-02-0")
    assert wording.moment(None) == ""
