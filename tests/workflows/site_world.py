"""Real videos' workflows, gates and catalog on a real server; only the web sites are made up."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import Priority
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from activities.edge import activity_edge
from activities.outcome import OutcomeActivity
from activities.site import SiteActivities
from mindreel.contracts.artifacts import ArtifactRef
from mindreel.contracts.inputs import DownloadInput
from mindreel.contracts.sites import GateView, SiteRules, site_of_video
from mindreel.contracts.steps import Downloaded, Resolved, StepReport, VideoResult
from mindreel.contracts.video import VideoIdentity, VideoRequest
from mindreel.errors import SourceNotFoundError
from mindreel.store.local_catalog import LocalCatalog
from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, site_workflow_id, video_workflow_id
from workflows.notice import Notice
from workflows.site_gate import SiteGate
from workflows.video_pipeline import VideoPipeline

Handle = WorkflowHandle[VideoPipeline, VideoResult]
HOUR = 3600.0
QUICK = SiteRules(first_pause_s=0.2, longest_pause_s=1.0)


@dataclass
class Sites:
    """What answers when a video is resolved: `fault` says for a host and number which error it gets."""

    fault: Callable[[str, int], Exception | None] = lambda _host, _number: None
    asked: list[str] = field(default_factory=list)
    """Video ids in the order in which their sites were asked."""
    refused: Counter[str] = field(default_factory=Counter)
    """Host to the number of requests that got an error."""
    most_at_once: int = 0
    entries: int = 2
    """Videos on each page; a page of one is downloaded too, and then it turns out that its video is gone."""
    hold: threading.Event = field(default_factory=threading.Event)
    """While it is not set no site answers."""
    hold_downloads: threading.Event = field(default_factory=threading.Event)
    """While it is not set no download ends."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _now: int = 0

    def __post_init__(self) -> None:
        self.hold.set()
        self.hold_downloads.set()

    @activity.defn(name="resolve", no_thread_cancel_exception=True)
    def resolve(self, request: VideoRequest) -> Resolved:
        """A page of `entries`; with two of them the run ends as `expanded` without any media."""
        host, number = site_of_video(request.video) or "", int(request.video.id.rsplit("-", 1)[1])
        with activity_edge("resolve", request.video.id):
            with self._lock:
                self.asked.append(request.video.id)
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
            while not self.hold.wait(0.05):
                activity.heartbeat()
            with self._lock:
                self._now -= 1
                error = self.fault(host, number)
                self.refused[host] += error is not None
            if error is not None:
                raise error
        info = ArtifactRef("info.json", "0" * 64, 2, "application/json")
        return Resolved(
            StepReport("resolve", 0.0, 1, reused=False), request.video, "A page", None, info, self.entries
        )

    @activity.defn(name="download", no_thread_cancel_exception=True)
    def download(self, given: DownloadInput) -> Downloaded:
        """Ends in an answer of the site too."""
        with activity_edge("download", given.request.video.id):
            while not self.hold_downloads.wait(0.05):
                activity.heartbeat()
            raise SourceNotFoundError("It is gone.")


@dataclass
class World:
    """The server and what was made of the sites."""

    client: Client
    sites: Sites
    catalog: LocalCatalog

    async def start(
        self,
        host: str,
        numbers: Sequence[int],
        *,
        patience_s: float = HOUR,
        tenant: str = "",
        priority: int = 3,
    ) -> list[Handle]:
        """One run for each numbered video of a host."""
        return list(
            await asyncio.gather(*(self._start(host, each, patience_s, tenant, priority) for each in numbers))
        )

    async def gate(self, host: str) -> GateView:
        """As it stands, or would stand if somebody had come."""
        try:
            view: GateView = await self.gate_handle(host).query("gate", result_type=GateView)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            return GateView(host, "open", "", None, 0, 0, 0, 0)
        return view

    def gate_handle(self, host: str) -> WorkflowHandle[Any, Any]:
        """Of the workflow."""
        return self.client.get_workflow_handle(site_workflow_id(host))

    async def until(self, host: str, wanted: Callable[[GateView], bool]) -> GateView:
        """Wait for a gate that is as wanted."""
        async with asyncio.timeout(60):
            while not wanted(view := await self.gate(host)):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.02)
        return view

    async def _start(self, host: str, number: int, patience_s: float, tenant: str, priority: int) -> Handle:
        url = f"https://{host}/{number}"
        video = VideoIdentity(f"{host.removesuffix('.org')}-{tenant or 'x'}-{number}", "generic", url)
        return await self.client.start_workflow(
            VideoPipeline.run,
            VideoRequest(url, video, tenant=tenant, expand=True, patience_s=patience_s),
            id=video_workflow_id(video.id),
            task_queue=CPU_QUEUE,
            priority=Priority(priority_key=priority),
            execution_timeout=timedelta(days=30),
        )


@asynccontextmanager
async def world(
    client: Client, folder: Path, sites: Sites, rules: SiteRules = QUICK, *, notify: bool = False
) -> AsyncIterator[World]:
    """Workers of both queues are up."""
    catalog = LocalCatalog(folder / "catalog.db")
    gates = SiteActivities(client, rules, lambda _request: False)
    quick: list[Callable[..., Any]] = [
        OutcomeActivity(catalog, notify).record_outcome,
        gates.knock,
        gates.closed_workflows,
    ]
    with ThreadPoolExecutor(16) as pool:
        async with (
            Worker(
                client,
                task_queue=CPU_QUEUE,
                workflows=[VideoPipeline, SiteGate, Notice],
                activities=[sites.resolve, sites.download],
                activity_executor=pool,
                max_concurrent_activities=8,
                max_heartbeat_throttle_interval=timedelta(milliseconds=100),
            ),
            Worker(
                client,
                task_queue=CONTROL_QUEUE,
                activities=quick,
                activity_executor=pool,
                max_concurrent_activities=8,
            ),
        ):
            try:
                yield World(client, sites, catalog)
            finally:
                sites.hold_downloads.set()
                sites.hold.set()  # a test that failed must not wait for its sites for ever
