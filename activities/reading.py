"""Artifacts back to the values they hold."""

from typing import TypeVar

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.codec import from_json
from mindreel.errors import SetupError
from mindreel.store.protocols import ArtifactStore

T = TypeVar("T")


def read(store: ArtifactStore, ref: ArtifactRef, kind: type[T]) -> T:
    """The value in `ref`. Raises `SetupError` when the artifact is gone from the store."""
    data = store.read_bytes(ref.key)
    if data is None:
        raise SetupError(f"The artifact {ref.key} is gone from the store; run the video again with --force.")
    return from_json(kind, data)
