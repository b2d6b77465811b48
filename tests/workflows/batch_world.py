"""A real server, ledger, inbox and parser around the workflows of batches; only the videos are stand-ins."""

import asyncio
import csv
import inspect
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.batch_report import BatchReportActivity
from activities.batch_rows import BatchRowsActivities
from activities.batch_videos import BatchVideosActivities
from activities.catalog_row import begin_row
from activities.expand import ExpandActivity
from activities.outcome import OutcomeActivity
from activities.scan import ScanActivities, WakeActivity
from activities.site import SiteActivities
from mindreel.contracts.batch import CsvLimits, CsvRow
from mindreel.contracts.inbox import Inbox, InboxEntry
from mindreel.contracts.progress import Reporter
from mindreel.contracts.scan import BatchInput, BatchResult, ScanInput, ScanResult
from mindreel.contracts.sites import SiteRules, site_of
from mindreel.contracts.video import Collection, CollectionVideo, Limits, VideoRequest
from mindreel.engine.scratch import Scratch
from mindreel.errors import SetupError, SourceNotFoundError
from mindreel.report.batch_csv import render_csv
from mindreel.report.batch_page import render_page
from mindreel.sources.csv_rows import parse
from mindreel.sources.identity import identify
from mindreel.sources.inbox import FolderInbox
from mindreel.store.local_catalog import LocalCatalog
from mindreel.store.local_ledger import LocalLedger
from tests.support.temporal import running_server
from tests.workflows.stand_in import StandIn
from workflows import batch_pace, csv_scan, policies
from workflows.csv_batch import CsvBatch
from workflows.csv_scan import CsvScan
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, INBOX_QUEUE, batch_workflow_id, video_workflow_id
from workflows.notice import Notice
from workflows.playlist_row import PlaylistRow
from workflows.site_gate import SiteGate

QUICK_S = 0.2
"""Instead of the seconds between two looks."""


@dataclass
class World:
    """Everything a batch meets. A video ends as `fates` says of the last part of its address."""

    home: Path
    client: Client
    fates: dict[str, str] = field(default_factory=dict)
    began: Counter[str] = field(default_factory=Counter)
    """Last part of the address to the number of runs of its video that began."""
    unchanged_s: float = 0.5
    unreadable: set[str] = field(default_factory=set)
    """Files that this person may see and not read."""
    reachable: threading.Event = field(default_factory=threading.Event)
    """Cleared while the inbox lies in a network folder that hangs."""
    notify: bool = False
    """Whether a webhook is told of batches that end; nobody posts it."""
    _runs: set[str] = field(default_factory=set)
    _scans: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.inbox = self.home / "inbox"
        self.reachable.set()
        self.catalog = LocalCatalog(self.home / "catalog.db")
        self.ledger = LocalLedger(self.home / "catalog.db")

    def drop(self, name: str, *urls: str, column: str = "url") -> Path:
        """A file of videos of one site, named by the last part of their address."""
        self.inbox.mkdir(exist_ok=True)
        lines = [column, *(url if "://" in url else address(url) for url in urls)]
        path = self.inbox / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    async def scan(self, inbox: str = "") -> ScanResult:
        """One scan, by hand."""
        return await self.client.execute_workflow(
            CsvScan.run, ScanInput(inbox), id=f"scan-{next(self._scans)}", task_queue=CPU_QUEUE
        )

    def batch(self, name: str) -> WorkflowHandle[CsvBatch, BatchResult]:
        """The workflow of a batch, whichever run it has come to."""
        return self.client.get_workflow_handle_for(CsvBatch.run, batch_workflow_id(name))

    def video(self, name: str) -> WorkflowHandle[Any, Any]:
        """The workflow of a video, by the last part of its address."""
        return self.client.get_workflow_handle(video_workflow_id(identify(address(name)).id))

    async def ask(self, name: str, update: str, *arguments: object) -> Any:
        """As the command line asks: also when the batch's workflow has ended."""
        start = WithStartWorkflowOperation(
            CsvBatch.run,
            BatchInput(name),
            id=batch_workflow_id(name),
            task_queue=CPU_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        return await self.client.execute_update_with_start_workflow(
            update, args=arguments, start_workflow_operation=start
        )

    def report(self, name: str) -> list[dict[str, str]]:
        """The report beside the file; empty while there is none."""
        path = self.inbox / f"{name}.report.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def outcomes(self, name: str) -> list[str]:
        """Of the report, in order."""
        return [row["outcome"] for row in self.report(name)]

    @asynccontextmanager
    async def working(self, *, forgetful: bool = False, **options: Any) -> AsyncIterator[None]:
        """Workers of all queues, with the activities that bootstrap wires; `options` are the workers'.

        The answer of each `forgetful` activity's first attempt is lost, as when a worker dies after the work.
        """
        runner = SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                "mindreel", "activities", "workflows", "tests"
            )
        )
        workflows = [CsvScan, CsvBatch, PlaylistRow, SiteGate, Notice, StandIn]
        with ThreadPoolExecutor(8) as pool, ThreadPoolExecutor(2) as threads:
            sticky = timedelta(seconds=1)  # for what a worker leaves; bootstrap has two
            shared = {
                "activity_executor": pool,
                "sticky_queue_schedule_to_start_timeout": sticky,
                "graceful_shutdown_timeout": timedelta(seconds=2),
                **options,
            }
            change = losing if forgetful else lambda unchanged: unchanged
            async with (
                Worker(
                    self.client,
                    task_queue=CPU_QUEUE,
                    workflows=workflows,
                    activities=[self._begin_video, change(self._expand().expand_row)],
                    workflow_runner=runner,
                    **shared,
                ),
                Worker(
                    self.client,
                    task_queue=CONTROL_QUEUE,
                    activities=[change(each) for each in self._quick()],
                    **shared,
                ),
                self._at_the_inbox(change, threads, shared),
            ):
                yield

    def _at_the_inbox(
        self, change: Callable[..., Any], threads: ThreadPoolExecutor, shared: dict[str, Any]
    ) -> Worker:
        """With threads of its own, as in a worker process."""
        limits = CsvLimits()
        parser = partial(parse, limits=limits)
        scan = ScanActivities(self._inbox_for, parser, limits.max_bytes, self.ledger)
        report = BatchReportActivity(
            self.ledger, self._inbox_for, render_csv, render_page, notify=self.notify
        )
        activities = [change(each) for each in (scan.find_files, scan.take_file, report.report_batch)]
        return Worker(
            self.client,
            task_queue=INBOX_QUEUE,
            activities=activities,
            **{**shared, "activity_executor": threads},
        )

    def _inbox_for(self, folder: str) -> Inbox:
        return _GuardedInbox(Path(folder) if folder else self.inbox, self.unreadable, self.reachable)

    def _quick(self) -> list[Callable[..., Any]]:
        rows = BatchRowsActivities(self.ledger, 60.0, lambda url: site_of("generic", url))
        videos = BatchVideosActivities(
            self.client, self.ledger, self.catalog, video_workflow_id, self.unchanged_s
        )
        sites = SiteActivities(self.client, SiteRules(), lambda _request: False)
        return [
            WakeActivity(self.client).wake_batches,
            rows.take_rows,
            rows.change_batch,
            rows.refuse_row,
            videos.tell_videos,
            videos.reconcile_videos,
            sites.knock,
            sites.closed_workflows,
            OutcomeActivity(self.catalog).record_outcome,
        ]

    def _expand(self) -> ExpandActivity:
        return ExpandActivity(_two_videos, _row_for, Limits(), 200, Scratch(self.home / "tmp"), self.ledger)

    @property
    def _begin_video(self) -> Callable[..., Any]:
        @activity.defn(name="begin_video")
        def begin_video(request: VideoRequest) -> str:
            name = request.video.locator.rpartition("/")[2]
            begin_row(self.catalog, request)
            run_id = activity.info().workflow_run_id
            if run_id is not None and run_id not in self._runs:
                self._runs.add(run_id)
                self.began[name] += 1
            return self.fates.get(name, "completed")

        return begin_video


class _GuardedInbox(FolderInbox):
    """A folder some of whose files may not be read (permissions do not stop root), and that may hang."""

    def __init__(self, folder: Path, unreadable: set[str], reachable: threading.Event) -> None:
        super().__init__(folder)
        self._unreadable = unreadable
        self._reachable = reachable

    def entries(self) -> Sequence[InboxEntry]:
        self._reachable.wait()
        return super().entries()

    def read(self, name: str, *, max_bytes: int) -> bytes | None:
        if name in self._unreadable:
            raise SetupError(f"{name} may not be read; change its permissions.")
        return super().read(name, max_bytes=max_bytes)


def losing(real: Callable[..., Any]) -> Callable[..., Any]:
    """An activity that does its work, and whose first answer never arrives."""

    def lose(done: Any) -> Any:
        if activity.info().attempt == 1:
            raise ApplicationError("The answer was lost.")
        return done

    async def lost_async(given: Any) -> Any:
        return lose(await real(given))

    def lost(given: Any) -> Any:
        return lose(real(given))

    changed = lost_async if inspect.iscoroutinefunction(real) else lost
    hints = get_type_hints(real)
    given = next(kind for name, kind in hints.items() if name != "return")
    changed.__annotations__ = {"given": given, "return": hints["return"]}
    return activity.defn(name=activity._Definition.must_from_callable(real).name)(changed)


def address(name: str) -> str:
    """Of a video that nobody fetches."""
    return f"https://videos.example/{name}"


def _two_videos(
    url: str,
    limits: Limits,  # noqa: ARG001 - of the Protocol, as all that follow
    *,
    most: int,  # noqa: ARG001
    scratch: Path,  # noqa: ARG001
    reporter: Reporter,  # noqa: ARG001
) -> Collection:
    """A site whose playlists all hold two videos and something else."""
    if "gone" in url:
        raise SourceNotFoundError(f"Nothing is at {url}; check the address.")
    name = url.rpartition("/")[2].lstrip("@")
    found = [CollectionVideo(address(f"{name}-{number}"), f"Part {number}") for number in (1, 2)]
    return Collection("Two", (*found, CollectionVideo("https://www.youtube.com/@other", "A channel")), 3)


def _row_for(url: str, parent: CsvRow, item: int, title: str) -> CsvRow:
    return replace(parent, url=url, item=item, video=identify(url), collection=False, title=title)


@asynccontextmanager
async def world(home: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A server of its own; what takes seconds for a person's sake is quick."""
    patch.setattr(csv_scan, "SETTLE", timedelta(seconds=QUICK_S))
    patch.setattr(batch_pace, "_SHORTEST_S", QUICK_S)
    for name in ("_PATIENT", "_BRIEF", "_GATED"):
        quick = replace(getattr(policies, name), initial_interval=timedelta(seconds=QUICK_S / 4))
        patch.setattr(policies, name, quick)
    for name in ("quick", "_control"):  # what was handed to a worker as it left is missed sooner
        missed = {**getattr(policies, name)(), "start_to_close_timeout": timedelta(seconds=2)}
        patch.setattr(policies, name, lambda missed=missed: missed)
    with running_server(home) as server:
        yield World(home, await server.connect())


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for what another process, or a workflow, brings about."""
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came: {what}")
