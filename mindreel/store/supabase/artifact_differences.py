from collections.abc import Iterator, Sequence
from typing import Any

from mindreel.contracts.cleanup import Cleaned
from mindreel.store.protocols import Difference
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.removal import remove_objects

_FILE, _ROW, _SIZE = "file without row", "row without file", "size"
_PAGE = 500
_MOST_PAGES = 20
"""Of files in one sweep, which takes some seconds a page; the next one goes on."""


class ArtifactDifferences:
    """Where the table `artifacts` and Storage differ, which a crash between the two leaves, or a person.

    What changed within a day is left out: it may still be on its way.
    """

    def __init__(self, project: Project, buckets: Sequence[str]) -> None:
        self._project = project
        self._buckets = list(buckets)

    def find(self) -> Iterator[Difference]:
        """By key, rows before files."""
        for row in self._pages(_ROW):
            yield _of_row(row)
        for file in self._pages(_FILE):
            name, bucket = file["name"], file["bucket"]
            text = f"{name} lies in the bucket {bucket} and is not recorded; mending removes it."
            yield Difference(_FILE, name, text)

    def sweep(self) -> Cleaned:
        """Remove files that no row names and nothing shows, and rows without a file."""
        freed = count = 0
        after = ""
        for _ in range(_MOST_PAGES):
            page = self._page(_FILE, after=after)
            if not page:
                break
            after = page[-1]["name"]
            for bucket in {file["bucket"] for file in page}:
                sizes = {file["name"]: file["there_bytes"] for file in page if file["bucket"] == bucket}
                removed = remove_objects(self._project, bucket, sizes)
                count, freed = count + len(removed), freed + sum(sizes.get(name, 0) for name in removed)
        return Cleaned(count + int(self._project.call("artifact_forget_lost")), freed)

    def mend(self, difference: Difference) -> Cleaned:
        """Looks again before it removes anything."""
        amiss = self._page(difference.kind, only=difference.key)
        freed = 0
        for each in amiss:
            if each["there_bytes"] is not None and remove_objects(
                self._project, each["bucket"], [each["name"]]
            ):
                freed += each["there_bytes"]
        if amiss and difference.kind != _FILE:
            self._project.call("artifact_forget", prefix=difference.key, buckets=self._buckets)
        return Cleaned(len(amiss), freed)

    def _pages(self, kind: str) -> Iterator[dict[str, Any]]:
        after = ""
        while page := self._page(kind, after=after):
            yield from page
            after = page[-1]["name" if kind == _FILE else "key"]

    def _page(self, kind: str, *, after: str = "", only: str | None = None) -> list[dict[str, Any]]:
        """What is amiss after that key, of files after that name; or with one of them."""
        page: list[dict[str, Any]]
        if kind == _FILE:
            page = self._project.call(
                "artifact_files_amiss", buckets=self._buckets, after=after, most=_PAGE, only_name=only
            )
        else:
            page = self._project.call("artifact_rows_amiss", after=after, most=_PAGE, only_key=only)
        return page


def _of_row(row: dict[str, Any]) -> Difference:
    key, bucket = row["key"], row["bucket"]
    if row["there_bytes"] is None:
        text = f"{key} is recorded and is not in the bucket {bucket}; mending removes the row."
        return Difference(_ROW, key, text)
    return Difference(
        _SIZE,
        key,
        f"{key} is recorded with {row['recorded_bytes']} bytes and has {row['there_bytes']} in the bucket "
        f"{bucket}; mending removes both, and the next run makes it again.",
    )
