"""Text as Postgres takes it, which knows neither NUL nor lone surrogates, neither in text nor in jsonb."""

import re
from typing import Any

from mindreel.store.sqlite import storable

_SIGN = "\N{SYMBOL FOR NULL}"
_WRITTEN = re.compile(f"{_SIGN}([{_SIGN}0])")


def stored(value: Any) -> Any:  # noqa: ANN401 - any JSON value, of the same shape as the one given
    """`value` with all its text storable: NUL is written as a sign and 0, that sign itself twice.

    Lone surrogates (file names that are no UTF-8) are made visible for good, as by the embedded store.
    """
    match value:
        case str():
            return storable(value).replace(_SIGN, _SIGN * 2).replace("\0", f"{_SIGN}0")
        case dict():
            return {stored(name): stored(each) for name, each in value.items()}
        case list() | tuple():
            return [stored(each) for each in value]
        case _:
            return value


def told(value: Any) -> Any:  # noqa: ANN401 - any JSON value, of the same shape as the one given
    """What `stored` was given."""
    match value:
        case str():
            return _WRITTEN.sub(lambda found: "\0" if found[1] == "0" else _SIGN, value)
        case dict():
            return {told(name): told(each) for name, each in value.items()}
        case list():
            return [told(each) for each in value]
        case _:
            return value
