"""How a file was understood, and what was passed over, as sentences."""

from collections.abc import Sequence

from mindreel.sources.csv_rows.cells import is_web, line_of
from mindreel.sources.csv_rows.decode import Decoded
from mindreel.sources.csv_rows.dialect import DELIMITERS
from mindreel.sources.csv_rows.layout import Layout
from mindreel.sources.csv_rows.records import NO_DELIMITER, Record
from mindreel.sources.csv_rows.swallowed import holds_rows

_LISTED = 10
_BEYOND_HEADER = (
    "cells stand under no name of a column and were ignored (a cell that holds the separator itself needs "
    "quotation marks)"
)
_BESIDE_ADDRESS = "only the address was taken, because no header says what the other cells mean"


def remarks_on(
    decoded: Decoded, delimiter: str, layout: Layout, records: Sequence[Record], rows: Sequence[Record]
) -> tuple[str, ...]:
    """`rows` are the records that became rows."""
    comments = [
        record.number
        for record in records
        if record.comment and any(is_web(cell.lstrip("# ")) for cell in record.cells)
    ]
    taken = {row.number for row in rows}
    return (
        *_manner(decoded.encoding, delimiter),
        *decoded.remarks,
        *layout.remarks,
        *_in_rows(
            "an address stands behind a # and was taken as a comment",
            [number for number in comments if number not in taken],
        ),
        *_in_rows(_BEYOND_HEADER if layout.header else _BESIDE_ADDRESS, _passed_over(rows, layout)),
        *_in_rows(
            "a cell of several lines looks like rows; if rows are missing, check its quotation marks",
            [row.number for row in rows if any(holds_rows(cell, layout, delimiter) for cell in row.cells)],
        ),
    )


def _manner(encoding: str, delimiter: str) -> list[str]:
    """Nothing where it is what everybody expects."""
    if encoding == "UTF-8" and delimiter in (",", NO_DELIMITER):
        return []
    how = "one address a line" if delimiter == NO_DELIMITER else f"separated by {DELIMITERS[delimiter]}"
    return [f"Read as {encoding}, {how}."]


def _passed_over(rows: Sequence[Record], layout: Layout) -> list[int]:
    if not layout.header:
        return [row.number for row in rows if sum(1 for cell in row.cells if line_of(cell)) > 1]
    known = {column for column, name in enumerate(layout.names) if name}
    return [
        row.number
        for row in rows
        if any(column not in known and line_of(cell) for column, cell in enumerate(row.cells))
    ]


def _in_rows(what: str, numbers: Sequence[int]) -> list[str]:
    if not numbers:
        return []
    listed = ", ".join(str(number) for number in numbers[:_LISTED])
    more = f" and {len(numbers) - _LISTED:,} more" if len(numbers) > _LISTED else ""
    return [f"In row{'s' if len(numbers) > 1 else ''} {listed}{more} {what}."]
