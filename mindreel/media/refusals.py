"""Sentences for files that are no media: what they seem to be instead."""

import codecs
from pathlib import Path

from mindreel.media.boxes import Box

HEAD_BYTES = 512
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")


def cut_off(name: str) -> str:
    """A file whose end is missing."""
    return f"{name} is cut off: its end is missing; fetch it again, the download seems incomplete."


def why_not_media(path: Path, name: str, boxes: list[Box], *, opened: bool = False) -> str:
    """One sentence on why `path`, which a person knows as `name`, cannot be used.

    `opened` when its container could be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return f"{name} is empty (0 bytes); fetch or export it again."
    kinds = {box.kind for box in boxes}
    if "ftyp" in kinds and "moov" not in kinds:
        return f"{name} is cut off: its index (moov) is missing; fetch it again."
    likeness = _looks_like(head)
    if likeness:
        return f"{name} is {likeness}, not a video or audio file."
    if opened:
        return f"{name} holds no picture or sound that can be decoded: it is damaged or encrypted."
    return f"{name} is not a video or audio file, or it is damaged."


def _looks_like(head: bytes) -> str | None:
    if head.startswith(PICTURES):
        return "a picture"
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return None
    start = text.lstrip().lower()
    if start.startswith(("#extm3u", "<?xml version", "ffconcat", "<mpd", "[playlist]")):
        return "a playlist"
    if start.startswith(("<!doctype html", "<html")):
        return "a web page"
    printable = all(character.isprintable() or character in "\r\n\t\f" for character in text)
    return "a text file" if printable else None
