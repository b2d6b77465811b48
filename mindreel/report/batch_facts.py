"""What the page of a batch shows besides its rows: counts, the bar, time left, and what went wrong."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report import formats
from mindreel.report.advice import (
    CSV,
    DUPLICATE,
    EXPANDED,
    Advice,
    advice_for,
    advice_on,
    class_of,
    resume_command,
    retry_command,
)
from mindreel.report.batch_rows import OUTCOMES

BAR_WIDTH = 1000
NAMED_ROWS = 12
"""Rows a group links to; the filter shows the rest."""
_QUIET = ("duplicate", "expanded", "cancelled")
_HOUR_S, _MINUTE_S = 3600.0, 60.0


@dataclass(frozen=True)
class Group:
    """The rows of one error class."""

    error_class: str
    advice: Advice
    rows: tuple[tuple[str, str], ...]
    """Anchor and number of the first few."""
    count: int
    command: str
    """What to type to try them again; empty where that changes nothing."""


def number_of(row: RowView) -> str:
    """`3`, or `3.2` for the second video of row 3's playlist."""
    return f"{row.number}.{row.item}" if row.item else str(row.number)


def anchor_of(row: RowView) -> str:
    """Where the row stands in the page."""
    return f"row-{number_of(row)}"


def tally(rows: Sequence[RowView]) -> list[tuple[str, str, int]]:
    """(outcome, label, number of rows) of every outcome there is, in the order of reports."""
    counts = Counter(row.outcome for row in rows)
    known = [outcome for outcome in OUTCOMES if outcome in counts]
    other = sorted(set(counts) - set(OUTCOMES))
    return [(outcome, OUTCOMES.get(outcome, outcome), counts[outcome]) for outcome in known + other]


def bar(batch: BatchView, rows: Sequence[RowView]) -> list[tuple[str, float, float]]:
    """(kind, start, width) of the bar's parts, which fill `percent` of BAR_WIDTH."""
    kinds = Counter(_kind(row.outcome) for row in rows)
    parts = [(kind, kinds[kind] * BAR_WIDTH / max(1, len(rows))) for kind in ("good", "warn", "bad", "quiet")]
    filled = sum(width for _, width in parts)
    parts.append(("running", max(0.0, min(BAR_WIDTH, batch.percent * BAR_WIDTH / 100) - filled)))
    return list(_placed(parts))


def _kind(outcome: str) -> str:
    known = {"completed": "good", "partial": "warn", "failed": "bad", "refused": "bad"}
    return known.get(outcome, "quiet" if outcome in _QUIET else "open")


def _placed(parts: list[tuple[str, float]]) -> Iterator[tuple[str, float, float]]:
    start = 0.0
    for kind, width in parts:
        if width > 0:
            yield kind, round(start, 2), round(width, 2)
        start += width


def groups(batch: BatchView, rows: Sequence[RowView]) -> list[Group]:
    """What went wrong, the most frequent first; duplicates and playlists are not wrong."""
    found: dict[str, list[RowView]] = {}
    for row in rows:
        error_class = class_of(row)
        if error_class and error_class not in (DUPLICATE, EXPANDED):
            found.setdefault(error_class, []).append(row)
    return [
        Group(
            error_class=error_class,
            advice=advice_on(error_class),
            rows=tuple((anchor_of(row), number_of(row)) for row in members[:NAMED_ROWS]),
            count=len(members),
            command=retry_command(batch.name, error_class) if advice_on(error_class).retry else "",
        )
        for error_class, members in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def time_left(batch: BatchView) -> str:
    """`about 12 min left`, or empty where that is not known."""
    left_s = batch.seconds_left
    if left_s is None or batch.state != "running":
        return ""
    if left_s < _MINUTE_S:
        return "less than a minute left"
    step_s = _MINUTE_S if left_s < 10 * _HOUR_S else _HOUR_S
    return f"about {formats.length(math.ceil(left_s / step_s) * step_s)} left"


def is_over(batch: BatchView, rows: Sequence[RowView]) -> bool:
    """True when nothing more will change by itself, so that the page need not look again."""
    ended = all(_kind(row.outcome) != "open" for row in rows)
    return ended and batch.state in ("finished", "cancelled")


def go_on(batch: BatchView) -> str:
    """What to type where the batch was paused; empty where it was not."""
    return resume_command(batch.name) if batch.state == "paused" else ""


def file_advice() -> str:
    """What to do about a file of which nothing could be taken."""
    return advice_for(CSV)
