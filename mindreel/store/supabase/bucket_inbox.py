"""An inbox that is a bucket of Storage."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from storage3.exceptions import StorageApiError

from mindreel.contracts.inbox import InboxEntry
from mindreel.contracts.inbox_names import is_plain, is_temporary
from mindreel.errors import InputError
from mindreel.store.supabase.faults import MissingError, of_response, our_errors
from mindreel.store.supabase.project import Project

_MARKS = "!.*'()&$@=;,+-"
_NAME = re.compile(rf"[A-Za-z0-9_ {re.escape(_MARKS)}]+")
"""What Storage keeps as it is; it refuses other characters, or cuts and changes the name without a word."""
_PAGE = 1000
_THERE_ALREADY = str(httpx.codes.CONFLICT.value)


class BucketInbox:
    """Implements `mindreel.contracts.inbox.Inbox`; safe to use from several threads and processes.

    Folders in the bucket are left alone.
    """

    def __init__(self, project: Project, bucket: str) -> None:
        """`bucket` may be missing; it is made, private, when it is first looked into."""
        self._project, self._bucket = project, bucket

    @property
    def location(self) -> str:
        """`supabase://HOST/BUCKET`."""
        return f"supabase://{urlsplit(self._project.access.url).netloc}/{self._bucket}"

    def entries(self) -> Sequence[InboxEntry]:
        """All objects but hidden and unfinished ones and those in folders; by name."""
        found = {each["name"]: each for each in self._objects() if _is_file(each)}
        return [_entry(found[name]) for name in sorted(found)]

    def read(self, name: str, *, max_bytes: int) -> bytes | None:
        """At most `max_bytes` and one more byte; None when it is gone."""
        self._check(name)
        what = f"{name} in the bucket {self._bucket}"
        url = f"{self._project.access.url}/storage/v1/object/{self._bucket}/{quote(name, safe=_MARKS)}"
        headers = {**self._project.headers, "accept-encoding": "identity"}
        fresh = {
            "cacheNonce": uuid4().hex
        }  # else the network before a hosted project answers from its memory
        with (
            our_errors(what),
            self._project.http.stream("GET", url, headers=headers, params=fresh) as response,
        ):
            if response.is_success:
                return _beginning(response, max_bytes + 1)
            response.read()
            error = of_response(what, response)
            if isinstance(error, MissingError):
                return None
            raise error

    def write(self, name: str, content: bytes, media_type: str) -> str:
        """Storage replaces an object at once; its address."""
        self._check(name)
        options = {"content-type": media_type, "upsert": "true", "cache-control": "0"}
        with our_errors(f"{name} in the bucket {self._bucket}"):
            self._project.bucket(self._bucket).upload(name, content, options)
        return f"{self.location}/{name}"

    def _check(self, name: str) -> None:
        if not is_plain(name):
            raise InputError(
                f"{name!a} is no name of a file in an inbox; give the name alone, without folders."
            )
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{name} in {self.location} has a character in its name that Storage does not keep; use "
                f"ASCII letters, digits, spaces and _{_MARKS} only."
            )

    def _objects(self) -> Iterator[dict[str, Any]]:
        """Page by page until there is no more: a server may give fewer at once than were asked for."""
        seen = 0
        while page := self._page(seen):
            yield from page
            seen += len(page)

    def _page(self, offset: int) -> list[dict[str, Any]]:
        options = {"limit": _PAGE, "offset": offset, "sortBy": {"column": "name", "order": "asc"}}
        try:
            with our_errors(f"the list of the bucket {self._bucket}"):
                page: list[dict[str, Any]] = self._project.bucket(self._bucket).list("", options)
                return page
        except MissingError:
            self._make()
            return []

    def _make(self) -> None:
        with our_errors(f"the making of the bucket {self._bucket}"):
            try:
                self._project.storage.create_bucket(self._bucket, options={"public": False})
            except StorageApiError as error:
                if str(error.status) != _THERE_ALREADY:  # another process was quicker
                    raise


def _is_file(found: dict[str, Any]) -> bool:
    """No folder (it has no id), nothing in one, nothing hidden or not yet whole (it has no metadata)."""
    name = found["name"]
    return bool(found.get("id") and found.get("metadata") and is_plain(name) and not is_temporary(name))


def _entry(found: dict[str, Any]) -> InboxEntry:
    metadata = found["metadata"]
    version = f"{found.get('updated_at', '')}-{str(metadata.get('eTag', '')).strip(chr(34))}"
    return InboxEntry(found["name"], int(metadata.get("size", 0)), version)


def _beginning(response: httpx.Response, most: int) -> bytes:
    content = bytearray()
    for block in response.iter_bytes():
        content += block
        if len(content) >= most:
            break
    return bytes(content[:most])
