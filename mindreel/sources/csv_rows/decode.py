"""Bytes as people's programs write them, as text."""

import codecs
from dataclasses import dataclass

from mindreel.sources.csv_rows.records import NO_DELIMITER

_MARKS = (  # UTF-32 before UTF-16, whose little-endian mark it begins with
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_WIDE_HTTP = b"h\0t\0t\0p\0"
_UNREADABLE = "\ufffd"
_DROPPED = ("\0", NO_DELIMITER)
"""NUL bytes come from writers that crashed."""


@dataclass(frozen=True)
class Decoded:
    """The text of a file."""

    text: str
    """Without byte order mark and NUL bytes; line ends as they were; U+FFFD where bytes make no sense."""
    encoding: str
    """For people: UTF-8, UTF-16, UTF-32 or Windows-1252."""
    remarks: tuple[str, ...]


def decode(data: bytes) -> Decoded:
    """By byte order mark, else by what the bytes allow; Windows-1252, which allows everything, last."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :].decode(codec, "replace"), name)
    if wide := _unmarked_utf16(data):
        return _decoded(data.decode(wide, "replace"), "UTF-16")
    text = data.decode("utf-8", "replace")
    if _is_utf8(text):
        return _decoded(text, "UTF-8")
    return _decoded(data.decode("cp1252", "replace"), "Windows-1252")


def _unmarked_utf16(data: bytes) -> str | None:
    """A file of URLs says `http`, and where its first byte stands tells the order."""
    place = data.lower().find(_WIDE_HTTP[:-1])
    if place < 0:
        return None
    return "utf-16-be" if place % 2 else "utf-16-le"


def _is_utf8(text: str) -> bool:
    """Also a damaged one: in text of another encoding, bytes rarely make characters of UTF-8 by chance."""
    unreadable = text.count(_UNREADABLE)
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return unreadable <= beyond_ascii - unreadable


def _decoded(text: str, name: str) -> Decoded:
    unreadable = text.count(_UNREADABLE)
    several = "One character" if unreadable == 1 else f"{unreadable:,} characters"
    remarks = (f"{several} could not be read as {name}.",) if unreadable else ()
    for character in _DROPPED:
        text = text.replace(character, "")
    return Decoded(text, name, remarks)
