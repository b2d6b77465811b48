"""Where rows, files and workflows do not agree, and how each is mended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from temporalio.client import Client
from temporalio.service import RPCError

from mindreel.bootstrap.cluster import find_cluster
from mindreel.bootstrap.stores import (
    is_begun,
    open_artifacts,
    open_catalog,
    open_ledger,
    shown_videos,
)
from mindreel.cli import wording
from mindreel.cli.ended_runs import EndedRuns
from mindreel.cli.invocation import invocation
from mindreel.cli.places import is_address, page_of
from mindreel.cli.trouble import sentence_of
from mindreel.errors import SetupError
from mindreel.settings import Settings
from mindreel.store.protocols import ArtifactStore, Difference, Standing

_SHOWN = ("completed", "partial")


@dataclass(frozen=True)
class Finding:
    """One difference."""

    kind: str
    """file without row, row without file, size, run that ended, or page is gone."""
    about: str
    """The key of an artifact, or the id of a video."""
    text: str
    """One sentence: what differs, and what becomes of it."""
    mend: Callable[[], Awaitable[str]] | None = None
    """Mends it and says what was done; None where only a person can."""


@dataclass
class Comparison:
    """One look at everything that is kept."""

    settings: Settings
    notes: list[str] = field(default_factory=list)
    """What could not be compared, and why."""

    async def findings(self) -> AsyncIterator[Finding]:
        """All differences. Raises `SetupError`, `StoreError` where the store cannot be asked."""
        if not await asyncio.to_thread(is_begun, self.settings):
            return
        rows = await asyncio.to_thread(lambda: list(open_catalog(self.settings).standings()))
        async for each in self._ended_runs([row for row in rows if row.status in ("queued", "running")]):
            yield each
        for each in await asyncio.to_thread(lambda: list(self._gone_pages(rows))):
            yield each
        for each in await asyncio.to_thread(lambda: list(_artifacts(open_artifacts(self.settings)))):
            yield each

    async def _ended_runs(self, rows: list[Standing]) -> AsyncIterator[Finding]:
        client = await self._client(len(rows)) if rows else None
        if client is None:
            return
        runs = EndedRuns(client, open_catalog(self.settings), open_ledger(self.settings))
        try:
            for each in await runs.among(rows):
                yield Finding("run that ended", each.row.id, each.text, each.record)
        except RPCError as error:
            self.notes.append(f"Not every workflow could be asked: {sentence_of(error)}")
        self.notes += runs.notes

    async def _client(self, count: int) -> Client | None:
        videos, workflows = (
            ("1 video is", "its workflow") if count == 1 else (f"{count} videos are", "their workflows")
        )
        unasked = f"{videos} queued or running by the catalog, and {workflows} could not be asked"
        try:
            cluster = await find_cluster(self.settings)
        except SetupError as error:
            self.notes.append(f"{unasked}: {error}")
            return None
        if cluster is None:
            self.notes.append(f"{unasked}: no engine is running; `{invocation()} up` goes on.")
            return None
        return cluster.client

    def _gone_pages(self, rows: list[Standing]) -> Iterator[Finding]:
        shown = shown_videos(self.settings)
        for row in rows:
            if row.status not in _SHOWN:
                continue
            library = row.library or ""
            if row.id in shown if is_address(library) else library and page_of(library).is_file():
                continue
            where = f" ({library})" if library else ""
            yield Finding(
                "page is gone",
                row.id,
                f"{row.id} is {row.status}, and its page is gone{where}; `{invocation()} retry {row.id}` "
                "writes it again.",
            )


def _artifacts(store: ArtifactStore) -> Iterator[Finding]:
    for each in store.differences():
        yield Finding(each.kind, each.key, each.text, partial(_mended, store, each))


async def _mended(store: ArtifactStore, difference: Difference) -> str:
    cleaned = await asyncio.to_thread(store.mend, difference)
    if not cleaned.count:
        return "It is mended already."
    return f"Done; {wording.size(cleaned.freed_bytes)} freed."
