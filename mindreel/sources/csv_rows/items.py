from dataclasses import replace

from mindreel.contracts.batch import CsvLimits, CsvRow
from mindreel.errors import InputError
from mindreel.sources.csv_rows.links import find_video


def item_row(url: str, parent: CsvRow, item: int, title: str) -> CsvRow:
    """The row of video `item` (from 1) of the playlist that `parent` names, asked for as that was."""
    row = replace(parent, url=url, item=item, video=None, collection=False, title=title)
    try:
        video, is_list = find_video(url, CsvLimits())
    except InputError as error:
        return replace(row, problem=str(error))
    if is_list:
        return replace(row, problem=f"{url} is a list inside a list; write it into a row of its own.")
    return replace(row, video=video)
