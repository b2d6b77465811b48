"""What separates the cells: said by Excel's `sep=` line, else seen from the first lines."""

import re
from collections.abc import Sequence

from mindreel.errors import InputError
from mindreel.sources.csv_rows.cells import address_of, is_web, line_of, shown
from mindreel.sources.csv_rows.columns import URL, known_fields
from mindreel.sources.csv_rows.layout import find_header, has_text
from mindreel.sources.csv_rows.records import NO_DELIMITER, Record, read_records

DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars"}
"""The surer sign first: with `1,5;2,5` it is the semicolon."""

_SAMPLE_LINES = 200
_HINT = re.compile(r'"?sep=(.)"?[,;|\t]*', re.IGNORECASE)
_BARE = re.compile(r'[\s"<]*https?://[^\s"<>]+[\s">,;|]*', re.IGNORECASE)


def take_hint(lines: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """What Excel's first line `sep=;` says, and the lines after it, which alone Excel shows.

    Raises `InputError` for a delimiter that stands in every address.
    """
    hint = _HINT.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    if not hint:
        return None, lines
    if hint[1] not in DELIMITERS:
        raise InputError(
            f"The first line says that {shown(hint[1])} separates the cells; save the file with commas, "
            "semicolons or tabs."
        )
    return hint[1], lines[1:]


def choose_delimiter(lines: Sequence[str]) -> str:
    """One of `DELIMITERS`, or `NO_DELIMITER` where each line is one cell."""
    sample = lines[:_SAMPLE_LINES]
    present = [mark for mark in DELIMITERS if any(mark in line for line in sample)]
    readings = {mark: list(filter(has_text, read_records(sample, mark))) for mark in present}
    headers = {mark: header for mark, records in readings.items() if (header := find_header(records))}
    if headers:
        return _by_header(headers)
    if not readings:
        return NO_DELIMITER
    best = max(readings, key=lambda mark: _likelihood(readings[mark], mark))
    if _is_list(sample) and not _is_table(readings[best]):
        return NO_DELIMITER
    return best


def _by_header(headers: dict[str, Record]) -> str:
    """The delimiter under which the header says most; none where it is a single cell under all of them."""

    def says(mark: str) -> tuple[bool, int, int]:
        fields = known_fields(headers[mark].cells)
        return URL in fields, len(fields), len(headers[mark].cells)

    best = max(headers, key=says)
    return best if len(headers[best].cells) > 1 else NO_DELIMITER


def _likelihood(records: Sequence[Record], mark: str) -> tuple[int, bool]:
    """More addresses, better those in which no other delimiter is left; then rows of equal length."""
    others = set(DELIMITERS) - {mark}
    found = [
        1 if others.intersection(address_of(cell)) else 2
        for record in records
        if not record.comment
        for cell in record.cells
        if is_web(cell)
    ]
    return sum(found), len(_widths(records)) == 1


def _is_list(sample: Sequence[str]) -> bool:
    """Every line that holds an address could be one as it stands; an address may hold a comma itself."""
    return all(
        _BARE.fullmatch(line) for line in sample if "://" in line and not line.lstrip().startswith("#")
    )


def _is_table(records: Sequence[Record]) -> bool:
    """Several rows with an address, all of the same length."""
    rows = [record for record in records if any(map(is_web, record.cells))]
    return len(rows) > 1 and len(_widths(rows)) == 1


def _widths(records: Sequence[Record]) -> set[int]:
    """How many cells the rows have, up to the last that holds something."""
    return {
        max(column for column, cell in enumerate(record.cells, start=1) if line_of(cell))
        for record in records
        if not record.comment
    }
