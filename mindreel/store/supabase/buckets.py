"""The project's buckets: made at start, and how large a file each takes."""

import threading
from dataclasses import fields
from typing import Any

from storage3.exceptions import StorageApiError

from mindreel.contracts.buckets import SupabaseAccess
from mindreel.errors import LimitExceededError, SetupError
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.objects import refused
from mindreel.store.supabase.project import Project

_MIB = 1024**2
_PICTURES = ["image/jpeg", "image/png", "image/webp"]
_CONFLICT = "409"


def ensure_buckets(project: Project) -> list[str]:
    """Create what is missing, and make public or private what is not as the settings say; what was done.

    Limits on sizes are the project's own business. Safe to run from several workers at once. Raises
    `SetupError` where the key may not.
    """
    there = _buckets(project)
    access = project.access
    done = []
    for field in fields(access.buckets):
        name, is_public = getattr(access.buckets, field.name), field.name in access.public
        said = "public" if is_public else "private"
        if name not in there:
            if _create(project, name, is_public=is_public, pictures_only=field.name == "thumbnails"):
                done.append(f"created the {said} bucket {name}")
        elif bool(there[name].get("public")) != is_public:
            _make_public(project, there[name], is_public=is_public)
            done.append(f"made the bucket {name} {said}")
    return done


class BucketLimits:
    """How large a file each bucket takes; asked of the project at the first use."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._limits: dict[str, int | None] | None = None

    def check(self, bucket: str, key: str, size_bytes: int) -> None:
        """Raises `LimitExceededError` before a byte is sent, `SetupError` where there is no such bucket."""
        limits = self._known()
        if bucket not in limits or size_bytes > (limits[bucket] or size_bytes):
            limits = self._known(anew=True)  # somebody may have created it or raised the limit meanwhile
        if bucket not in limits:
            raise SetupError(
                f"The Supabase project has no bucket {bucket} for {key}; start a worker, which creates it, "
                "or see docs/supabase.md."
            )
        limit = limits[bucket]
        if limit and size_bytes > limit:
            raise LimitExceededError(
                f"{key} has {size_bytes / _MIB:.1f} MiB, and the bucket {bucket} takes "
                f"{limit / _MIB:.1f} MiB a file at most; raise the bucket's limit in the project's Storage "
                "settings (the project's own must allow it too), and run again."
            )

    def _known(self, *, anew: bool = False) -> dict[str, int | None]:
        with self._lock:
            if self._limits is None or anew:
                self._limits = {
                    name: bucket.get("file_size_limit") for name, bucket in _buckets(self._project).items()
                }
            return self._limits


def _buckets(project: Project) -> dict[str, dict[str, Any]]:
    """Not by the library's call, which refuses dates of some servers."""
    with our_errors("the list of buckets"):
        response = project.http.get(f"{project.access.url}/storage/v1/bucket", headers=project.headers)
        if not response.is_success:
            raise refused("the list of buckets", response)
        return {bucket["id"]: bucket for bucket in response.json()}


def _create(project: Project, name: str, *, is_public: bool, pictures_only: bool) -> bool:
    """False where another worker was first."""
    options: dict[str, Any] = {"public": is_public}
    if pictures_only:
        options["allowed_mime_types"] = _PICTURES
    with our_errors(f"the new bucket {name}"):
        try:
            project.storage.create_bucket(name, options=options)
        except StorageApiError as error:
            if str(error.status) != _CONFLICT:
                raise
            return False
        return True


def _make_public(project: Project, bucket: dict[str, Any], *, is_public: bool) -> None:
    kept = {name: bucket[name] for name in ("file_size_limit", "allowed_mime_types") if bucket.get(name)}
    with our_errors(f"the change of the bucket {bucket['id']}"):
        project.storage.update_bucket(bucket["id"], {"public": is_public, **kept})


def is_public(access: SupabaseAccess, bucket: str) -> bool:
    """Whether everybody may read what lies there."""
    return any(getattr(access.buckets, field) == bucket for field in access.public if field != "none")
