import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import SetupError
from mindreel.store import artifact_keys
from mindreel.store.disk_space import freed_by_removing, newest_change_s
from mindreel.store.incoming import Incoming
from mindreel.store.protocols import Difference, Tick, no_tick
from mindreel.store.storing import storing

_ATTEMPTS = 5
_BLOCK = 8 * 1024**2


class LocalArtifactStore:
    """Artifacts as files below `root`, their keys as relative paths.

    A file is made whole beside its place (written, flushed to disk) and renamed into it, so readers and
    crashes see the old content or the new. Safe to use from several threads and processes. See
    `mindreel.store.protocols.ArtifactStore`; every method raises `InputError` for a key that is none.
    """

    def __init__(self, root: Path) -> None:
        """Open or begin a store; removes what crashed writers left. Raises `SetupError`."""
        self._root = root.resolve()
        self._incoming = Incoming(self._root / ".incoming")
        with storing("the store's folder", self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            self._incoming.sweep()

    def put_file(self, key: str, path: Path, media_type: str, *, tick: Tick = no_tick) -> ArtifactRef:
        """Move the file at `path` in; copied where it stands elsewhere, is a link or an artifact itself.

        Raises `SetupError` when the disk is full or the file cannot be read or written.
        """
        target = self._target(key)
        with storing(key, self._root):
            with path.open("rb") as file:
                digest = _sha256(file, tick)
                size = os.fstat(file.fileno()).st_size
                os.fsync(file.fileno())
            if path.is_symlink() or path.resolve().is_relative_to(self._root):
                self._copy(path, target)
            else:
                self._move(path, target)
        return ArtifactRef(key, digest, size, media_type)

    def put_bytes(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
        """Store `data`. Raises `SetupError` when the disk is full."""
        target = self._target(key)
        with storing(key, self._root), self._temporary() as temporary:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._rename(temporary, target)
        return ArtifactRef(key, hashlib.sha256(data).hexdigest(), len(data), media_type)

    def read_bytes(self, key: str) -> bytes | None:
        """The content, or None. Raises `SetupError` where it is there and cannot be read."""
        target = self._target(key)
        try:
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise SetupError(f"The artifact {key} cannot be read from {target}: {error.strerror}.") from error

    def exists(self, ref: ArtifactRef) -> bool:
        """True when a file of that size stands under the key."""
        target = self._target(ref.key)
        try:
            return target.is_file() and target.stat().st_size == ref.size_bytes
        except FileNotFoundError:
            return False  # removed between the two looks

    def local_path(self, ref: ArtifactRef, *, folder: Path, tick: Tick = no_tick) -> Path:  # noqa: ARG002 - the file itself is here: nothing to bring, nowhere to put it
        """The file itself: read it, never write to it."""
        if not self.exists(ref):
            raise SetupError(f"The artifact {ref.key} is gone from {self._root}; run the video again.")
        return self._target(ref.key)

    def delete_prefix(self, prefix: str) -> Cleaned:
        """Remove the key `prefix` and every key in the folder of that name, at once for readers.

        The bytes freed leave out files that are linked from elsewhere, e.g. from the library.
        """
        target = self._target(prefix.removesuffix("/"))
        with storing(prefix, self._root):
            freed = freed_by_removing(target)
            removed = self._incoming.new_path()
            try:
                target.rename(removed)
            except (FileNotFoundError, NotADirectoryError):
                return Cleaned()
            with suppress(FileNotFoundError):  # another process may be sweeping the same
                _remove(removed)
        return Cleaned(1, freed)

    def prefixes(self) -> Iterator[str]:
        """The names in the store's folder that are keys; others' files are left alone."""
        with storing("the store's folder", self._root):
            names = sorted(path.name for path in self._root.iterdir())
        return (name for name in names if artifact_keys.is_key(name))

    def changed_s(self, prefix: str) -> float | None:
        """A key is written by a rename, so its folder tells."""
        return newest_change_s(self._target(prefix))

    def sweep(self) -> Cleaned:
        """Remove what crashed writers left. Raises `SetupError`."""
        with storing("the store's folder", self._root):
            return self._incoming.sweep()

    def differences(self) -> Iterator[Difference]:
        """None: the files are all there is."""
        return iter(())

    def mend(self, difference: Difference) -> Cleaned:  # noqa: ARG002 - there are none
        """Nothing to do."""
        return Cleaned()

    def _target(self, key: str) -> Path:
        return self._root / artifact_keys.checked(key)

    def _move(self, path: Path, target: Path) -> None:
        try:
            self._rename(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(path, target)
            path.unlink()

    def _copy(self, path: Path, target: Path) -> None:
        with self._temporary() as temporary:
            shutil.copyfile(path, temporary)
            _flush(temporary)
            self._rename(temporary, target)

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        path = self._incoming.new_path()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _rename(self, path: Path, target: Path) -> None:
        """Into place; tries again when somebody removes the folder in between."""
        for attempt in range(_ATTEMPTS):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
                break
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1 or not path.exists():
                    raise
        for folder in (target.parent, *target.parent.parents):
            _flush(folder)
            if folder == self._root:
                break


def _sha256(file: BinaryIO, tick: Tick) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        tick(file.tell())
    return digest.hexdigest()


def _flush(path: Path) -> None:
    """Make the content of a file, or the names in a folder, survive a power cut."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # a folder that somebody removed meanwhile, with all that is in it
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
