"""A look into an inbox: which files are new, what is in them, and whose workflow should be awake."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.edge import activity_edge, activity_span
from activities.pulse import pulse
from activities.reaching import reaching_server
from mindreel.contracts.batch import BatchFile, BatchView, CsvFile
from mindreel.contracts.batch_steps import (
    BatchCall,
    FileTaken,
    InboxLook,
    LookInput,
    OpenBatch,
    TakeFileInput,
    WakeInput,
)
from mindreel.contracts.inbox import Inbox, InboxEntry
from mindreel.contracts.report_names import PAGE, TABLE
from mindreel.contracts.scan import BatchInput, ScannedFile
from mindreel.store.batch_ledger import BatchLedger
from mindreel.telemetry import log

_STAGE = "csv"
_TEXTS = (".csv", ".tsv", ".txt")
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
_FILES_A_LOOK = 2000
"""More than a scan takes, and no more than fit into a payload however long their names are."""


@dataclass(frozen=True)
class ScanActivities:
    """Reads the inbox into the ledger; each may run twice, or in two scans at once, and changes nothing."""

    inbox_for: Callable[[str], Inbox]
    """By the folder's name; empty for the one of the settings."""
    parser: Callable[[bytes], CsvFile]
    """Never raises; see `mindreel.sources.csv_rows`."""
    max_bytes: int
    """Of a file; the parser refuses what is longer."""
    ledger: BatchLedger

    @activity.defn(name="find_files")
    def find_files(self, given: LookInput) -> InboxLook:
        """Look for files that may have something new, and for batches that are not done."""
        with activity_edge(_STAGE, given.inbox), activity_span(_STAGE, given.inbox), pulse():
            inbox = self.inbox_for(given.inbox)
            found = [entry for entry in inbox.entries() if is_candidate(entry.name)]
            changed = [each for each in found if not self._is_known(inbox, each.name, each.version)]
            going_on = [OpenBatch(each.name, each.file) for each in self.ledger.batches() if _is_open(each)]
            return InboxLook(
                inbox.location, tuple(_from(given.begin, changed)[:_FILES_A_LOOK]), tuple(going_on)
            )

    @activity.defn(name="take_file")
    def take_file(self, given: TakeFileInput) -> FileTaken:
        """Take a file's rows into the ledger, unless its content was taken before."""
        name = given.entry.name
        with activity_edge(_STAGE, name), activity_span(_STAGE, name), pulse():
            inbox = self.inbox_for(given.inbox)
            content = inbox.read(name, max_bytes=self.max_bytes)
            now = next((entry.version for entry in inbox.entries() if entry.name == name), None)
            if content is None or now is None:
                return FileTaken()
            if now != given.entry.version:
                return FileTaken(unsettled=True)
            return FileTaken(self._taken(inbox, name, now, content))

    def _is_known(self, inbox: Inbox, name: str, version: str) -> bool:
        seen = self.ledger.seen(inbox.location, name)
        return seen is not None and seen.version == version

    def _is_malformed(self, batch: str) -> bool:
        """Whether nothing could be taken of it: a person who raised a limit, say, saves it once more."""
        view = self.ledger.batch(batch)
        return view is not None and bool(view.problem)

    def _taken(self, inbox: Inbox, name: str, version: str, content: bytes) -> ScannedFile | None:
        sha256 = hashlib.sha256(content).hexdigest()
        seen = self.ledger.seen(inbox.location, name)
        if seen and seen.sha256 == sha256 and seen.version != version and not self._is_malformed(seen.name):
            self.ledger.touch(seen.name, version)
            return None
        # The same version again means that an attempt before this one, or another scan, took the file and
        # may not have lived to wake its batch: registering twice changes nothing, and waking does no harm.
        batch = seen.name if seen is not None else self.ledger.name_for(inbox.location, name)
        file = BatchFile(batch, inbox.location, name, version, sha256)
        view = self.ledger.register(file, self._content(name, content))
        log().info("file taken", file=name, batch=view.name, rows=view.total, problem=view.problem)
        return ScannedFile(name, view.name, view.total, view.counts.get("waiting", 0), view.problem)

    def _content(self, name: str, content: bytes) -> CsvFile:
        if name.lower().endswith(_SPREADSHEETS):
            return CsvFile(
                problem=f"{name} is a spreadsheet, not a CSV file: open it, choose Save As (or Export) "
                "and the format CSV, and drop that file here instead."
            )
        return self.parser(content)


@dataclass(frozen=True)
class WakeActivity:
    """Sees to it that batches have their workflow."""

    client: Client

    @activity.defn(name="wake_batches")
    async def wake_batches(self, given: WakeInput) -> None:
        """Start the workflows that are not there, wake those with something new to do; twice is no harm."""
        with activity_edge(_STAGE, ""), activity_span(_STAGE, ""), reaching_server():
            for call in given.calls:
                await self._wake(call, given.task_queue)

    async def _wake(self, call: BatchCall, task_queue: str) -> None:
        await self.client.start_workflow(
            "CsvBatch",
            BatchInput(call.name),
            id=call.workflow_id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="wake" if call.changed else None,
            static_summary=call.file.encode("utf-8", "replace")[:200].decode(errors="ignore"),
            memo={"file": call.file},
        )


def is_candidate(name: str) -> bool:
    """Whether a file may be a list of videos: no report of ours, no lock file, nothing else."""
    lower = name.lower()
    if lower.startswith((".", "~")) or lower.endswith((PAGE, TABLE)):
        return False
    return PurePath(lower).suffix in (*_TEXTS, *_SPREADSHEETS)


def _from(begin: float, entries: list[InboxEntry]) -> list[InboxEntry]:
    first = int(begin * len(entries))
    return entries[first:] + entries[:first]


def _is_open(view: BatchView) -> bool:
    return view.open > 0 or view.state == "running"
