from typing import Any

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.store.protocols import Tick
from mindreel.store.supabase.downloads import sha256_there
from mindreel.store.supabase.parcels import Parcel
from mindreel.store.supabase.places import place_of
from mindreel.store.supabase.project import Project


class ArtifactRows:
    """The table `artifacts`: a row says that a file arrived whole."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def record(self, parcel: Parcel, tick: Tick) -> str:
        """Write the row of a file that was sent; empty, or a sentence where what is there is something else.

        Then no row vouches for that content any more. Where the etag is not the plain sum the file is read
        back: what came in chunks has another, and so has what a server encrypts.
        """
        there = self._write(parcel, parcel.md5)
        if there["recorded"]:
            return ""
        if there["size_bytes"] == parcel.size_bytes and self._is_whole(parcel, tick):
            there = self._write(parcel, None)
            if there["recorded"]:
                return ""
        return (
            f"{parcel.key} did not arrive in Supabase as it was sent ({there['size_bytes'] or 0} bytes of "
            f"{parcel.size_bytes}, etag {there['etag'] or 'none'})."
        )

    def exists(self, ref: ArtifactRef, bucket: str) -> bool:
        """Whether that content is recorded there, and a file of its size is there."""
        found = self._project.call(
            "artifact_exists", key=ref.key, bucket=bucket, sha256=ref.sha256, size_bytes=ref.size_bytes
        )
        return bool(found)

    def sha256(self, key: str, bucket: str) -> str | None:
        """Of the content that is recorded; None where none is."""
        found: str | None = self._project.call("artifact_sha256", key=key, bucket=bucket)
        return found

    def withdraw(self, key: str, bucket: str, sha256: str) -> None:
        """What is there is not that content; the row of another one stays."""
        self._project.call("artifact_withdraw", key=key, bucket=bucket, sha256=sha256)

    def _write(self, parcel: Parcel, md5: str | None) -> dict[str, Any]:
        place = place_of(parcel.key, self._project.access.buckets)
        there: dict[str, Any] = self._project.call(
            "artifact_record",
            key=parcel.key,
            bucket=parcel.bucket,
            kind=place.kind,
            sha256=parcel.sha256,
            md5=md5,
            size_bytes=parcel.size_bytes,
            media_type=parcel.media_type,
            produced_by=place.produced_by,
        )
        return there

    def _is_whole(self, parcel: Parcel, tick: Tick) -> bool:
        return sha256_there(self._project, parcel.bucket, parcel.name, tick) == parcel.sha256
