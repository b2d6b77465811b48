"""Where files stand that are not whole yet, on the same file system as their place."""

import os
import shutil
import socket
import time
import uuid
from pathlib import Path

from mindreel.contracts.cleanup import Cleaned
from mindreel.store.disk_space import freed_by_removing

_STALE_S = 3600.0


class Incoming:
    """A folder of half-written files; each name says which process on which machine writes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._host = socket.gethostname().replace("~", "")

    def new_path(self) -> Path:
        """A path nobody else uses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{uuid.uuid4().hex}~{os.getpid()}~{self._host}"

    def sweep(self) -> Cleaned:
        """Remove what crashed processes left: their writer is gone, or nothing was written for an hour."""
        count = freed = 0
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if not self._abandoned(path):
                continue
            size = freed_by_removing(path)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)  # another process may be sweeping too
            else:
                path.unlink(missing_ok=True)
            if not path.exists():
                count, freed = count + 1, freed + size
        return Cleaned(count, freed)

    def _abandoned(self, path: Path) -> bool:
        try:
            age_s = time.time() - path.lstat().st_mtime
        except FileNotFoundError:
            return False
        _, _, owner = path.name.partition("~")
        pid, _, host = owner.partition("~")
        here = host == self._host and pid.isdecimal()
        return age_s > _STALE_S or (here and not _alive(int(pid)))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # it lives and belongs to somebody else
    return True
