"""Keys of artifacts: what a result depends on decides where it lies, so finished work is found again."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass

from mindreel.contracts.artifacts import ArtifactRef


def fingerprint(step: str, version: int, inputs: tuple[object, ...]) -> str:
    """16 hex digits: same step, same code version, same inputs, same fingerprint on every machine."""
    text = json.dumps([step, version, *inputs], default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def references(value: object) -> Iterator[ArtifactRef]:
    """Every artifact that a result names."""
    if isinstance(value, ArtifactRef):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from references(getattr(value, each.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from references(item)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a key")
