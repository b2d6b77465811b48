"""The project's buckets: made at start, and how large a file each takes."""

import threading
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from storage3.exceptions import StorageApiError

from mindreel.errors import LimitExceededError, SetupError
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.health import BucketFacts, buckets
from mindreel.store.supabase.project import Project

_MIB = 1024**2
_PICTURES = ["image/jpeg", "image/png", "image/webp"]
_CONFLICT = "409"


def ensure_buckets(project: Project) -> list[str]:
    """Create what is missing, and make public or private what may be changed; sentences on what there was.

    A bucket that is there may be another application's. So it is changed as the settings say where they say
    so explicitly; else one that holds nothing of others is made private, and all others are left as they are.
    Limits on sizes are the project's own business. Safe to run from several workers at once. Raises
    `SetupError` where the key may not.
    """
    there = buckets(project)
    access = project.access
    told = []
    for field in fields(access.buckets):
        name, is_public = getattr(access.buckets, field.name), field.name in access.public
        said = "public" if is_public else "private"
        if name not in there:
            if _create(project, name, is_public=is_public, pictures_only=field.name == "thumbnails"):
                told.append(f"Created the {said} bucket {name}.")
        elif there[name].public != is_public:
            if access.public_is_explicit or not (is_public or _is_of_others(project, name)):
                _make_public(project, name, there[name], is_public=is_public)
                told.append(f"Made the bucket {name} {said}.")
            else:
                told.append(_left_alone(name, is_public=is_public))
    return told


def _left_alone(bucket: str, *, is_public: bool) -> str:
    """Why it was not made public, or private: `is_public` is what the settings say without saying so."""
    if is_public:
        return (
            f"The bucket {bucket} is private and was left so, because it was there before; name all buckets "
            "that are to be public in MINDREEL_PUBLIC_BUCKETS to have it opened."
        )
    return (
        f"The bucket {bucket} is public and was left so, because others keep files in it: everybody can read "
        "what comes there. Give ours other names (MINDREEL_BUCKET_PREFIX), or name all buckets that are to "
        "be public in MINDREEL_PUBLIC_BUCKETS to have it closed."
    )


class KnownBuckets:
    """How large a file each bucket takes, and who reads it; asked of the project at the first use."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._facts: Mapping[str, BucketFacts] | None = None

    def is_public(self, bucket: str) -> bool:
        """Whether everybody may read what lies there."""
        facts = self._known().get(bucket)
        return facts is not None and facts.public

    def check(self, bucket: str, key: str, size_bytes: int) -> None:
        """Raises `LimitExceededError` before a byte is sent, `SetupError` where there is no such bucket."""
        facts = self._known().get(bucket)
        if facts is None or size_bytes > (facts.limit_bytes or size_bytes):
            facts = self._known(anew=True).get(bucket)  # somebody may have made it, or raised the limit
        if facts is None:
            raise SetupError(
                f"The Supabase project has no bucket {bucket} for {key}; start a worker, which creates it, "
                "or see docs/supabase.md."
            )
        if facts.limit_bytes and size_bytes > facts.limit_bytes:
            raise LimitExceededError(
                f"{key} has {size_bytes / _MIB:.1f} MiB, and the bucket {bucket} takes "
                f"{facts.limit_bytes / _MIB:.1f} MiB a file at most; raise the bucket's limit in the "
                "project's Storage settings (the project's own must allow it too), and run again."
            )

    def _known(self, *, anew: bool = False) -> Mapping[str, BucketFacts]:
        with self._lock:
            if self._facts is None or anew:
                self._facts = buckets(self._project)
            return self._facts


def _is_of_others(project: Project, bucket: str) -> bool:
    return bool(project.call("artifact_strangers", bucket=bucket))


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


def _make_public(project: Project, name: str, facts: BucketFacts, *, is_public: bool) -> None:
    options: dict[str, Any] = {"public": is_public}
    if facts.limit_bytes:
        options["file_size_limit"] = facts.limit_bytes
    if facts.media_types:
        options["allowed_mime_types"] = list(facts.media_types)
    with our_errors(f"the change of the bucket {name}"):
        project.storage.update_bucket(name, options)
