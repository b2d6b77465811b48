"""A site that is down for a night costs patience, and no row: all waiting is skipped, nothing else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from mindreel.contracts.sites import SiteRules
from mindreel.errors import TransientError
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
