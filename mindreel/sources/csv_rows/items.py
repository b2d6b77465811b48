from dataclasses import replace

from mindreel.contracts.batch import CsvRow
from mindreel.errors import InputError
from mindreel.sources.identity import identify


def item_row(url: str, parent: CsvRow, item: int, title: str) -> CsvRow:
    """The row of video `item` (from 1) of the playlist that `parent` names, asked for as that was."""
    row = replace(parent, url=url, item=item, video=None, collection=False, title=title)
    try:
        return replace(row, video=identify(url))
    except InputError as error:
        return replace(row, problem=str(error))
