from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from mindreel.contracts.cleanup import Cleaned
from mindreel.errors import SetupError
from mindreel.store.supabase.faults import our_errors
from mindreel.store.supabase.project import Project

_MOST = 500
"""Names in one call; Storage takes a thousand."""


def remove_below(project: Project, prefix: str, buckets: Sequence[str]) -> Cleaned:
    """Remove every file at or below the key that nobody is shown, then the rows without a file.

    What is stored meanwhile stays. Raises `SetupError` where Storage keeps what it was to remove: that may be
    so for ever, and others' files are to go nevertheless.
    """
    there = _forget(project, prefix, buckets)
    if not there:
        return Cleaned()
    freed = 0
    for bucket, files in groupby(there, key=lambda file: str(file["bucket"])):
        sizes = {file["name"]: file["size_bytes"] for file in files}
        freed += sum(sizes.get(name, 0) for name in remove_objects(project, bucket, sizes))
    kept = [file["name"] for file in _forget(project, prefix, buckets) if file in there]
    if kept:
        raise SetupError(f"Supabase kept {kept[0]}, of {len(kept)} files that were to be removed.")
    return Cleaned(1, freed)


def remove_objects(project: Project, bucket: str, names: Iterable[str]) -> list[str]:
    """The names of those that were there and went."""
    removed: list[str] = []
    given = list(names)
    for start in range(0, len(given), _MOST):
        with our_errors(f"the removal of {given[start]}"):
            answer: list[dict[str, Any]] = project.bucket(bucket).remove(given[start : start + _MOST])
        removed += [str(each["name"]) for each in answer]
    return removed


def _forget(project: Project, prefix: str, buckets: Sequence[str]) -> list[dict[str, Any]]:
    there: list[dict[str, Any]] = project.call("artifact_forget", prefix=prefix, buckets=list(buckets))
    return there
