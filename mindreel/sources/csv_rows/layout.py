"""Where in a file the fields stand: by its header, or without one by what the cells hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mindreel.errors import InputError
from mindreel.sources.csv_rows.cells import is_web, line_of, shown
from mindreel.sources.csv_rows.columns import URL, find_places, known_fields
from mindreel.sources.csv_rows.records import Record

HEADER_WITHIN = 20
"""Among so many first rows the header is looked for."""
_LISTED = 20


@dataclass(frozen=True)
class Layout:
    """What the columns mean."""

    places: Mapping[str, int]
    """Field to column, from 0; `url` always."""
    width: int
    """How many columns there are; without a header, as many as most rows have."""
    header: int = 0
    """The number of the record that names the columns; 0 where none does."""
    names: tuple[str, ...] = ()
    """Of the columns, as the header spells them."""
    remarks: tuple[str, ...] = ()


def has_text(record: Record) -> bool:
    """False for a blank line, also one of empty cells."""
    return any(map(line_of, record.cells))


def find_header(records: Sequence[Record]) -> Record | None:
    """The record that names the columns; it stands before the first address, maybe behind a `#`.

    One that names the url column counts first, then the one that names most.
    """
    before = _before_first_address(records)
    naming = [record for record in before if URL in known_fields(record.cells)]
    naming = naming or [record for record in before if not record.comment and known_fields(record.cells)]
    return max(naming, key=lambda record: (not record.comment, len(known_fields(record.cells))), default=None)


def find_layout(records: Sequence[Record]) -> Layout:
    """What the columns of these records mean. Raises `InputError` where that is not clear."""
    header = find_header(records)
    rows = [record for record in records if not record.comment]
    if header is None:
        return Layout({URL: _commonest(_addresses(rows), 0)}, _commonest(_widths(rows), 1))
    places = find_places(header.cells)
    remarks: list[str] = []
    if any(record.number < header.number and has_text(record) for record in rows):
        remarks.append(f"The header is row {header.number}; what stands above it was ignored.")
    if URL not in places:
        places[URL] = _by_content(header, places, rows)
        remarks.append(
            f"No column is called url; the addresses were found in {shown(header.cells[places[URL]])}."
        )
    ignored = [line_of(cell) for column, cell in enumerate(header.cells) if column not in places.values()]
    remarks += _ignored([name for name in ignored if name])
    names = tuple(map(line_of, header.cells))
    return Layout(places, len(names), header.number, names, tuple(remarks))


def _before_first_address(records: Sequence[Record]) -> list[Record]:
    before: list[Record] = []
    for record in filter(has_text, records):
        if len(before) == HEADER_WITHIN or (not record.comment and any(map(is_web, record.cells))):
            break
        before.append(record)
    return before


def _addresses(rows: Sequence[Record]) -> Counter[int]:
    """How many addresses each column holds."""
    return Counter(column for row in rows for column, cell in enumerate(row.cells) if is_web(cell))


def _widths(rows: Sequence[Record]) -> Counter[int]:
    return Counter(len(row.cells) for row in rows if has_text(row))


def _commonest(counts: Counter[int], default: int) -> int:
    """Of several the smallest."""
    return max(sorted(counts), key=lambda number: counts[number], default=default)


def _by_content(header: Record, places: Mapping[str, int], rows: Sequence[Record]) -> int:
    """The one column of addresses among those that have no meaning yet."""
    free = set(range(len(header.cells))) - set(places.values())
    found = sorted(free & set(_addresses(rows)))
    if len(found) == 1:
        return found[0]
    names = ", ".join(shown(header.cells[column]) for column in found or range(len(header.cells)))
    several = f"several hold addresses ({names})" if found else f"none holds addresses (there are {names})"
    raise InputError(f"No column is called url, and {several}; name the one with the addresses url.")


def _ignored(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    listed = ", ".join(shown(name) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return [f"Not understood and ignored: the column{'s' if len(names) > 1 else ''} {listed}{more}."]
