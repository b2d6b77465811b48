"""The names people give to columns."""

import re
from collections.abc import Mapping, Sequence

from mindreel.contracts.batch import CsvLimits
from mindreel.errors import InputError
from mindreel.sources.csv_rows.cells import shown

URL = "url"
_NAMES = {
    URL: (
        "url, video url, video link, link, href, uri, video, address, source, source url, video address, "
        "web address, web url, web link, web page url, page url, media url, urls, links, youtube, "
        "youtube url, youtube link, adresse, lien, enlace, 网址, 链接"
    ),
    "title": "title, video title, titel, titre, título, 标题",
    "language": "language, lang, sprache, langue, idioma",
    "clips": "clips",
    "captions": "captions, subtitles, untertitel",
    "vertical": "vertical",
    "tenant": "tenant",
    "priority": "priority, prio, priorität, priorité",
    "options": "options",
}
"""Of two columns that name one field differently, the name further to the front counts."""

_BETWEEN = re.compile(r"[\W_]+")


def _squeezed(name: str) -> str:
    """`Video URL`, `video_url` and `video-url` are one name."""
    return _BETWEEN.sub("", name).casefold()


_ALIASES = {field: tuple(map(_squeezed, names.split(","))) for field, names in _NAMES.items()}


def known_fields(cells: Sequence[str]) -> set[str]:
    """The fields that the cells of a header name."""
    names = {_squeezed(cell) for cell in cells}
    return {field for field, aliases in _ALIASES.items() if not names.isdisjoint(aliases)}


def find_places(header: Sequence[str]) -> dict[str, int]:
    """Field to column, from 0. Raises `InputError` where two columns have the same name."""
    names = [_squeezed(cell) for cell in header]
    places: dict[str, int] = {}
    for field, aliases in _ALIASES.items():
        alias = next((alias for alias in aliases if alias in names), None)
        if alias is None:
            continue
        places[field] = names.index(alias)
        if names.count(alias) > 1:
            raise InputError(
                f"Two columns are called {shown(header[places[field]])}; rename the one that does not count."
            )
    return places


def fields_of(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """Field to cell; a row may be shorter than its header."""
    return {field: cells[place] for field, place in places.items() if place < len(cells)}


def check_length(field: str, cell: str, limits: CsvLimits) -> None:
    """Raise `InputError` where a cell that means something is too long."""
    if len(cell) > limits.max_field_chars:
        raise InputError(
            f"{field} is {len(cell):,} characters long and at most {limits.max_field_chars:,} are taken; "
            "shorten it."
        )
