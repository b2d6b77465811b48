"""Lines become records (RFC 4180), without letting one forgotten quotation mark swallow the rows after it."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

NO_DELIMITER = "\x1f"
"""Stands for a file of one column: a character that the text does not hold."""

_SPARE_LINES = 10_000
_REREADS = 4


@dataclass(frozen=True)
class Record:
    """What a spreadsheet shows as one row."""

    number: int
    """From 1; blank lines and comments count."""
    cells: Sequence[str]
    """None of a blank line."""
    comment: bool = False
    """Its line begins with `#`."""
    broken: bool = False
    """A quotation mark is opened and not closed; the cells are those of its first line."""


def split_lines(text: str) -> list[str]:
    """At CR, LF and CRLF, which stay; not at the separators that only Unicode knows."""
    return list(io.StringIO(text, newline=""))


def read_records(
    lines: Sequence[str], delimiter: str, swallows: Callable[[Sequence[str]], bool] = lambda _: False
) -> Iterator[Record]:
    """All records of `lines`.

    A quotation mark that is never closed, or closed in the middle of a later row, breaks its own row only:
    reading goes on at the next line. `swallows` says of the cells of a record of several lines whether
    they hold rows, which breaks it too.
    """
    position = number = 0
    left = _REREADS * len(lines) + _SPARE_LINES  # lines that may be read in vain, so that time stays linear
    while position < len(lines):
        line, number = lines[position], number + 1
        used = 1
        if not line.strip():
            yield Record(number, ())
        elif line.lstrip().startswith("#"):
            yield Record(number, _one_line(line, delimiter)[0], comment=True)
        elif '"' not in line:
            yield Record(number, line.rstrip("\r\n").split(delimiter))
        else:
            end = len(lines) if left > 0 else position + 1
            cells, used = _quoted(_between(lines, position, end), delimiter)
            if cells is not None and not (used > 1 and swallows(cells)):
                yield Record(number, cells)
            else:
                left -= used
                used = 1
                cells, closed = _one_line(line, delimiter)
                yield Record(number, cells, broken=not closed)
        position += used


def _between(lines: Sequence[str], start: int, end: int) -> Iterator[str]:
    return (lines[position] for position in range(start, end))


def _quoted(lines: Iterator[str], delimiter: str) -> tuple[list[str] | None, int]:
    """The first record by the rules, None where they are broken; and how many lines were read for it."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return None, reader.line_num


def _one_line(line: str, delimiter: str) -> tuple[list[str], bool]:
    """The cells of a line alone, by looser rules; and whether all quotation marks are closed in it."""
    reader = csv.reader([line, ""], delimiter=delimiter)
    try:
        cells = next(reader)
    except csv.Error:  # a cell beyond the module's own limit
        return line.strip().replace('"', "").split(delimiter), False
    return cells, reader.line_num == 1
