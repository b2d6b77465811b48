"""Frozen dataclasses to JSON files and back; payloads use Temporal's own converter instead."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type, a tuple of types or a union
    return TypeAdapter(kind)


def to_json(value: object, *, indent: int | None = 2) -> bytes:
    """UTF-8 JSON of a contract value."""
    return _adapter(type(value)).dump_json(value, indent=indent)


def from_json(kind: type[T], data: bytes) -> T:
    """The value of `kind` that `data` holds; raises `pydantic.ValidationError` where it does not fit."""
    value: T = _adapter(kind).validate_json(data)
    return value
