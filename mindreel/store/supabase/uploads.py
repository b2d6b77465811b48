"""How content comes into Storage: in one piece up to 6 MiB, above that so that it can be resumed.

A client of TUS 1.0.0 (https://tus.io/protocols/resumable-upload, core and creation) of our own: tuspy sends
whole chunks with `requests`, with no sign of life inside one, and a chunk takes a minute on a slow line.
"""

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import StoreError
from mindreel.store.protocols import Tick
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.objects import object_url, refused, resumable_url
from mindreel.store.supabase.parcels import Parcel
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.upload_notes import UploadNotes

CHUNK = 6 * 1024**2
"""What Storage asks for, exactly, of every chunk but the last."""
_TUS = {"tus-resumable": "1.0.0"}
_BUSY_PAUSE_S = 1.0
_STANDSTILLS = 20
_BEGINNINGS = 3
"""So many answers that bring an upload no further, and so many uploads that Storage forgets: then it is left
to the next attempt."""
_GONE = (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.GONE)


class Uploads:
    """Sends parcels; what is there afterwards is looked at by whoever records it."""

    def __init__(self, project: Project, folder: Path) -> None:
        """`folder` remembers the uploads that are under way."""
        self._project = project
        self._notes = UploadNotes(folder, project.access.url)

    def send(self, parcel: Parcel, tick: Tick) -> None:
        """Put it into Storage; goes on where an earlier call ended.

        Raises `StoreError` where calling again may help, `LimitExceededError` where it is too large.
        """
        with our_errors(parcel.text):
            if parcel.size_bytes <= CHUNK:
                self._send_whole(parcel, tick)
            else:
                self._send_in_chunks(parcel, tick)
            self._notes.forget(parcel)

    def sweep(self) -> Cleaned:
        """Remove what is remembered of uploads that can no longer be resumed."""
        return self._notes.sweep()

    def _send_whole(self, parcel: Parcel, tick: Tick) -> None:
        headers = {
            "content-type": parcel.media_type,
            "content-length": str(parcel.size_bytes),
            "x-upsert": "true",  # the same content, which may have been damaged
        }
        response = self._project.http.post(
            object_url(self._project, parcel.bucket, parcel.name),
            headers=self._project.headers | headers,
            content=_ticking(parcel, 0, parcel.size_bytes, tick),
        )
        if not response.is_success:
            raise refused(parcel.text, response)
        tick(parcel.size_bytes)

    def _send_in_chunks(self, parcel: Parcel, tick: Tick) -> None:
        """As long as it gets on: what breaks off without any progress is left to the next attempt."""
        upload, offset = self._begun(parcel)
        standstills, beginnings = 0, 1
        while offset < parcel.size_bytes:
            tick(offset)
            try:
                reached = self._patch(parcel, upload, offset, tick)
            except httpx.TransportError:
                reached = self._reached(parcel, upload)
                if reached is not None and reached <= offset:
                    raise
            if reached is None:
                self._notes.forget(parcel)
                upload, reached, beginnings = self._create(parcel), 0, beginnings + 1
            standstills = 0 if reached > offset else standstills + 1
            if standstills > _STANDSTILLS or beginnings > _BEGINNINGS:
                raise StoreError(f"Supabase did not get on with {parcel.text}; it is tried again.")
            offset = reached
        tick(offset)

    def _begun(self, parcel: Parcel) -> tuple[str, int]:
        upload = self._notes.find(parcel)
        offset = self._reached(parcel, upload) if upload else None
        if upload is None or offset is None:
            return self._create(parcel), 0
        return upload, offset

    def _create(self, parcel: Parcel) -> str:
        """The id of a new upload."""
        metadata = {
            "bucketName": parcel.bucket,
            "objectName": parcel.name,
            "contentType": parcel.media_type,
        }
        headers = {
            "upload-length": str(parcel.size_bytes),
            "upload-metadata": ",".join(
                f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items()
            ),
            "x-upsert": "true",
        }
        response = self._project.http.post(
            resumable_url(self._project), headers=self._project.headers | _TUS | headers
        )
        if response.status_code != httpx.codes.CREATED:
            raise refused(parcel.text, response)
        # Only the id: a gateway may hide the scheme and the path from Storage, and the key of the service
        # role must not follow an address to another host.
        upload = str(response.headers.get("location", "")).rpartition("/")[2]
        if not upload:
            raise StoreError(f"Supabase began {parcel.text} and did not say where.")
        self._notes.remember(parcel, upload)
        return upload

    def _reached(self, parcel: Parcel, upload: str) -> int | None:
        """How much of it Storage has; None when it knows the upload no more."""
        response = self._project.http.head(self._url(upload), headers=self._project.headers | _TUS)
        if response.status_code in _GONE:
            return None
        if not response.is_success:
            raise refused(parcel.text, response)
        length = response.headers.get("upload-length", str(parcel.size_bytes))
        return _offset(parcel, response) if length == str(parcel.size_bytes) else None

    def _patch(self, parcel: Parcel, upload: str, offset: int, tick: Tick) -> int | None:
        """Send the chunk at `offset`; how much Storage has then, None when it knows the upload no more."""
        end = min(offset + CHUNK, parcel.size_bytes)
        headers = {
            "content-type": "application/offset+octet-stream",
            "content-length": str(end - offset),
            "upload-offset": str(offset),
        }
        response = self._project.http.patch(
            self._url(upload),
            headers=self._project.headers | _TUS | headers,
            content=_ticking(parcel, offset, end, tick),
        )
        match response.status_code:
            case httpx.codes.NO_CONTENT | httpx.codes.OK:
                return _offset(parcel, response)
            case httpx.codes.NOT_FOUND | httpx.codes.GONE:
                return None
            case httpx.codes.CONFLICT:  # it has more or less than we believe
                return self._reached(parcel, upload)
            case httpx.codes.LOCKED:  # a connection of ours that died is not dead for Storage yet
                time.sleep(_BUSY_PAUSE_S)
                return self._reached(parcel, upload)
            case _:
                raise refused(parcel.text, response)

    def _url(self, upload: str) -> str:
        return f"{resumable_url(self._project)}/{upload}"


def _ticking(parcel: Parcel, start: int, end: int, tick: Tick) -> Iterator[bytes]:
    done = start
    for block in parcel.blocks(start, end):
        yield block
        done += len(block)
        tick(done)


def _offset(parcel: Parcel, response: httpx.Response) -> int:
    text = response.headers.get("upload-offset", "")
    if not text.isdecimal() or int(text) > parcel.size_bytes:
        raise StoreError(f"Supabase does not say how far {parcel.text} is.")
    return int(text)
