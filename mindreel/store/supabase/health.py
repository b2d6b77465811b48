"""Whether a project is there and is what this version of mindreel needs; changes nothing."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from mindreel.errors import SetupError
from mindreel.store.supabase.faults import no_sense, of_response, our_errors
from mindreel.store.supabase.project import Project

SCHEMA = 1
"""What `mindreel_schema()` of supabase/migrations returns when all that this version needs is applied."""
SERVICE_ROLE = "service_role"
_NEW_KEYS = {"sb_secret_": SERVICE_ROLE, "sb_publishable_": "anon"}


@dataclass(frozen=True)
class BucketFacts:
    """A bucket as it is in the project."""

    public: bool
    """Everybody may read it."""
    limit_bytes: int | None
    """Of one file; None where only the project's own limit holds."""
    media_types: tuple[str, ...] = ()
    """That it takes; empty where it takes all."""


def check(project: Project) -> None:
    """Raises `SetupError` for a key that is refused or tables that are missing, `StoreError` when away."""
    found = schema(project)
    if found < SCHEMA:
        raise SetupError(
            f"The Supabase project has version {found} of our tables, and this mindreel needs {SCHEMA}; "
            "apply supabase/migrations, see docs/supabase.md."
        )


def schema(project: Project) -> int:
    """The version of the tables; errors as `check`."""
    return int(project.call("mindreel_schema"))


def shown(project: Project) -> frozenset[str]:
    """Ids of the videos that have a page; errors as `check`."""
    return frozenset(project.call("library_shown", bucket=project.access.buckets.reports))


def role_of(key: str) -> str:
    """Whose key it says it is: service_role, anon; empty where it does not say."""
    for prefix, role in _NEW_KEYS.items():
        if key.startswith(prefix):
            return role
    try:
        claims = json.loads(base64.urlsafe_b64decode(f"{key.split('.')[1]}=="))
        return str(claims["role"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return ""


def buckets(project: Project) -> Mapping[str, BucketFacts]:
    """All of the project, by name; errors as `check`."""
    what = "the list of the buckets"
    with our_errors(what):
        # storage3 refuses the whole answer for a date that is written otherwise than it expects.
        answer = project.http.get(f"{project.access.url}/storage/v1/bucket", headers=project.headers)
        if answer.is_error:
            raise of_response(what, answer)
        found = answer.json()
    try:
        return {
            each["id"]: BucketFacts(
                bool(each["public"]),
                each.get("file_size_limit"),
                tuple(each.get("allowed_mime_types") or ()),
            )
            for each in found
        }
    except (KeyError, TypeError) as error:
        raise no_sense(what) from error
