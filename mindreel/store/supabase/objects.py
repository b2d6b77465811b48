"""Storage's plain calls for one object, as streams, and what its answers mean.

supabase-py has calls for the same, which hold whole files in memory and say nothing while they run.
"""

import re
from dataclasses import dataclass
from json import JSONDecodeError
from urllib.parse import quote

import httpx

from mindreel.errors import MindreelError, SetupError
from mindreel.store.supabase.faults import of_status
from mindreel.store.supabase.project import Project

NEVER_STALE = "0"
"""Seconds for which a network in front may give a copy: an artifact that was replaced must not come back."""
_HOSTED = re.compile(r"(https://[a-z0-9-]+)\.(supabase\.(?:co|in))")
_OK = 300


@dataclass(frozen=True)
class Said:
    """What an answer that is no success says; Storage hides the real status in some that are 400."""

    status: int
    text: str
    is_json: bool


def object_url(project: Project, bucket: str, key: str) -> str:
    """Where an object is uploaded to and read with the key of the service role."""
    return f"{project.access.url}/storage/v1/object/{quote(bucket)}/{quote(key)}"


def resumable_url(project: Project) -> str:
    """Where uploads begin that can be resumed; hosted projects have a faster way for them."""
    base = _HOSTED.sub(r"\1.storage.\2", project.access.url)
    return f"{base}/storage/v1/upload/resumable"


def said(response: httpx.Response) -> Said:
    """Reads the rest of the answer."""
    text = response.read().decode("utf-8", "replace")
    try:
        body = response.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return Said(response.status_code, text, is_json=False)
    if not isinstance(body, dict):
        return Said(response.status_code, text, is_json=False)
    inner = str(body.get("statusCode", ""))
    status = int(inner) if inner.isdecimal() else response.status_code
    return Said(status, str(body.get("message") or body.get("error") or text), is_json=True)


def is_ok(response: httpx.Response) -> bool:
    """2xx."""
    return response.status_code < _OK


def refused(what: str, response: httpx.Response) -> MindreelError:
    """The error for an answer that is no success."""
    answer = said(response)
    if answer.status == httpx.codes.NOT_FOUND and "bucket" in answer.text.lower():
        return SetupError(
            f"The Supabase project lacks the bucket for {what}; start a worker, which creates it, or see "
            "docs/supabase.md."
        )
    return of_status(what, answer.status, answer.text)


def is_missing(response: httpx.Response) -> bool:
    """Whether Storage itself says that there is no such object: no proxy's 404, and the bucket is there."""
    answer = said(response)
    return answer.is_json and answer.status == httpx.codes.NOT_FOUND and "bucket" not in answer.text.lower()
