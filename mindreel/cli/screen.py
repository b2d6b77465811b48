"""Progress on standard error: a live display on a terminal, one line a stage elsewhere."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.live import Live

from mindreel.cli import wording
from mindreel.cli.meter import StageView, View
from mindreel.cli.stage_table import many_videos, one_video, unrecorded
from mindreel.cli.streams import plain

_FRAMES_PER_S = 4


class Screen(AbstractContextManager["Screen"], Protocol):
    """Where the views of some videos are shown; entered for as long as they are."""

    def show(self, number: int, view: View) -> None:
        """The newest view of video `number`."""

    def say(self, number: int, text: str) -> None:
        """A sentence about video `number`."""


def screen_for(console: Console, labels: list[str]) -> Screen:
    """The one that fits `console`; `labels` name the videos until their titles are known."""
    return LiveScreen(console, labels) if console.is_terminal else LineScreen(console, labels)


class LineScreen:
    """One line whenever a stage changes: for logs and pipes."""

    def __init__(self, console: Console, labels: list[str]) -> None:
        self._console, self._labels = console, labels
        self._seen: dict[tuple[int, str], str] = {}
        self._said: set[tuple[int, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, number: int, view: View) -> None:
        """Print the stages that changed since the last view, and remarks that are new."""
        for stage in view.stages:
            if self._seen.get((number, stage.name), "waiting") != stage.state:
                self._seen[number, stage.name] = stage.state
                self.say(number, f"{view.percent:3.0f} %  {stage.name} {_state(stage)}")
        if view.held and self._seen.get((number, ""), "") != view.held:
            self.say(number, f"{view.percent:3.0f} %  {view.held}")
        self._seen[number, ""] = view.held
        for remark in (*view.remarks, view.failure):
            self._say_once(number, remark, remark)
        # Once, though what it says changes: how long it waits, and what exactly was wrong this time.
        self._say_once(number, "unrecorded", unrecorded(view))

    def _say_once(self, number: int, about: str, text: str) -> None:
        if text and (number, about) not in self._said:
            self._said.add((number, about))
            self.say(number, text)

    def say(self, number: int, text: str) -> None:
        """Print a line that begins with the video."""
        self._console.print(plain(f"[{self._labels[number]}] {text}"))


class LiveScreen:
    """Drawn anew several times a second: every stage of one video, or a line for each of many."""

    def __init__(self, console: Console, labels: list[str]) -> None:
        self._console, self._labels = console, labels
        self._views: dict[int, View] = {}
        self._notes: dict[int, str] = {}
        self._live = Live(
            console=console,
            get_renderable=self._draw,
            refresh_per_second=_FRAMES_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, number: int, view: View) -> None:
        """Drawn with the next frame."""
        self._views[number] = view

    def say(self, number: int, text: str) -> None:
        """Printed above the display, and stays."""
        self._console.print(plain(f"{self._labels[number]}: {text}"))

    def _draw(self) -> RenderableType:
        rows = [(self._labels[number], view) for number, view in sorted(self._views.items())]
        if len(self._labels) == 1 and rows:
            return one_video(*rows[0], self._console)
        return many_videos(rows)


def _state(stage: StageView) -> str:
    if stage.state == "running":
        return "started"
    if stage.state != "done":
        return stage.state
    return "reused" if stage.reused else f"done in {wording.duration(stage.seconds)}"
