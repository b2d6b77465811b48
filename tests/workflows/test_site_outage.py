"""A site that is down for a night costs patience, and no row: all waiting is skipped, nothing else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from mindreel.contracts.sites import SiteRules
from mindreel.errors import TransientError, UnknownHostError
from tests.workflows.site_world import HOUR, Sites, world
from tests.workflows.skipping import skipping_server

pytestmark = pytest.mark.slow

ROWS = 6
ATTEMPTS = 5
"""Of one visit, before it is said to have failed."""


async def test_a_site_that_is_down_for_hours_fails_no_row_and_is_tried_seldom(tmp_path: Path) -> None:
    rules = SiteRules(max_concurrent=1)
    tries_of_a_night = rules.failures + 9  # a minute, then twice as long each time: 8.5 hours
    sites = Sites()
    sites.fault = lambda host, _number: (
        TransientError("Nobody answers.") if sites.refused[host] < tries_of_a_night * ATTEMPTS else None
    )
    async with skipping_server() as client, world(client, tmp_path, sites, rules) as here:
        handles = await here.start("down.org", range(ROWS), patience_s=24 * HOUR)
        results = await asyncio.gather(*(each.result() for each in handles))
        assert {result.outcome for result in results} == {"expanded"}
        history = await here.gate_handle("down.org").fetch_history()
        began, ended = (history.events[place].event_time.ToDatetime() for place in (0, -1))
        assert ended - began > timedelta(hours=8)
    assert len(sites.asked) == tries_of_a_night * ATTEMPTS + ROWS


async def test_a_host_that_does_not_exist_is_not_waited_for_all_day(tmp_path: Path) -> None:
    sites = Sites(fault=lambda _host, _number: UnknownHostError("Nobody knows that name."))
    async with skipping_server() as client, world(client, tmp_path, sites, SiteRules()) as here:
        (handle,) = await here.start("mistyped.org", [1], patience_s=24 * HOUR)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, ApplicationError)
        assert failure.value.cause.type == "unknown_host"
        seen = await handle.describe()
        assert seen.close_time is not None
        # Video and gate skip time each by a clock of its own: an hour of both is some hours of the server.
        assert timedelta(hours=1) <= seen.close_time - seen.start_time < timedelta(hours=12)
