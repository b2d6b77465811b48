"""Rows that stand inside a cell, between two quotation marks that have nothing to do with each other."""

from collections.abc import Sequence

from mindreel.sources.csv_rows.cells import is_web
from mindreel.sources.csv_rows.columns import URL
from mindreel.sources.csv_rows.layout import Layout


def swallows(cells: Sequence[str], layout: Layout, delimiter: str) -> bool:
    """True where a field of ours holds whole rows: as many cells as the header has, and an address in place.

    No title or language looks like that. Other columns may: they hold descriptions.
    """
    places = [place for place in layout.places.values() if place < len(cells)]
    return any(holds_rows(cells[place], layout, delimiter) for place in places)


def holds_rows(cell: str, layout: Layout, delimiter: str) -> bool:
    """True where a line of the cell, not the first, looks like a row of this file."""
    width = len(layout.names)
    if width <= 1 or not ("\n" in cell or "\r" in cell):
        return False
    rows = (line.split(delimiter) for line in cell.splitlines()[1:])
    return any(len(row) == width and is_web(row[layout.places[URL]]) for row in rows)
