"""A CSV file as people make it becomes rows."""

from collections.abc import Iterator, Sequence
from functools import partial

from mindreel.contracts.batch import CsvFile, CsvLimits
from mindreel.errors import InputError
from mindreel.sources.csv_rows.cells import is_web
from mindreel.sources.csv_rows.decode import decode
from mindreel.sources.csv_rows.dialect import choose_delimiter, take_hint
from mindreel.sources.csv_rows.layout import HEADER_WITHIN, Layout, find_layout, has_text
from mindreel.sources.csv_rows.records import Record, read_records, split_lines
from mindreel.sources.csv_rows.refusals import check_bytes, check_text, no_address, no_rows, too_many
from mindreel.sources.csv_rows.remarks import remarks_on
from mindreel.sources.csv_rows.rows import is_comment, read_row
from mindreel.sources.csv_rows.swallowed import swallows


def parse(data: bytes, limits: CsvLimits) -> CsvFile:
    """The rows of a file, whatever its bytes; see docs/csv.md for what is understood.

    Never raises: what is wrong with a row stands in its `problem`, what is wrong with the whole file in
    the file's, and then no row is taken. Asks neither the network nor the disk.
    """
    try:
        return _parse(data, limits)
    except InputError as error:
        return CsvFile(problem=str(error))


def _parse(data: bytes, limits: CsvLimits) -> CsvFile:
    check_bytes(data, limits)
    decoded = decode(data)
    check_text(decoded.text)
    delimiter, lines = take_hint(split_lines(decoded.text))
    delimiter = delimiter or choose_delimiter(lines)
    records, layout, ended = _read(lines, delimiter, limits)
    rows = [record for record in records if _is_row(record, layout)]
    if not layout.header and not any(is_web(cell) for row in rows for cell in row.cells):
        raise no_address(decoded.text)
    if not rows:
        raise no_rows()
    if not ended or len(rows) > limits.max_rows:
        raise too_many(limits)
    return CsvFile(
        tuple(read_row(row, layout, delimiter, limits) for row in rows),
        remarks=remarks_on(decoded, delimiter, layout, records, rows),
    )


def _read(lines: Sequence[str], delimiter: str, limits: CsvLimits) -> tuple[list[Record], Layout, bool]:
    """The records, what their columns mean, and whether these are all.

    They are read again, once it is known which columns may not hold rows, where one does.
    """
    records, ended = _enough(read_records(lines, delimiter), limits)
    layout = find_layout(records)
    test = partial(swallows, layout=layout, delimiter=delimiter)
    if any(_has_line_end(record) and test(record.cells) for record in records):
        records, ended = _enough(read_records(lines, delimiter, test), limits)
    return records, layout, ended


def _enough(records: Iterator[Record], limits: CsvLimits) -> tuple[list[Record], bool]:
    """Up to one that makes it certain that there are too many."""
    found: list[Record] = []
    left = limits.max_rows + HEADER_WITHIN
    for record in records:
        found.append(record)
        left -= has_text(record) and not record.comment
        if left < 0:
            return found, False
    return found, True


def _has_line_end(record: Record) -> bool:
    return any("\n" in cell or "\r" in cell for cell in record.cells)


def _is_row(record: Record, layout: Layout) -> bool:
    return record.number > layout.header and has_text(record) and not is_comment(record, layout)
