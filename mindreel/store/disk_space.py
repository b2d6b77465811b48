"""What leaves the disk when something is removed, and when it last changed."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path


def freed_by_removing(path: Path) -> int:
    """Bytes of the file at `path`, or of all files in that folder, that have no other name elsewhere.

    Files of the library are links to artifacts: while one name of a file is left, its bytes stay.
    """
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    names: Counter[tuple[int, int]] = Counter()
    for each in (path, *_files_below(path)):
        status = _status(each)
        if status is None or not stat.S_ISREG(status.st_mode):
            continue
        file = (status.st_dev, status.st_ino)
        sizes[file] = (status.st_size, status.st_nlink)
        names[file] += 1
    return sum(size for file, (size, links) in sizes.items() if names[file] >= links)


def newest_change_s(path: Path) -> float | None:
    """When the file at `path` was written, or a name in that folder last came or went; None for nothing."""
    folders = [Path(folder) for folder, _, _ in os.walk(path)]
    found = [_status(each) for each in folders or [path]]
    return max((status.st_mtime for status in found if status is not None), default=None)


def _files_below(folder: Path) -> Iterator[Path]:
    return (Path(inside, name) for inside, _, names in os.walk(folder) for name in names)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None  # others may be removing the same
