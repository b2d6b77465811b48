"""Rows that stand inside a cell, between two quotation marks that have nothing to do with each other.

By the rules (RFC 4180) such a cell is what it says. But one forgotten mark makes it up to the next one, and
then rows are gone that a person sees in the file.
"""

from collections.abc import Sequence

from mindreel.sources.csv_rows.cells import is_web, line_of
from mindreel.sources.csv_rows.columns import URL
from mindreel.sources.csv_rows.layout import Layout
from mindreel.sources.csv_rows.records import split_lines

_TELLING_WIDTH = 3


def swallows(cells: Sequence[str], layout: Layout, delimiter: str) -> bool:
    """True where a record of several lines is too long, or rows stand in a cell that cannot mean them.

    No title or language looks like rows. A column that we do not understand may hold descriptions, in which a
    line may have an address and a comma; a whole row of three cells and more is none.
    """
    if layout.header and any(map(line_of, cells[layout.width :])):
        return True
    ours = set(layout.places.values())
    return any(
        holds_rows(cell, layout, delimiter, whole=bool(layout.header) and column not in ours)
        for column, cell in enumerate(cells)
    )


def holds_rows(cell: str, layout: Layout, delimiter: str, *, whole: bool = False) -> bool:
    """True where a line of the cell, not the first, looks like a row: several cells, an address in its place.

    It may be the beginning of a row, but for `whole`.
    """
    if "\n" not in cell and "\r" not in cell:
        return False
    place = layout.places[URL]
    least = max(layout.width, _TELLING_WIDTH) if whole else max(place + 1, 2)
    rows = (line.split(delimiter) for line in split_lines(cell)[1:])
    return any(len(row) >= least and is_web(row[place]) for row in rows)
