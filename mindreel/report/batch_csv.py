"""What became of every row of a batch, as a CSV file that spreadsheets and programs read alike."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from mindreel.contracts.batch import BatchView, RowView
from mindreel.report.advice import CSV, advice_on, class_of, retry_command
from mindreel.report.batch_rows import message_of, page_link, shown_class

COLUMNS = (
    "row",
    "item",
    "url",
    "title",
    "video_id",
    "outcome",
    "stage",
    "error_class",
    "message",
    "what_to_do",
    "seconds",
    "result",
    "original",
    "tenant",
)

# What spreadsheets begin a formula with, also in full width: https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_UNSEEN = r"\s\x00-\x1f\u200b-\u200f\u2060\ufeff"
_BEGINS = re.compile(rf"[\t\r\n]|[{_UNSEEN}]*[{_SIGNS}]")
# Where the list separator is a semicolon, Excel begins a cell there and at a new line, quoted or not.
_INSIDE = re.compile(rf'([;\r\n])(?=[{_UNSEEN}"]*[{_SIGNS}])')
# Many readers end a line, or fail, at control characters.
_CONTROLS = {code: "\ufffd" for code in range(0x20) if chr(code) not in "\t\r\n"}


def render_csv(batch: BatchView, rows: Sequence[RowView]) -> bytes:
    """One record a row, below a header: UTF-8 with a byte order mark (for Excel), lines as RFC 4180 has them.

    A cell that a spreadsheet would take for a formula begins with an apostrophe. Why nothing of a file could
    be taken stands in a record without a row number. There are no totals: every record is a row.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([neutral(cell) for cell in record] for record in _records(batch, rows))
    # Half an emoji from a cut title is shown as its number, for it cannot be written as UTF-8.
    return codecs.BOM_UTF8 + text.getvalue().encode("utf-8", "backslashreplace")


def neutral(cell: str) -> str:
    """The cell as text that no spreadsheet takes for a formula; OWASP, CSV injection."""
    cell = _INSIDE.sub(r"\1'", cell.translate(_CONTROLS))
    return f"'{cell}" if _BEGINS.match(cell) else cell


def _records(batch: BatchView, rows: Iterable[RowView]) -> Iterator[tuple[str, ...]]:
    if batch.problem:
        yield _file_problem(batch)
    for row in rows:
        yield _record(batch.name, row)


def _file_problem(batch: BatchView) -> tuple[str, ...]:
    said = {
        "outcome": "refused",
        "stage": CSV,
        "error_class": "input",
        "message": f"Nothing of {batch.file} could be taken. {batch.problem}",
        "what_to_do": advice_on(CSV).sentence,
    }
    return tuple(said.get(column, "") for column in COLUMNS)


def _record(name: str, row: RowView) -> tuple[str, ...]:
    return (
        str(row.number),
        str(row.item),
        row.url,
        row.title,
        row.video_id or "",
        row.outcome,
        row.stage,
        shown_class(row),
        message_of(row),
        _what_to_do(name, row),
        "" if row.seconds is None else f"{max(0.0, row.seconds):.1f}",
        page_link(row.library) or row.library or "",
        row.original,
        row.tenant,
    )


def _what_to_do(name: str, row: RowView) -> str:
    error_class = class_of(row)
    if not error_class:
        return ""
    advice = advice_on(error_class)
    again = f" To try again: {retry_command(name, error_class)}" if advice.retry else ""
    return f"{advice.sentence}{again}"
