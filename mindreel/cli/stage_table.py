"""A run's view as rich renderables, for the live display and for `status`."""

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mindreel.cli import wording
from mindreel.cli.meter import StageView, View

_BAR_WIDTH = 28
_LABEL_WIDTH = 60
_NOTE_WIDTH = 100
_SAID_WIDTH = 400
_MARKS = {"done": ("✓", "green"), "failed": ("✗", "red"), "running": ("▸", "cyan"), "skipped": ("-", "dim")}
_ASCII_MARKS = {"✓": "+", "✗": "x", "▸": ">", "·": "."}


def one_video(label: str, view: View, console: Console) -> RenderableType:
    """The whole, and a line a stage."""
    grid = Table.grid(padding=(0, 2))
    for stage in view.stages:
        grid.add_row(*_stage_row(stage, console))
    said = ((view.held, "yellow"), (view.failure, "red"), (unrecorded(view), "yellow"))
    lines = [Text(f"  {wording.shortened(text, _SAID_WIDTH)}", style=style) for text, style in said if text]
    return Group(_headline(label, view), *lines, grid)


def unrecorded(view: View) -> str:
    """Why the end of a run is not in the catalog yet, and when it is tried again; empty where it may be."""
    if not view.unrecorded:
        return ""
    again = f"; again in {view.retry_in_s:.0f} s" if view.retry_in_s else "; it is tried again"
    return f"its outcome cannot be recorded yet: {view.unrecorded.rstrip('.')}{again}"


def many_videos(rows: list[tuple[str, View]]) -> RenderableType:
    """A line a video."""
    grid = Table.grid(padding=(0, 2))
    for label, view in rows:
        running = next((stage for stage in view.stages if stage.state == "running"), None)
        said = view.held or unrecorded(view) or view.failure
        doing = wording.shortened(said, _SAID_WIDTH) or (
            f"{running.name} {running.note}" if running else view.outcome
        )
        grid.add_row(
            Text(wording.shortened(view.title or label, _LABEL_WIDTH)),
            _bar(view.percent),
            Text(f"{view.percent:3.0f} %"),
            Text(doing if said else wording.shortened(doing, _NOTE_WIDTH), style="dim"),
            Text(wording.left(view.left_s), style="dim"),
        )
    return grid


def _headline(label: str, view: View) -> RenderableType:
    title = Text(wording.shortened(view.title or label, _LABEL_WIDTH), style="bold")
    state = f"{view.percent:.0f} %" if view.outcome == "running" else view.outcome
    grid = Table.grid(padding=(0, 2))
    grid.add_row(title, _bar(view.percent), Text(state), Text(wording.left(view.left_s), style="dim"))
    return grid


def _stage_row(stage: StageView, console: Console) -> list[RenderableType]:
    mark, style = _MARKS.get(stage.state, ("·", "dim"))
    if console.options.ascii_only:
        mark = _ASCII_MARKS.get(mark, mark)
    name = Text(f"{mark} {stage.name}", style=style)
    if stage.state == "running":
        note = ", ".join(part for part in (stage.note, wording.left(stage.left_s)) if part)
        shown = Text(wording.shortened(note, _NOTE_WIDTH), style="dim")
        return [name, Text(f"{100 * stage.fraction:3.0f} %"), _bar(100 * stage.fraction), shown]
    if stage.state == "done":
        reused = Text("reused" if stage.reused else "", style="dim")
        return [name, Text(wording.duration(stage.seconds), style="dim"), reused, Text("")]
    return [name, Text(stage.state if stage.state != "waiting" else "", style="dim"), Text(""), Text("")]


def _bar(percent: float) -> ProgressBar:
    return ProgressBar(
        total=100, completed=percent, width=_BAR_WIDTH, complete_style="cyan", finished_style="green"
    )
