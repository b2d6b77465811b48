"""Artifacts back to the values they hold."""

from typing import TypeVar

from pydantic import ValidationError

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.codec import from_json
from mindreel.errors import SetupError
from mindreel.store.protocols import ArtifactStore

T = TypeVar("T")


def read(store: ArtifactStore, ref: ArtifactRef, kind: type[T]) -> T:
    """The value in `ref`. Raises `SetupError` when the artifact is gone, or is another version's."""
    data = read_whole(store, ref)
    try:
        return from_json(kind, data)
    except ValidationError as error:
        raise SetupError(
            f"The artifact {ref.key} was written by another version of mindreel; run the video again with "
            "--force."
        ) from error


def read_whole(store: ArtifactStore, ref: ArtifactRef) -> bytes:
    """The content of a small artifact. Raises `SetupError` when it is gone."""
    data = store.read_bytes(ref.key)
    if data is None:
        raise SetupError(f"The artifact {ref.key} is gone from the store; run the video again with --force.")
    return data
