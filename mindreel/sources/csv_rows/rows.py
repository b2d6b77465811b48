"""A record becomes a row: a video with its options, or a sentence on why not."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from mindreel.contracts.batch import NORMAL_PRIORITY, CsvLimits, CsvRow
from mindreel.contracts.video import VideoIdentity
from mindreel.errors import InputError
from mindreel.sources.csv_rows import values
from mindreel.sources.csv_rows.cells import address_of, is_web, line_of
from mindreel.sources.csv_rows.columns import URL, check_length, fields_of
from mindreel.sources.csv_rows.layout import Layout
from mindreel.sources.csv_rows.links import find_video, without_secret
from mindreel.sources.csv_rows.options import read_options
from mindreel.sources.csv_rows.records import NO_DELIMITER, Record

_LONGEST_TITLE = 300
_SHOWN_URL = 300
_AT_THE_END = " ,;|\t\r\n"
"""What lists pasted from elsewhere have behind an address."""
_UNCLOSED = (
    "A quotation mark in this row is opened and not closed; close it, or write it twice where it is part of "
    "the text."
)
_SEVERAL = (
    "The row holds several addresses; write one a row, or call the column that counts url in a first row."
)
_COMMENT = (
    "The row begins with #, as a comment does, and names a video; put quotation marks around its first cell "
    "to have it taken, or remove it."
)

_Value = TypeVar("_Value")


def read_row(record: Record, layout: Layout, delimiter: str, limits: CsvLimits) -> CsvRow:
    """What the record asks for; all that is wrong with it stands in `problem`."""
    cells = fields_of(record.cells, layout.places)
    if not layout.header:
        cells[URL] = _only_address(record.cells, cells.get(URL, ""))
    cell = cells.get(URL, "")
    address = address_of(cell if delimiter != NO_DELIMITER else cell.rstrip(_AT_THE_END))
    problems = _at_first_sight(record, layout, cells, limits)
    if problems:
        return _refused(record, address, problems)
    row = _row(record.number, address, cells, limits, problems)
    return _refused(record, address, problems) if problems else row


def is_comment(record: Record, layout: Layout) -> bool:
    """True where the row begins with `#` and nothing in it says otherwise.

    An address in its place, behind another column, does: `#MeToo, a talk` may be a title. In quotation marks
    only a row without any address is a comment: programs put them there when a comment holds a comma.
    """
    if not record.comment:
        first = line_of(record.cells[0]) if record.cells else ""
        return first.startswith("#") and not any(map(is_web, record.cells))
    place = layout.places[URL]
    return not (0 < place < len(record.cells) and is_web(record.cells[place]))


def _row(
    number: int, address: str, cells: Mapping[str, str], limits: CsvLimits, problems: list[str]
) -> CsvRow:
    def of(name: str, read: Callable[[str, str], _Value], default: _Value) -> _Value:
        text = line_of(cells.get(name, ""))
        return _noted(problems, lambda: read(name, text), default) if text else default

    nothing: tuple[VideoIdentity | None, bool] = (None, False)
    video, collection = _noted(problems, lambda: find_video(address, limits), nothing)
    return CsvRow(
        number,
        address,
        video=video,
        collection=collection,
        options=read_options(cells, problems),
        title=_title(cells.get("title", "")),
        tenant=of("tenant", values.tenant, ""),
        priority=of("priority", values.priority, NORMAL_PRIORITY),
    )


def _refused(record: Record, address: str, problems: Sequence[str]) -> CsvRow:
    url = without_secret(address)
    short = url if len(url) <= _SHOWN_URL else f"{url[: _SHOWN_URL - 1]}…"
    return CsvRow(record.number, short, problem=" ".join(problems))


def _at_first_sight(record: Record, layout: Layout, cells: Mapping[str, str], limits: CsvLimits) -> list[str]:
    """What makes reading the fields pointless."""
    if record.broken:
        return [_UNCLOSED]
    if record.comment:
        return [_COMMENT]
    if not layout.header and sum(map(is_web, record.cells)) > 1:
        return [_SEVERAL]
    problems: list[str] = []
    for name, cell in cells.items():
        _noted(problems, partial(check_length, name, cell, limits), None)
    return problems


def _noted(problems: list[str], read: Callable[[], _Value], default: _Value) -> _Value:
    """What `read` gives; where it raises, its sentence is added and the default given."""
    try:
        return read()
    except InputError as error:
        problems.append(str(error))
        return default


def _only_address(cells: Sequence[str], usual: str) -> str:
    """Without a header: the cell that holds an address, else what stands where most rows have one."""
    return next(filter(is_web, cells), usual) or next(filter(line_of, cells), "")


def _title(cell: str) -> str:
    text = line_of(cell)
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"
