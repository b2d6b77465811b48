import hashlib
import json
import os
import time
from pathlib import Path

from mindreel.contracts.cleanup import Cleaned
from mindreel.store.supabase.parcels import Parcel

_KEPT_S = 24 * 3600.0
"""Storage forgets an upload that was not finished after so long."""


class UploadNotes:
    """Which uploads are under way, in a folder: another process of this machine goes on with them.

    One an object, whose name tells its content. A note says the upload's id only, no address and no key of
    the project.
    """

    def __init__(self, folder: Path, project_url: str) -> None:
        self._folder = folder
        self._project_url = project_url

    def find(self, parcel: Parcel) -> str | None:
        """The id of the upload that was begun; None where none was, or long ago."""
        path = self._path(parcel)
        try:
            if time.time() - path.stat().st_mtime > _KEPT_S:
                return None
            return str(json.loads(path.read_text())["id"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # a crash of the machine may leave an empty one: the upload begins anew

    def remember(self, parcel: Parcel, upload_id: str) -> None:
        """Raises `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(parcel)
        temporary = path.with_suffix(f".{os.getpid()}-{time.monotonic_ns()}")
        temporary.write_text(json.dumps({"id": upload_id, "name": parcel.name}))
        temporary.replace(path)

    def forget(self, parcel: Parcel) -> None:
        """It ended, or another takes its place."""
        self._path(parcel).unlink(missing_ok=True)

    def sweep(self) -> Cleaned:
        """Remove those of uploads that can no longer be resumed."""
        count = freed = 0
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if time.time() - status.st_mtime > _KEPT_S:
                path.unlink(missing_ok=True)
                count, freed = count + 1, freed + status.st_size
        return Cleaned(count, freed)

    def _path(self, parcel: Parcel) -> Path:
        address = f"{self._project_url}\n{parcel.bucket}\n{parcel.name}"
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()}.json"
