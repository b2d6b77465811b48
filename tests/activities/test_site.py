"""The way to a site's gate: who has nothing to fetch does not stand in line, and who has ended is known."""

from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.download import DownloadActivity
from activities.resolve import ResolveActivity
from activities.site import SiteActivities, nothing_to_fetch
from activities.step import Steps
from mindreel.contracts.inputs import DownloadInput
from mindreel.contracts.sites import GateView, Knocked, KnockInput, SiteRules, Visitor
from mindreel.contracts.video import Limits, VideoIdentity, VideoRequest
from mindreel.media.probe import probe
from mindreel.sources.download import download
from mindreel.sources.identity import identify
from mindreel.sources.resolve import resolve
from tests.support.command import TALK
from tests.workflows.running import server
from tests.workflows.site_world import Sites, world
from workflows.ids import CPU_QUEUE, site_workflow_id

REQUEST = VideoRequest("https://example.org/1", VideoIdentity("web-1", "generic", "https://example.org/1"))


def knock(workflow_id: str, turn: int, *, request: VideoRequest | None = None) -> KnockInput:
    site = "example.org"
    return KnockInput(site, site_workflow_id(site), CPU_QUEUE, Visitor(workflow_id, turn), request)


def test_nothing_is_fetched_of_a_video_that_is_here(steps: Steps) -> None:
    resolving = ResolveActivity(steps, resolve, Limits())
    downloading = DownloadActivity(steps, download, probe, Limits())
    is_here = nothing_to_fetch(resolving, downloading)
    request = VideoRequest("samples/talk.mp4", identify(str(TALK)))

    def asked() -> bool:
        return ActivityEnvironment().run(is_here, request)

    assert not asked()
    resolved = ActivityEnvironment().run(resolving.resolve, request)
    assert not asked()
    ActivityEnvironment().run(downloading.download, DownloadInput(request, resolved.info))
    assert asked()


async def test_who_has_nothing_to_fetch_starts_no_gate(tmp_path: Path) -> None:
    async with server() as client, world(client, tmp_path, Sites()) as here:
        gates = SiteActivities(client, SiteRules(), lambda _request: True)
        given = knock("video-web-1", 1, request=REQUEST)
        assert await ActivityEnvironment().run(gates.knock, given) == Knocked(needed=False)
        assert (await here.client.count_workflows("WorkflowType = 'SiteGate'")).count == 0
        assert await ActivityEnvironment().run(gates.knock, knock("batch-talks", 1)) == Knocked(needed=True)
        await here.gate_handle("example.org").describe()


@pytest.mark.slow
async def test_a_visitor_that_never_was_is_dropped_and_changed_settings_take_effect(tmp_path: Path) -> None:
    sites = Sites()
    sites.hold.clear()
    async with server() as client, world(client, tmp_path, sites, SiteRules(max_concurrent=1)) as here:
        await here.start("example.org", range(3))
        await here.until("example.org", lambda gate: (gate.inside, gate.waiting) == (1, 2))
        wider = SiteActivities(client, SiteRules(max_concurrent=4), lambda _request: False)
        await ActivityEnvironment().run(wider.knock, knock("nobody", 1))

        def as_wanted(gate: GateView) -> bool:
            return (gate.inside, gate.waiting) == (3, 0)

        await here.until("example.org", as_wanted)
        ids = ("video-example-x-0", "nobody", "site-example.org")
        assert await ActivityEnvironment().run(wider.closed_workflows, ids) == ("nobody",)
        sites.hold.set()
