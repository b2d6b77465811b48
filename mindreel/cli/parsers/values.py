"""Types of arguments; each raises a sentence that names what was typed."""

import argparse
import os
import re
from datetime import datetime
from pathlib import Path

from mindreel.contracts.languages import LANGUAGE_CODES

_MOST = 1_000_000
_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([a-z]*)")


def count(text: str) -> int:
    """A whole number from 0."""
    return _whole(text, least=0)


def positive(text: str) -> int:
    """A whole number from 1."""
    return _whole(text, least=1)


def _whole(text: str, *, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
    return int(text)


def minutes(text: str) -> float:
    """A number of minutes."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return found


def span(text: str) -> float:
    """`10s`, `5m`, `1h` or `2d`, in seconds; a bare number is seconds."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None or match[2] not in _UNITS_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span of time such as 10s, 5m, 1h or 2d")
    return float(match[1]) * _UNITS_S[match[2]]


def interval(text: str) -> float | None:
    """A span from one second to a year; None for `default`."""
    if text.strip().lower() == "default":
        return None
    found = span(text)
    if not 1 <= found <= 366 * _UNITS_S["d"]:
        raise argparse.ArgumentTypeError(f"{text!r} is not between one second and a year")
    return found


def moment(text: str) -> datetime:
    """ISO 8601; local time where it names no zone."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time such as 2026-05-01T08:00 or 2026-05-01T08:00+02:00"
        ) from error


def language(text: str) -> str:
    """An ISO 639-1 code that Whisper knows."""
    code = text.strip().lower()
    if code not in LANGUAGE_CODES:
        known = ", ".join(sorted(LANGUAGE_CODES))
        raise argparse.ArgumentTypeError(f"{text!r} is not a language code; known are {known}")
    return code


def model(text: str) -> str:
    """Folders as absolute paths: the worker that reads them has another working directory."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    if text == "base":
        return text
    folder = os.path.expanduser(text)  # noqa: PTH111 - pathlib raises where `~nobody` is no user
    return str(Path(folder).resolve()) if Path(folder).is_dir() else text
