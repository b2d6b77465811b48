"""What a cell says, without what copying and exporting left around it."""

import re

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]"
)
_INVISIBLE_IN_TEXT = re.compile("[\u200b\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
"""Without the joiners and directions that emoji, Persian and Hebrew are written with."""
_AROUND = (("<", ">"), ('"', '"'), ("'", "'"), ("“", "”"), ("„", "“"), ("«", "»"))
_WEB = re.compile(r"https?://\S", re.IGNORECASE)
_SHOWN = 80


def line_of(cell: str) -> str:
    """As one line: spaces of any kind and line ends become single spaces."""
    if not cell.isascii() or not cell.isprintable():
        cell = _INVISIBLE_IN_TEXT.sub("", cell)
    return " ".join(cell.split())


def address_of(cell: str) -> str:
    """Without spaces, quotation marks and angle brackets around it and invisible characters in it."""
    if not cell.isascii() or not cell.isprintable():
        cell = _INVISIBLE.sub("", cell)
    text = cell.strip()
    for first, last in _AROUND:
        if text.startswith(first) and text.endswith(last) and len(text) > 1:
            text = text[1:-1].strip()
    return text


def is_web(cell: str) -> bool:
    """True when the cell begins as an http(s) address does."""
    return "/" in cell and _WEB.match(address_of(cell)) is not None


def shown(text: str) -> str:
    """In quotes, short, and printable, for a sentence."""
    line = line_of(text.encode("utf-8", "replace").decode())
    return f"'{line}'" if len(line) <= _SHOWN else f"'{line[: _SHOWN - 1]}…'"
