"""What a person may write into an optional field; each raises `InputError` naming field and value."""

import re

from mindreel.contracts.languages import LANGUAGE_CODES
from mindreel.errors import InputError
from mindreel.sources.csv_rows.cells import shown

_YES = frozenset("1 yes y true x ✓ ✔ ja wahr oui vrai sí si".split())  # noqa: SIM905 - a list of words
_NO = frozenset("0 no n false - nein falsch non faux".split())  # noqa: SIM905 - a list of words
_WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0+)?")  # spreadsheets like to write 5.0
_MOST_CLIPS = 100
_PRIORITIES = {"high": 1, "normal": 3, "medium": 3, "low": 5}
_LOWEST = 5
_TENANT_BYTES = 64  # of a fairness key of Temporal
_REGION = re.compile(r"([a-z]{2,3})(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3}))*")  # RFC 5646: en-US, zh-Hant-TW
_MODELS = frozenset(
    """
    tiny tiny.en base base.en small small.en medium medium.en large large-v1 large-v2 large-v3 large-v3-turbo
    turbo distil-small.en distil-medium.en distil-large-v2 distil-large-v3 distil-large-v3.5
    """.split()  # noqa: SIM905 - a list of names
)
"""Whisper's own names: whoever writes a file may not choose folders of the worker, nor what it downloads."""


def clips(field: str, text: str) -> int:
    """A whole number up to 100."""
    return _whole(field, text, 0, _MOST_CLIPS)


def priority(field: str, text: str) -> int:
    """1 comes first, 5 last."""
    word = _PRIORITIES.get(text.casefold())
    return word or _whole(field, text, 1, _LOWEST, "high, normal, low, or ")


def flag(field: str, text: str) -> bool:
    """Yes or no, in the words of a few languages."""
    word = text.casefold()
    if word not in _YES | _NO:
        raise InputError(f"{field} is {shown(text)}; it must be yes or no.")
    return word in _YES


def language(field: str, text: str) -> str | None:
    """A code that Whisper knows; what follows it (`en-US`) makes no difference to it. None for `auto`."""
    if text.casefold() == "auto":
        return None
    match = _REGION.fullmatch(text.casefold())
    if not match or match[1] not in LANGUAGE_CODES:
        raise InputError(
            f"{field} is {shown(text)}; it must be a code such as en, de or zh (ISO 639-1), "
            "or empty to have the language recognised."
        )
    return match[1]


def model(field: str, text: str) -> str:
    """The name of a Whisper model."""
    if text not in _MODELS:
        raise InputError(f"{field} is {shown(text)}; it must be one of {', '.join(sorted(_MODELS))}.")
    return text


def tenant(field: str, text: str) -> str:
    """A short name."""
    if len(text.encode()) > _TENANT_BYTES:
        raise InputError(f"{field} is {shown(text)}; it must be a name of at most {_TENANT_BYTES} bytes.")
    return text


def _whole(field: str, text: str, least: int, most: int, words: str = "") -> int:
    match = _WHOLE.fullmatch(text)
    if not match or not least <= int(match[1]) <= most:
        raise InputError(
            f"{field} is {shown(text)}; it must be {words}a whole number from {least} to {most}."
        )
    return int(match[1])
