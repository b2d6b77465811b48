"""Storage's addresses for one object, and what its answers mean.

storage3 has calls for the same, which hold whole files in memory and say nothing while they run.
"""

import re
from urllib.parse import quote

import httpx

from mindreel.errors import MindreelError, SetupError
from mindreel.store.supabase.faults import of_response, told
from mindreel.store.supabase.project import Project

_HOSTED = re.compile(r"(https://[a-z0-9-]+)\.(supabase\.(?:co|in))")


def object_url(project: Project, bucket: str, name: str) -> str:
    """Where an object is uploaded to and read with the key of the service role."""
    return f"{project.access.url}/storage/v1/object/{quote(bucket)}/{quote(name)}"


def resumable_url(project: Project) -> str:
    """Where uploads begin that can be resumed; hosted projects have a faster way for them."""
    base = _HOSTED.sub(r"\1.storage.\2", project.access.url)
    return f"{base}/storage/v1/upload/resumable"


def refused(what: str, response: httpx.Response) -> MindreelError:
    """The error for an answer that is no success."""
    response.read()
    if _is_about_a_bucket(response):
        return SetupError(
            f"The Supabase project lacks the bucket for {what}; start a worker, which creates it, or see "
            "docs/supabase.md."
        )
    return of_response(what, response)


def is_missing(response: httpx.Response) -> bool:
    """Whether Storage itself says that there is no such object: no proxy's 404, and the bucket is there."""
    response.read()
    is_json = "json" in response.headers.get("content-type", "")
    return is_json and _status(response) == httpx.codes.NOT_FOUND and not _is_about_a_bucket(response)


def _is_about_a_bucket(response: httpx.Response) -> bool:
    return _status(response) == httpx.codes.NOT_FOUND and "bucket" in told(response)[1].lower()


def _status(response: httpx.Response) -> int:
    return told(response)[0]
