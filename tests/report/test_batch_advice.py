"""What to do is said for everything that can go wrong."""

import shlex

import pytest

from mindreel import errors
from mindreel.contracts.batch import ENDED, RowView
from mindreel.report.advice import advice_for, advice_on, class_of, resume_command, retry_command


def classes(of: type[errors.MindreelError]) -> set[str]:
    return {of.error_class}.union(*(classes(below) for below in of.__subclasses__()))


ALL = sorted(classes(errors.MindreelError))


def row(outcome: str, error_class: str = "") -> RowView:
    return RowView(2, 0, "https://example.org/a.mp4", None, "", outcome, error_class=error_class)


def test_the_tree_of_errors_was_walked() -> None:
    assert {"internal", "network", "rate_limit", "bot_check", "cancelled"} <= set(ALL)
    assert len(ALL) >= 13


@pytest.mark.parametrize("error_class", [*ALL, "timeout", "csv", "partial", "duplicate", "expanded"])
def test_every_class_has_advice_of_its_own(error_class: str) -> None:
    """An error class without advice would get the advice of the unknown one."""
    assert advice_on(error_class) != advice_on("something nobody has heard of")
    sentence = advice_for(error_class)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_no_two_classes_say_the_same() -> None:
    assert len({advice_for(error_class) for error_class in ALL}) == len(ALL)


def test_an_unknown_class_says_where_the_details_are() -> None:
    assert "worker's log" in advice_for("something nobody has heard of")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (row("failed", "network"), "network"),
        (row("failed"), "internal"),
        (row("refused", "input"), "csv"),
        (row("partial"), "partial"),
        (row("cancelled"), "cancelled"),
        (row("duplicate"), "duplicate"),
        (row("expanded"), "expanded"),
        (row("completed"), ""),
        (row("running", "network"), ""),
    ],
)
def test_a_row_is_advised_by_what_became_of_it(given: RowView, expected: str) -> None:
    assert class_of(given) == expected


def test_only_a_completed_row_needs_no_word() -> None:
    assert [outcome for outcome in ENDED if not class_of(row(outcome))] == ["completed"]


@pytest.mark.parametrize("name", ["talks", "Émile's talks 中文", "-x", "a; rm -rf b", "$(id)", 'two "words"'])
def test_a_command_can_be_pasted_whatever_the_batch_is_called(name: str) -> None:
    words = shlex.split(retry_command(name, "network"))
    assert words[:4] == ["python", "starter.py", "batch", "retry"]
    assert words.count(name) == 1
    assert words[words.index("--class") + 1] == "network"
    assert name in shlex.split(resume_command(name))
    assert ("--" in words) == name.startswith("-")
