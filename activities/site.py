import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.download import DownloadActivity
from activities.edge import activity_edge
from activities.resolve import ResolveActivity
from mindreel.contracts.sites import GateInput, Knocked, KnockInput, SiteRules
from mindreel.contracts.video import VideoRequest
from mindreel.errors import TransientError


@dataclass(frozen=True)
class SiteActivities:
    """The way from a workflow to the gate of a site."""

    client: Client
    rules: SiteRules
    is_here: Callable[[VideoRequest], bool]
    """Whether nothing of a video has to be fetched; see `nothing_to_fetch`."""

    @activity.defn(name="knock")
    async def knock(self, given: KnockInput) -> Knocked:
        """Stand in line at a site's gate, which is started where there is none."""
        with activity_edge("gate", given.request.video.id if given.request else given.visitor.workflow_id):
            if given.request is not None and await asyncio.to_thread(self.is_here, given.request):
                return Knocked(needed=False)
            try:
                await self.client.start_workflow(
                    "SiteGate",
                    GateInput(given.site, self.rules),
                    id=given.gate,
                    task_queue=given.queue,
                    static_summary=given.site,
                    start_signal="enter",
                    start_signal_args=[
                        given.visitor,
                        self.rules,
                    ],  # settings may have changed since its start
                )
            except RPCError as error:
                raise TransientError(f"The gate of {given.site} was out of reach: {error}.") from error
            return Knocked(needed=True)

    @activity.defn(name="closed_workflows")
    async def closed_workflows(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the workflows that have ended, however."""
        with activity_edge("gate", ""):
            return tuple([each for each in ids if await self._is_closed(each)])

    async def _is_closed(self, workflow_id: str) -> bool:
        try:
            description = await self.client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return True
            raise TransientError(f"{workflow_id} could not be looked up: {error}.") from error
        return description.status != WorkflowExecutionStatus.RUNNING


def nothing_to_fetch(resolve: ResolveActivity, download: DownloadActivity) -> Callable[[VideoRequest], bool]:
    """Whether resolve and download of a request are finished and would only be reused."""

    def is_here(request: VideoRequest) -> bool:
        resolved = resolve.finished(request)
        if resolved is None:
            return False
        return (request.expand and resolved.entries != 1) or download.is_finished(request)

    return is_here
