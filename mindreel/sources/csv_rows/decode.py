"""Bytes as people's programs write them, as text."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from mindreel.sources.csv_rows.records import NO_DELIMITER

_WIDE_MARKS = (  # UTF-32 before UTF-16, whose little-endian mark it begins with
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_HTTP = b"h\0t\0t\0p"
_UNREADABLE = "\ufffd"
_READABLE_TO_ONE_NOT = 4
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
    for mark, codec in _WIDE_MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(codec, "replace")
            if 2 * text.count(_UNREADABLE) <= len(text):
                return _decoded(text, codec[:6].upper())
    if wide := _unmarked_utf16(data):
        return _decoded(data.decode(wide, "replace"), "UTF-16")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return _decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError:
        return _by_line(data)


def _unmarked_utf16(data: bytes) -> str | None:
    """A file of URLs says `http`, and where its first byte stands tells the order."""
    place = data.lower().find(_WIDE_HTTP)
    if place < 0:
        return None
    return "utf-16-be" if place % 2 else "utf-16-le"


def _by_line(data: bytes) -> Decoded:
    """Each line for itself: a damaged one, or one that another program added, spoils no other."""
    texts, western, utf8 = [], 0, 0
    for line in data.splitlines(keepends=True):
        text = line.decode("utf-8", "replace")
        if text.isascii():
            pass
        elif _is_utf8(text):
            utf8 += 1
        else:
            western += 1
            text = line.decode("cp1252", "replace")
        texts.append(text)
    if not utf8:
        return _decoded("".join(texts), "Windows-1252")
    several = "One line was" if western == 1 else f"{western:,} lines were"
    return _decoded("".join(texts), "UTF-8", [f"{several} read as Windows-1252."] if western else [])


def _is_utf8(line: str) -> bool:
    """Also a damaged one: in text of another encoding, bytes rarely make characters of UTF-8 by chance."""
    unreadable = line.count(_UNREADABLE)
    readable = len(line) - len(line.encode("ascii", "ignore")) - unreadable
    return _READABLE_TO_ONE_NOT * unreadable <= readable


def _decoded(text: str, name: str, remarks: Sequence[str] = ()) -> Decoded:
    unreadable = text.count(_UNREADABLE)
    several = "One character" if unreadable == 1 else f"{unreadable:,} characters"
    for character in _DROPPED:
        text = text.replace(character, "")
    return Decoded(text, name, (*remarks, *([f"{several} could not be read."] if unreadable else [])))
