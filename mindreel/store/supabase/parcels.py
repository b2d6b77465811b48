import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mindreel.store.protocols import Tick
from mindreel.store.supabase.places import object_name

BLOCK = 256 * 1024
"""Between two signs of life: a slow line takes some seconds for it."""
_HASH_BLOCK = 8 * 1024**2


@dataclass(frozen=True)
class Parcel:
    """Content on its way up."""

    bucket: str
    key: str
    media_type: str
    size_bytes: int
    sha256: str
    md5: str
    """What Storage calls the object's etag, where it came in one piece."""
    blocks: Callable[[int, int], Iterator[bytes]]
    """The content from one offset up to another."""

    @property
    def name(self) -> str:
        """Of the object."""
        return object_name(self.key, self.sha256)

    @property
    def text(self) -> str:
        """For sentences."""
        return f"the upload of {self.key}"


def parcel_of_file(path: Path, bucket: str, key: str, media_type: str, tick: Tick) -> Parcel:
    """Reads it once for its sums; ticks 0 meanwhile, for nothing is sent yet. Raises `OSError`."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            sha256.update(block)
            md5.update(block)
            size += len(block)
            tick(0)

    def blocks(start: int, end: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            for at in range(start, end, BLOCK):
                yield file.read(min(BLOCK, end - at))

    return Parcel(bucket, key, media_type, size, sha256.hexdigest(), md5.hexdigest(), blocks)


def parcel_of_bytes(data: bytes, bucket: str, key: str, media_type: str) -> Parcel:
    """For what is small."""
    sha256 = hashlib.sha256(data).hexdigest()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()

    def blocks(start: int, end: int) -> Iterator[bytes]:
        for at in range(start, end, BLOCK):
            yield data[at : min(at + BLOCK, end)]

    return Parcel(bucket, key, media_type, len(data), sha256, md5, blocks)
