"""A batch as people read it: once, or drawn anew while it goes on."""

import shlex
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mindreel.cli import wording
from mindreel.cli.batch_problems import Problem
from mindreel.cli.invocation import invocation
from mindreel.contracts.batch import ENDED, BatchView, RowView
from mindreel.contracts.sites import GateView

_BAR_WIDTH = 28
_TEXT_WIDTH = 160
_LABEL_WIDTH = 60
_STYLES = {"completed": "green", "partial": "yellow", "failed": "red", "refused": "red", "running": "cyan"}
_ORDER = ("completed", "partial", "failed", "refused", "cancelled", "duplicate", "expanded")


def line(batch: BatchView) -> str:
    """All of it in one line: `37 %, 12 of 40 rows ended, about 3 min left (9 completed, 3 failed)`."""
    ended = batch.total - batch.open
    parts = [
        f"{batch.percent:.0f} %",
        f"{ended} of {batch.total} rows ended",
        wording.left(batch.seconds_left),
    ]
    state = "" if batch.state == "running" else f"{batch.state}, "
    return f"{state}{', '.join(part for part in parts if part)} ({counts(batch)})"


def counts(batch: BatchView) -> str:
    """Outcomes and their numbers: what goes on first, then what has ended."""
    return ", ".join(f"{count} {name}" for name, count in _ordered(batch)) or "no rows"


def drawing(batch: BatchView, problems: Sequence[Problem], gates: Sequence[GateView]) -> RenderableType:
    """Headline, counts, problems and the sites that hold it back."""
    return Group(
        _headline(batch),
        *_about(batch),
        *([_counts(batch)] if batch.counts else []),
        *(part for problem in problems for part in _problem(batch, problem)),
        *(_text(f"  {told}", "yellow") for told in map(gate_sentence, gates)),
    )


def gate_sentence(gate: GateView) -> str:
    """Why nothing is fetched from a site, and what can be done."""
    why = f": {gate.reason.rstrip('.')}" if gate.reason else ""
    resume = f"`{invocation()} site resume {shlex.quote(gate.site)}`"
    if gate.state == "trying":
        return f"One video finds out whether {gate.site} answers again{why}"
    if gate.state == "paused":
        return f"{gate.site} is paused{why}; {resume} ends that"
    return f"{gate.site} is left alone until {wording.moment(gate.opens_at)}{why}; {resume} tries at once"


def row_line(row: RowView) -> str:
    """One row: its number, what it does or did, which video with its id, and what is to be said of it."""
    place = f"{row.number}.{row.item}" if row.item else f"{row.number}"
    doing = f"{row.stage} {row.percent:.0f} %" if row.outcome == "running" else row.outcome
    what = wording.shortened(row.title or row.url, _LABEL_WIDTH)
    wrong = f"{row.error_class}: {row.message}" if row.error_class else row.message
    said = wording.shortened(wrong, _TEXT_WIDTH)
    known = f"  ({row.video_id})" if row.video_id else ""
    return f"{place:>7}  {doing:<16}  {what}{known}{f'  {said}' if said else ''}"


def _headline(batch: BatchView) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=100, completed=batch.percent, width=_BAR_WIDTH, complete_style="cyan")
    grid.add_row(
        _text(wording.shortened(batch.name, _LABEL_WIDTH), "bold"),
        bar,
        _text(f"{batch.percent:.0f} %"),
        _text(batch.state, _STYLES.get(batch.state, "")),
        _text(wording.left(batch.seconds_left), "dim"),
    )
    return grid


def _about(batch: BatchView) -> list[RenderableType]:
    lines = [f"{batch.file} in {batch.inbox}, taken {wording.moment(batch.created_at)}", *batch.remarks]
    told = [_text(f"  {each}", "dim") for each in lines]
    return [*told, *([_text(f"  {batch.problem}", "red")] if batch.problem else [])]


def _counts(batch: BatchView) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for outcome, count in _ordered(batch):
        grid.add_row(Text(""), _text(f"{count:>6}"), _text(outcome, _STYLES.get(outcome, "")))
    return grid


def _ordered(batch: BatchView) -> list[tuple[str, int]]:
    going_on = sorted(batch.counts.keys() - set(ENDED))
    return [(name, count) for name in (*going_on, *_ORDER) if (count := batch.counts.get(name))]


def _problem(batch: BatchView, problem: Problem) -> list[RenderableType]:
    row = problem.example
    example = wording.shortened(f"row {row.number}: {row.message or row.url}", _TEXT_WIDTH)
    lines = [
        _text(f"  {problem.count} x {problem.title} ({problem.error_class})", "bold"),
        _text(f"      {example}", "dim"),
        _text(f"      {problem.advice}"),
    ]
    return [*lines, *([_text(f"      {_again(batch.name, problem)}", "dim")] if problem.retry else [])]


def _again(name: str, problem: Problem) -> str:
    return f"Again: {invocation()} batch retry {shlex.quote(name)} --class {problem.error_class}"


def _text(text: str, style: str = "") -> Text:
    """Others' words as they are: no markup, no control characters."""
    return Text("".join(char if char.isprintable() else " " for char in text), style=style)
