import hashlib
from collections.abc import Iterator
from pathlib import Path

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import SetupError, StoreError
from mindreel.store import artifact_keys
from mindreel.store.file_cache import FileCache
from mindreel.store.protocols import Difference, Tick, no_tick
from mindreel.store.storing import storing
from mindreel.store.supabase.artifact_differences import ArtifactDifferences
from mindreel.store.supabase.artifact_rows import ArtifactRows
from mindreel.store.supabase.buckets import KnownBuckets
from mindreel.store.supabase.downloads import DamagedError, download, read_whole
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.parcels import Parcel, parcel_of_bytes, parcel_of_file
from mindreel.store.supabase.places import artifact_buckets, object_name, place_of
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.removal import remove_below
from mindreel.store.supabase.uploads import Uploads

_TIMES = 3
"""What arrives damaged is sent again until it was sent so often, and what comes damaged is read again."""


class SupabaseArtifactStore:
    """Artifacts in a project's buckets, their rows in its table `artifacts`, copies on this machine.

    An object is named after its key and its content, so none is ever written over by another one: storing
    again lays another object beside it and lets the row tell of that. What was there before stays as long as
    the library shows it, and a day.

    A row is written after its file and removed after it; without a row an artifact is not there. What is
    deleted stays in the caches of machines until it is the least recently used. Safe to use from several
    threads, processes and machines. See `mindreel.store.protocols.ArtifactStore`; every method raises
    `InputError` for a key that is none, `StoreError` where the project is out of reach, `SetupError` where it
    refuses.
    """

    def __init__(self, project: Project, cache: FileCache, uploads: Path) -> None:
        """`uploads` is a folder that remembers interrupted uploads of this machine."""
        self._project = project
        self._cache = cache
        self._uploads = Uploads(project, uploads)
        self._known = KnownBuckets(project)
        self._buckets = artifact_buckets(project.access.buckets)
        self._rows = ArtifactRows(project)
        self._differences = ArtifactDifferences(project, self._buckets)

    def put_file(self, key: str, path: Path, media_type: str, *, tick: Tick = no_tick) -> ArtifactRef:
        """Send the file at `path`, then move it into this machine's copies; a link to a file is copied.

        Raises `LimitExceededError` before anything is sent where the bucket takes no file of that size.
        """
        bucket = self._bucket(key)
        with storing(key, path.parent):
            parcel = parcel_of_file(path, bucket, key, media_type, tick)
            ref = self._put(parcel, tick)
        self._cache.take(ref.sha256, path)
        return ref

    def put_bytes(self, key: str, data: bytes, media_type: str) -> ArtifactRef:
        """Send `data`."""
        return self._put(parcel_of_bytes(data, self._bucket(key), key, media_type), no_tick)

    def read_bytes(self, key: str) -> bytes | None:
        """The content that is recorded, or None where none is; also where it lies damaged: its row goes."""
        bucket = self._bucket(key)
        sha256 = self._rows.sha256(key, bucket)
        if sha256 is None:
            return None
        for _ in range(_TIMES):
            data = read_whole(self._project, bucket, object_name(key, sha256))
            if data is None or hashlib.sha256(data).hexdigest() == sha256:
                return data
        self._rows.withdraw(key, bucket, sha256)
        return None

    def exists(self, ref: ArtifactRef) -> bool:
        """True when that content is recorded and a file of that size is there."""
        return self._rows.exists(ref, self._bucket(ref.key))

    def local_path(self, ref: ArtifactRef, *, folder: Path, tick: Tick = no_tick) -> Path:
        """A link in `folder` to this machine's copy, which is fetched where there is none."""
        if not self.exists(ref):
            raise SetupError(f"The artifact {ref.key} is gone from Supabase; run the video again.")
        return self.stored_path(ref, folder=folder, tick=tick)

    def stored_path(self, ref: ArtifactRef, *, folder: Path, tick: Tick = no_tick) -> Path:
        """As `local_path`, also where another content took the key since; for what the library shows.

        Where it lies damaged its row goes, so that the next run makes it again.
        """
        bucket = self._bucket(ref.key)
        target = folder / object_name(ref.key, ref.sha256).rpartition("/")[2]

        def fetch(part: Path) -> None:
            try:
                download(self._project, bucket, ref, part, tick)
            except DamagedError:
                self._rows.withdraw(ref.key, bucket, ref.sha256)
                raise

        self._cache.bring(ref.sha256, ref.size_bytes, target, fetch, tick=tick)
        return target

    def delete_prefix(self, prefix: str) -> Cleaned:
        """Remove the files, then their rows: a crash between leaves rows that the next deletion removes.

        What the library shows of a video stays, for it has no files of its own.
        """
        checked = artifact_keys.checked(prefix.removesuffix("/"))
        return remove_below(self._project, checked, self._buckets)

    def prefixes(self) -> Iterator[str]:
        """Of what is recorded, and of files of ours that are not."""
        return iter(self._project.call("artifact_prefixes", buckets=self._buckets))

    def changed_s(self, prefix: str) -> float | None:
        """By the project's clock."""
        checked = artifact_keys.checked(prefix.removesuffix("/"))
        found: float | None = self._project.call("artifact_changed", prefix=checked, buckets=self._buckets)
        return found

    def sweep(self) -> Cleaned:
        """Remove what is of no use after a day: of interrupted transfers on this machine, and in the project.

        There that is what no row names and nothing shows, and rows whose file is gone. Raises `SetupError`.
        """
        swept = [self._cache.sweep(), self._uploads.sweep(), self._differences.sweep()]
        return Cleaned(sum(each.count for each in swept), sum(each.freed_bytes for each in swept))

    def differences(self) -> Iterator[Difference]:
        """What a crash or a person left; files and rows of the last day may still be made whole."""
        return self._differences.find()

    def mend(self, difference: Difference) -> Cleaned:
        """Remove what is of no use; the next run makes it again."""
        return self._differences.mend(difference)

    def signed_url(self, ref: ArtifactRef, *, expires_s: int = 3600) -> str:
        """An address that anybody may read it at for so long; a lasting one where its bucket is public."""
        bucket, name = self._bucket(ref.key), object_name(ref.key, ref.sha256)
        with our_errors(f"an address for {ref.key}"):
            if self._known.is_public(bucket):
                return str(self._project.bucket(bucket).get_public_url(name)).removesuffix("?")
            return str(self._project.bucket(bucket).create_signed_url(name, expires_s)["signedURL"])

    def _bucket(self, key: str) -> str:
        return place_of(artifact_keys.checked(key), self._project.access.buckets).bucket

    def _put(self, parcel: Parcel, tick: Tick) -> ArtifactRef:
        self._known.check(parcel.bucket, parcel.key, parcel.size_bytes)
        for _ in range(_TIMES):
            self._uploads.send(parcel, tick)
            problem = self._rows.record(parcel, tick)
            if not problem:
                return ArtifactRef(parcel.key, parcel.sha256, parcel.size_bytes, parcel.media_type)
        raise StoreError(problem)
