"""The library: one folder a video, with names a person can read."""

import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import SetupError
from mindreel.store.disk_space import freed_by_removing, newest_change_s

_LEFT = re.compile(r"\.(?P<name>[A-Za-z0-9_-]+)\.[0-9a-f]{8}(\.old)?")
_OLD = ".old"
_ATTEMPTS = 5
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
_WRITING_S = 3600.0
"""A folder in which nothing changed for so long is written no more."""


class LibraryFolders:
    """Folders under `root`; a folder is replaced whole, never seen half-written."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def replace(self, name: str, files: Mapping[str, Path | bytes]) -> Path:
        """Write `files` (relative path to content) as folder `name`, in place of what was there.

        Files on the same file system are linked, not copied. Raises `OSError`, e.g. when the disk is full;
        then the earlier folder stands as it was. Raises `SetupError` for a path that leads elsewhere.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        self.sweep(name)
        with self.writing(name) as new:
            for relative, content in files.items():
                put(inside(new, relative), content)
        return self._root / name

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """An empty folder that takes the place of `name` at the end, unless something is raised.

        Touch it every now and then where nothing comes into it for long; else it is taken for a dead one.
        """
        final = inside(self._root, name)
        new = final.with_name(f".{final.name}.{uuid.uuid4().hex[:8]}")
        try:
            new.mkdir(parents=True)
            yield new
            self._swap(new, final)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _swap(self, new: Path, final: Path) -> None:
        """Tries again when another process puts the same folder there in between."""
        old = new.with_name(f"{new.name}{_OLD}")
        for attempt in range(_ATTEMPTS):
            with suppress(FileNotFoundError):
                final.rename(old)
            try:
                new.rename(final)
                break
            except OSError as error:
                if attempt == _ATTEMPTS - 1 or error.errno not in _TAKEN:
                    raise  # `sweep` brings back what was there
                shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)

    def leftovers(self, *, before_s: float) -> list[str]:
        """Names of which a killed attempt left something that did not change since (seconds since 1970)."""
        names: dict[str, None] = {}
        for path in sorted(self._root.iterdir()) if self._root.is_dir() else ():
            match = _LEFT.fullmatch(path.name)
            if match and (newest_change_s(path) or before_s) < before_s:
                names[match["name"]] = None
        return list(names)

    def sweep(self, name: str) -> Cleaned:
        """Remove what killed attempts left: that in which nothing changed for an hour.

        An attempt that was killed between taking the folder away and bringing the new one is undone.
        """
        count = freed = 0
        left = sorted(self._root.glob(f".{name}.*"))
        if not (self._root / name).exists():
            for old in [path for path in left if path.name.endswith(_OLD)][:1]:
                old.rename(self._root / name)
                left.remove(old)
        for path in left:
            if (newest_change_s(path) or 0.0) > time.time() - _WRITING_S:
                continue  # somebody may be writing it
            size = freed_by_removing(path)
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                count, freed = count + 1, freed + size
        return Cleaned(count, freed)


def inside(folder: Path, relative: str) -> Path:
    """That path in the folder. Raises `SetupError` for one that may lead out of it, on whatever system."""
    parts = relative.split("/")
    if "\\" in relative or not {"", ".", ".."}.isdisjoint(parts):
        raise SetupError(
            f"{relative!a} is no path inside a folder of the library, so nothing was written; run the video "
            "again."
        )
    return folder.joinpath(*parts)


def put(target: Path, content: Path | bytes) -> None:
    """Make the file `target`: a link to the file `content` where that is possible, a copy where it is not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        target.write_bytes(content)
        return
    try:
        os.link(content, target)
    except OSError:
        shutil.copyfile(content, target)
