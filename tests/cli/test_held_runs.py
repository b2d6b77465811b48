"""A run that stands still says why: by intention, or because nobody can be told how it ended."""

import io

import pytest
from rich.console import Console

from mindreel.cli.meter import Meter, Pending, View
from mindreel.cli.screen import LineScreen, LiveScreen
from workflows.progress import RunProgress

AT_THE_GATE = RunProgress(title="A talk", waiting_for="youtube")
PAUSED = RunProgress(title="A talk", paused=True, waiting_for="youtube")


def view(run: RunProgress) -> View:
    return Meter().view(run, (), now_s=0)


def test_lines_say_it_once_and_again_when_it_changes() -> None:
    written = io.StringIO()
    screen = LineScreen(Console(file=written, width=200, highlight=False), ["talk.mp4"])

    for run in (AT_THE_GATE, AT_THE_GATE, RunProgress(), AT_THE_GATE, PAUSED, PAUSED):
        screen.show(0, view(run))

    held = [line.split("%  ")[1] for line in written.getvalue().splitlines()]
    waiting = "waiting for its turn at youtube (`site list` says why)"
    assert held == [waiting, waiting, "paused"]


@pytest.mark.parametrize("labels", [["one"], ["one", "two"]])
def test_a_live_display_shows_it_for_one_video_and_for_many(labels: list[str]) -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=160, height=30, highlight=False)

    with LiveScreen(console, labels) as screen:
        screen.show(0, view(AT_THE_GATE))

    assert "waiting for its turn at youtube" in written.getvalue()


def ended(attempt: int, retry_in_s: float) -> View:
    """Failed, and the store does not take it down."""
    run = RunProgress(title="A talk", outcome="failed", failure="The store is away.")
    told = Pending(
        "record_outcome", started=False, attempt=attempt, failure="No answer.", retry_in_s=retry_in_s
    )
    return Meter().view(run, [told], now_s=0)


def test_lines_say_once_why_it_failed_and_why_that_is_not_recorded() -> None:
    written = io.StringIO()
    screen = LineScreen(Console(file=written, width=200, highlight=False), ["talk.mp4"])

    for attempt in range(2, 6):
        screen.show(0, ended(attempt, 2.0**attempt))

    assert written.getvalue().splitlines() == [
        "[talk.mp4] The store is away.",
        "[talk.mp4] its outcome cannot be recorded yet: No answer; again in 4 s",
    ]


@pytest.mark.parametrize("labels", [["one"], ["one", "two"]])
def test_a_live_display_shows_that_the_end_is_not_recorded(labels: list[str]) -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=200, height=30, highlight=False)

    with LiveScreen(console, labels) as screen:
        screen.show(0, ended(2, 7.0))

    assert "its outcome cannot be recorded yet: No answer; again in 7 s" in written.getvalue()


def test_the_reason_of_a_recorded_end_is_left_to_the_result() -> None:
    assert view(RunProgress(outcome="failed", failure="The store is away.")).failure == ""


def test_a_run_that_has_ended_is_not_held() -> None:
    assert view(RunProgress(outcome="cancelled", paused=True)).held == ""
