"""How artifacts come from Storage: as streams, resumed where an attempt ended, checked at the end."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from mindreel.contracts.artifacts import ArtifactRef
from mindreel.errors import SetupError, StoreError
from mindreel.store.protocols import Tick
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.objects import is_missing, object_url, refused
from mindreel.store.supabase.part_file import PartFile
from mindreel.store.supabase.places import object_name
from mindreel.store.supabase.project import Project

_AS_IT_LIES = {"accept-encoding": "identity"}
"""Ranges and sizes are of the content itself, not of what a network in front makes of it."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_STANDSTILLS = 3
"""So many answers may bring a download no further in one attempt."""
_TIMES = 2
"""What comes damaged so often, all of it fetched anew each time, is damaged where it lies."""


class DamagedError(SetupError):
    """What lies in Storage is not what was stored."""


def read_whole(project: Project, bucket: str, name: str) -> bytes | None:
    """The content of a small object; None where Storage says that there is none."""
    what = f"the object {name}"
    with our_errors(what):
        response = project.http.get(object_url(project, bucket, name), headers=project.headers | _AS_IT_LIES)
        if response.is_success:
            return response.content
        if is_missing(response):
            return None
        raise refused(what, response)


def sha256_there(project: Project, bucket: str, name: str, tick: Tick) -> str:
    """Of what lies in Storage, read back; `tick` is told how far that is."""
    what, digest, done = f"the object {name}", hashlib.sha256(), 0
    headers = project.headers | _AS_IT_LIES
    with (
        our_errors(what),
        project.http.stream("GET", object_url(project, bucket, name), headers=headers) as got,
    ):
        if not got.is_success:
            raise refused(what, got)
        for block in got.iter_raw():
            digest.update(block)
            done += len(block)
            tick(done)
    return digest.hexdigest()


def download(project: Project, bucket: str, ref: ArtifactRef, part: Path, tick: Tick) -> None:
    """Bring the artifact to `part`, going on with what is in it; a note of its etag lies beside it meanwhile.

    As long as it gets on: what breaks off without any progress is left to the next attempt. Raises
    `SetupError` where the artifact is gone, `DamagedError` where it lies damaged in Storage, `OSError` where
    the disk refuses.
    """
    with our_errors(f"the artifact {ref.key}"), closing(PartFile(part, tick)) as file:
        damaged = 0
        while damaged < _TIMES:
            is_resumed = file.size > 0
            _fill(project, bucket, ref, file, tick)
            if (file.size, file.sha256) == (ref.size_bytes, ref.sha256):
                file.finish()
                return
            damaged += not is_resumed
            file.begin("")
        file.remove()
        raise DamagedError(f"The artifact {ref.key} lies damaged in Supabase; run the video again.")


def _fill(project: Project, bucket: str, ref: ArtifactRef, file: PartFile, tick: Tick) -> None:
    """Until it is as long as it should be, or longer."""
    reached, standstills = file.size, 0
    while file.size < ref.size_bytes:
        before = file.size
        try:
            with _asked(project, bucket, ref, file) as response:
                if _is_next(response, ref, file):
                    _receive(response, ref, file, tick)
                else:
                    file.begin("")
        except httpx.TransportError:
            if file.size <= before:
                raise
        standstills = 0 if file.size > reached else standstills + 1
        if standstills > _STANDSTILLS:
            raise StoreError(f"Supabase gives no more of {ref.key} than {reached} bytes.")
        reached = max(reached, file.size)


@contextmanager
def _asked(project: Project, bucket: str, ref: ArtifactRef, file: PartFile) -> Iterator[httpx.Response]:
    headers = project.headers | _AS_IT_LIES
    if file.size:
        headers["range"] = f"bytes={file.size}-"
        if file.etag and not file.etag.startswith("W/"):  # a weak one is no condition (RFC 9110, 13.1.5)
            headers["if-range"] = file.etag
    url = object_url(project, bucket, object_name(ref.key, ref.sha256))
    with project.http.stream("GET", url, headers=headers) as response:
        yield response


def _is_next(response: httpx.Response, ref: ArtifactRef, file: PartFile) -> bool:
    """Whether what comes fits behind what is there; False where it is to be begun again."""
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        match = _RANGE.fullmatch(response.headers.get("content-range", ""))
        return match is not None and int(match[1]) == file.size and match[2] in ("*", str(ref.size_bytes))
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and file.size:
        return False
    if response.is_success:  # all of it: the server knows no ranges, or what it has is another than before
        file.begin(response.headers.get("etag", ""))
        return True
    if is_missing(response):
        raise SetupError(f"The artifact {ref.key} is gone from Supabase; run the video again.")
    raise refused(f"the artifact {ref.key}", response)


def _receive(response: httpx.Response, ref: ArtifactRef, file: PartFile, tick: Tick) -> None:
    for block in response.iter_raw():  # as it comes: what were gathered first would be lost with the line
        file.write(block)
        if file.size > ref.size_bytes:
            break  # more than there should be is damaged too
        tick(file.size)
