"""Which keys artifacts may have, in every store: good as a path on any disk and as a name in Storage."""

import re

from mindreel.errors import InputError

_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"  # no leading dot: neither `..` nor our own `.incoming`
_KEY = re.compile(rf"{_NAME}(/{_NAME})*")
_MAX_KEY = 800
"""Storage takes names of 1024, and a sum and the last part come once more behind ours."""


def is_key(text: str) -> bool:
    """Whether an artifact may be called so."""
    return len(text) <= _MAX_KEY and _KEY.fullmatch(text) is not None


def checked(key: str) -> str:
    """The key itself. Raises `InputError` for what is none."""
    if not is_key(key):
        raise InputError(
            f"{key[:80]!r} is no artifact key: use ASCII letters, digits, '.', '_', '-' and '/', "
            "and begin no part with a dot."
        )
    return key
