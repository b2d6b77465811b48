"""The page of a batch: one HTML file that shows what became of every row of a CSV file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report import assets, batch_facts, formats
from mindreel.report.advice import DUPLICATE, EXPANDED, advice_for, class_of
from mindreel.report.batch_rows import OUTCOMES, message_of, page_command, page_link

STYLES = ("base.css", "layout.css", "batch.css", "batch-table.css")
SCRIPTS = (
    "dom.js",
    "theme-button.js",
    "batch-filter.js",
    "batch-refresh.js",
    "batch-main.js",
)
_REFRESH_S, _ROWS_A_SECOND = 10, 500
"""A page of many rows is read again more rarely: a browser needs about a second for 10,000."""
_ROW = re.compile(r"row (\d+)(?:, video (\d+))?")


@dataclass(frozen=True, slots=True)
class _Line:
    row: RowView
    number: str
    badge: str
    stage: str
    error_class: str
    message: str
    advice: str
    original: str
    """Number of the row in this page whose video it is; empty where it is elsewhere."""
    address: str | None
    page: str | None
    opens: str
    """What to type to see the page, where no link leads to it."""
    took: str


def render_page(batch: BatchView, rows: Sequence[RowView]) -> bytes:
    """The whole page as UTF-8, for a file beside the CSV file; it needs nothing from elsewhere.

    Everything from the file and the sites is treated as hostile text, and only http(s) addresses and the
    videos' own pages are links. While the batch is open the page looks again by itself.
    """
    template = assets.environment().get_template("batch.html")
    page = template.render(
        batch=batch,
        facts=batch_facts,
        lines=_lines(rows),
        tally=batch_facts.tally(rows),
        bar=batch_facts.bar(batch, rows),
        groups=batch_facts.groups(batch, rows),
        refresh_s=0 if batch_facts.is_over(batch, rows) else max(_REFRESH_S, len(rows) // _ROWS_A_SECOND),
        policy=assets.policy(STYLES, SCRIPTS),
        styles=assets.styles(STYLES),
        head_script=assets.head_script(),
        body_script=assets.body_script(SCRIPTS),
    )
    # A lone surrogate (half an emoji from a cut title) cannot be written as UTF-8.
    return page.encode("utf-8", "replace")


def _lines(rows: Sequence[RowView]) -> list[_Line]:
    numbers = {batch_facts.number_of(row) for row in rows}
    return [_line(row, numbers) for row in rows]


def _line(row: RowView, numbers: set[str]) -> _Line:
    error_class = class_of(row)
    wrong = error_class not in ("", DUPLICATE, EXPANDED)
    return _Line(
        row=row,
        number=batch_facts.number_of(row),
        badge=OUTCOMES.get(row.outcome, row.outcome),
        stage=_stage(row),
        error_class=error_class,
        message=message_of(row),
        advice=advice_for(error_class) if wrong else "",
        original=_original(row, numbers),
        address=formats.web_link(row.url),
        page=page_link(row.library),
        opens=page_command(row),
        took="" if row.seconds is None else formats.length(row.seconds),
    )


def _original(row: RowView, numbers: set[str]) -> str:
    place = _ROW.fullmatch(row.original)
    number = ".".join(part for part in place.groups() if part) if place else ""
    return number if number in numbers else ""


def _stage(row: RowView) -> str:
    if row.outcome == "running":
        return f"{row.stage}, {row.percent:.0f} %" if row.stage else f"{row.percent:.0f} %"
    return f"at {row.stage}" if row.outcome == "failed" and row.stage else ""
