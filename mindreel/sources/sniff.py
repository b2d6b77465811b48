"""A glance at the first bytes: text is never a video, whatever its name says."""

from pathlib import Path

from mindreel.errors import NotAVideoError

_GLANCE_BYTES = 1024
_PLAYLISTS = (b"#extm3u", b"[playlist]", b"ffconcat", b"<smil", b"<mpd", b"<?xml", b"[reference]")
_PAGES = (b"<!doctype", b"<html", b"<head", b"<body", b"<script")
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def check_not_text(path: Path, name: str) -> None:
    """Raise `NotAVideoError` where the file is empty, a page, a playlist or other text.

    `name` is what the person knows the file by. Whether it plays is found out when it is probed.
    """
    with path.open("rb") as file:
        start = file.read(_GLANCE_BYTES)
    if not start:
        raise NotAVideoError(f"{name} is empty; give a video with content.")
    what = _text_kind(start)
    if what:
        raise NotAVideoError(f"{name} holds no video but {what}; give the video itself.")


def _text_kind(start: bytes) -> str | None:
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(_PAGES):
        return "a web page"
    if head.startswith(_PLAYLISTS):
        return "a playlist that points to other files"
    return "text" if _is_text(start) else None


def _is_text(start: bytes) -> bool:
    """UTF-8 without control characters; a character may be cut at the end of the glance."""
    if any(byte in _CONTROL for byte in start):
        return False
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.end == len(start)
    return True
