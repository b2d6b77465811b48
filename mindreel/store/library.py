"""The library: one folder a video, with names a person can read."""

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path


class Library:
    """Folders under `root`; a folder is replaced whole, never seen half-written."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def replace(self, name: str, files: Mapping[str, Path | bytes]) -> Path:
        """Write `files` (relative path to content) as folder `name`, in place of what was there.

        Files on the same file system are linked, not copied. Raises `OSError`, e.g. when the disk is full;
        then the earlier folder stands as it was.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        self._sweep(name)
        new = self._root / f".{name}.{uuid.uuid4().hex[:8]}"
        try:
            for relative, content in files.items():
                _write(new / relative, content)
            return self._swap(new, self._root / name)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _swap(self, new: Path, final: Path) -> Path:
        old = new.with_name(f"{new.name}.old")
        if final.exists():
            final.rename(old)
        new.rename(final)
        shutil.rmtree(old, ignore_errors=True)
        return final

    def _sweep(self, name: str) -> None:
        """Remove what a killed attempt left: one workflow a video runs at a time, so nobody is writing it."""
        for left in self._root.glob(f".{name}.*"):
            shutil.rmtree(left, ignore_errors=True)


def _write(target: Path, content: Path | bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        target.write_bytes(content)
        return
    try:
        os.link(content, target)
    except OSError:
        shutil.copyfile(content, target)
