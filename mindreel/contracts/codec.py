"""Frozen dataclasses to JSON files and back; payloads use Temporal's own converter instead."""

from typing import TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(value: object, *, indent: int | None = 2) -> bytes:
    """UTF-8 JSON of a contract value."""
    return TypeAdapter(type(value)).dump_json(value, indent=indent)


def from_json(kind: type[T], data: bytes) -> T:
    """The value of `kind` that `data` holds; raises `pydantic.ValidationError` where it does not fit."""
    return TypeAdapter(kind).validate_json(data)
