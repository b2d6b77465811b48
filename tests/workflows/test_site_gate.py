"""A site that refuses stops everybody who fetches from it, and nobody else; then all goes on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, is_cancelled_exception
from temporalio.service import RPCError
from temporalio.worker import Replayer

from mindreel.contracts.sites import SiteRules
from mindreel.errors import (
    BotCheckError,
    BusyError,
    RateLimitedError,
    SourceNotFoundError,
    StoreError,
    TransientError,
)
from tests.workflows.running import server
from tests.workflows.site_world import HOUR, QUICK, Handle, Sites, world
from workflows import gate_book, gate_state
from workflows.ids import notice_workflow_id
from workflows.progress import RunProgress
from workflows.site_gate import SiteGate
from workflows.video_pipeline import VideoPipeline

pytestmark = pytest.mark.slow

CLOSED_FOR_HOURS = SiteRules(first_pause_s=6 * HOUR)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with server() as client:
        yield client


async def outcomes(handles: list[Handle]) -> set[str]:
    return {result.outcome for result in await asyncio.gather(*(each.result() for each in handles))}


async def failure(handle: Handle) -> ApplicationError:
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause


async def progress(handle: Handle) -> RunProgress:
    shown: RunProgress = await handle.query("progress", result_type=RunProgress)
    return shown


async def test_a_storm_of_429_stops_the_site_and_all_rows_finish_when_it_is_well(
    client: Client, tmp_path: Path
) -> None:
    sites, well = Sites(), False

    def fault(_host: str, _number: int) -> Exception | None:
        refuses = len(sites.asked) > 3 and not well
        return RateLimitedError("Too many requests.", retry_after_s=0.1) if refuses else None

    sites.fault = fault
    async with world(client, tmp_path, sites) as here:
        handles = await here.start("busy.org", range(20))
        closed = await here.until("busy.org", lambda gate: gate.refusals >= 6)
        assert (closed.successes, closed.reason) == (3, "Too many requests.")
        assert 12 <= closed.waiting + closed.inside <= 17
        waits = [each for each in handles if (await progress(each)).waiting_for == "busy.org"]
        assert len(waits) >= 12
        well = True
        assert await outcomes(handles) == {"expanded"}
        assert (await here.gate("busy.org")).state == "open"
    assert sites.refused["busy.org"] <= 4 + 4  # those under way when it began, and one try after each pause
    assert sites.most_at_once <= 4


async def test_the_others_go_on_as_soon_as_the_site_answers_the_one_that_tries(
    client: Client, tmp_path: Path
) -> None:
    """A download may take an hour; three others are let in while it is under way."""
    sites = Sites(entries=1)
    sites.hold_downloads.clear()
    sites.fault = lambda _host, _number: RateLimitedError("Too many.") if len(sites.asked) == 1 else None
    async with world(client, tmp_path, sites) as here:
        handles = await here.start("busy.org", [0])
        await here.until("busy.org", lambda gate: gate.refusals == 1)
        handles += await here.start("busy.org", range(1, 6))
        inside = await here.until("busy.org", lambda gate: gate.inside == 4)
        assert (inside.state, inside.successes, inside.waiting) == ("open", 0, 2)
        sites.hold_downloads.set()
        assert {(await failure(each)).message for each in handles} == {"It is gone."}
        gate = await here.until("busy.org", lambda gate: not gate.inside)
        assert (gate.state, gate.successes, gate.refusals) == ("open", 6, 0)
        answered = [
            event.workflow_execution_signaled_event_attributes.signal_name == "answered"
            for event in (await here.gate_handle("busy.org").fetch_history()).events
        ]
        assert sum(answered) == 1
        for handle in handles:
            await Replayer(workflows=[VideoPipeline]).replay_workflow(await handle.fetch_history())
        await Replayer(workflows=[SiteGate]).replay_workflow(
            await here.gate_handle("busy.org").fetch_history()
        )


async def test_a_bot_check_holds_everybody_of_one_site_until_a_person_resumes_it(
    client: Client, tmp_path: Path
) -> None:
    sites, cookies = Sites(), False

    def fault(host: str, _number: int) -> Exception | None:
        return BotCheckError("Prove that you are a person.") if host == "wall.org" and not cookies else None

    sites.fault = fault
    async with world(client, tmp_path, sites, replace(CLOSED_FOR_HOURS, max_concurrent=2)) as here:
        held = await here.start("wall.org", range(8))
        closed = await here.until("wall.org", lambda gate: gate.waiting == 8)
        assert (closed.state, closed.reason) == ("closed", "Prove that you are a person.")
        assert await outcomes(await here.start("other.org", range(6))) == {"expanded"}
        assert sites.refused["wall.org"] <= 2
        cookies = True
        await here.gate_handle("wall.org").signal("resume")
        assert await outcomes(held) == {"expanded"}


async def test_a_single_run_has_its_refusal_as_outcome_and_the_gate_knows(
    client: Client, tmp_path: Path
) -> None:
    """Its attempts are its own, as ever; a second person is let in to try although the gate is closed."""
    sites = Sites(lambda _host, _number: BotCheckError("Prove that you are a person."))
    async with world(client, tmp_path, sites, CLOSED_FOR_HOURS) as here:
        for number in (1, 2):
            (handle,) = await here.start("wall.org", [number], patience_s=0.0)
            assert (await failure(handle)).type == "bot_check"
            row = here.catalog.get(f"wall-x-{number}")
            assert row is not None
            assert (row.status, row.error_class, row.stage) == ("failed", "bot_check", "resolve")
        assert (await here.gate("wall.org")).state == "closed"


async def test_a_row_whose_patience_ends_fails_with_the_site_s_reason(client: Client, tmp_path: Path) -> None:
    sites = Sites(lambda _host, _number: RateLimitedError("Too many requests."))
    async with world(client, tmp_path, sites, CLOSED_FOR_HOURS) as here:
        (handle,) = await here.start("busy.org", [1], patience_s=1.0)
        error = await failure(handle)
    assert error.type == "rate_limit"
    assert error.message == "busy.org has been refusing everybody for 0 minutes: Too many requests."
    assert sites.refused["busy.org"] == 1


async def test_one_video_s_own_network_trouble_is_its_own(client: Client, tmp_path: Path) -> None:
    broken = TransientError("The line broke.", retry_after_s=0.01)
    sites = Sites(lambda _host, number: broken if number == 0 else None)
    sites.hold.clear()
    async with world(client, tmp_path, sites, replace(QUICK, max_concurrent=1)) as here:
        (bad,) = await here.start("shaky.org", [0])
        await here.until("shaky.org", lambda gate: gate.inside == 1)
        good = await here.start("shaky.org", range(1, 5))
        await here.until("shaky.org", lambda gate: gate.waiting == 4)
        sites.hold.set()
        error = await failure(bad)
        assert (error.type, error.message) == ("network", "The line broke.")
        assert await outcomes(good) == {"expanded"}


async def test_a_busy_machine_costs_no_row_and_closes_no_gate(client: Client, tmp_path: Path) -> None:
    """Three rows in a row that fail for it are no network failures of the site."""
    sites = Sites()
    busy = BusyError("The catalog is held by another process.", retry_after_s=0.01)
    sites.fault = lambda host, _number: busy if sites.refused[host] < 3 * 5 else None
    async with world(client, tmp_path, sites, replace(CLOSED_FOR_HOURS, max_concurrent=1)) as here:
        handles = await here.start("well.org", range(3))
        assert await outcomes(handles) == {"expanded"}
        gate = await here.until("well.org", lambda gate: not gate.inside)
        assert (gate.state, gate.successes, gate.refusals) == ("open", 3, 0)


async def test_a_row_that_no_worker_outlives_fails_after_some_visits(client: Client, tmp_path: Path) -> None:
    sites = Sites(lambda _host, _number: BusyError("The worker had to let go.", retry_after_s=0.01))
    async with world(client, tmp_path, sites, CLOSED_FOR_HOURS) as here:
        (handle,) = await here.start("well.org", [1])
        assert (await failure(handle)).type == "busy"
        assert (await here.gate("well.org")).state == "open"
    assert sites.refused["well.org"] == 3 * 5


async def test_a_store_that_is_away_is_waited_for_and_closes_no_gate(client: Client, tmp_path: Path) -> None:
    """More visits than a row that kills its worker is given."""
    sites = Sites()
    away = StoreError("Supabase did not answer.", retry_after_s=0.01)
    sites.fault = lambda host, _number: away if sites.refused[host] < 4 * 5 else None
    async with world(client, tmp_path, sites, CLOSED_FOR_HOURS) as here:
        assert await outcomes(await here.start("well.org", [1])) == {"expanded"}
        gate = await here.until("well.org", lambda gate: not gate.inside)
        assert (gate.state, gate.refusals) == ("open", 0)
    assert sites.refused["well.org"] == 4 * 5


async def test_a_video_that_is_gone_is_an_answer_of_the_site(client: Client, tmp_path: Path) -> None:
    sites = Sites(lambda _host, number: SourceNotFoundError("It is gone.") if number % 2 else None)
    async with world(client, tmp_path, sites, CLOSED_FOR_HOURS) as here:
        handles = await here.start("old.org", range(8))
        assert await outcomes(handles[::2]) == {"expanded"}
        assert {(await failure(each)).type for each in handles[1::2]} == {"not_found"}
        gate = await here.until("old.org", lambda gate: not gate.inside)
        assert (gate.state, gate.successes) == ("open", 8)


async def test_priority_and_then_turns_of_tenants_decide_who_is_next(client: Client, tmp_path: Path) -> None:
    sites = Sites()
    sites.hold.clear()
    async with world(client, tmp_path, sites, SiteRules(max_concurrent=1)) as here:
        first = await here.start("fair.org", [0])
        await here.until("fair.org", lambda gate: gate.inside == 1)
        many = await here.start("fair.org", range(4), tenant="many")
        await here.until("fair.org", lambda gate: gate.waiting == 4)
        few = await here.start("fair.org", range(2), tenant="few")
        urgent = await here.start("fair.org", [9], tenant="many", priority=1)
        await here.until("fair.org", lambda gate: gate.waiting == 7)
        sites.hold.set()
        assert await outcomes([*first, *many, *few, *urgent]) == {"expanded"}
    assert sites.asked[1] == "fair-many-9"
    tenants = [each.split("-")[1] for each in sites.asked[2:]]
    assert tenants == ["few", "many", "few", "many", "many", "many"]


async def test_a_visitor_that_was_terminated_does_not_hold_its_place_for_ever(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_book, "_LOOK_AFTER_S", 0.5)
    sites = Sites()
    sites.hold.clear()
    async with world(client, tmp_path, sites, SiteRules(max_concurrent=1)) as here:
        (lost,) = await here.start("lost.org", [0])
        await here.until("lost.org", lambda gate: gate.inside == 1)
        gone, *rest = await here.start("lost.org", range(1, 5))
        await here.until("lost.org", lambda gate: gate.waiting == 4)
        await lost.terminate()
        await gone.terminate()
        sites.hold.set()
        assert await outcomes(rest) == {"expanded"}


async def test_who_is_paused_or_cancelled_leaves_the_line(client: Client, tmp_path: Path) -> None:
    sites = Sites()
    sites.hold.clear()
    async with world(client, tmp_path, sites, SiteRules(max_concurrent=1)) as here:
        (inside,) = await here.start("line.org", [0])
        await here.until("line.org", lambda gate: gate.inside == 1)
        paused, cancelled = await here.start("line.org", [1, 2])
        await here.until("line.org", lambda gate: gate.waiting == 2)
        await paused.signal("pause")
        await cancelled.cancel()
        await here.until("line.org", lambda gate: gate.waiting == 0)
        assert (await here.gate("line.org")).inside == 1
        with pytest.raises(WorkflowFailureError) as caught:
            await cancelled.result()
        assert is_cancelled_exception(caught.value.cause)
        sites.hold.set()
        assert await outcomes([inside]) == {"expanded"}
        assert (await progress(paused)).paused
        assert "line-x-1" not in sites.asked
        await paused.signal("resume")
        assert await outcomes([paused]) == {"expanded"}


async def test_a_gate_that_goes_on_as_new_loses_nobody(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_state, "MOST_EVENTS", 40)
    sites = Sites()

    def fault(_host: str, _number: int) -> Exception | None:
        return RateLimitedError("Too many requests.") if len(sites.asked) in (5, 15) else None

    sites.fault = fault
    async with world(client, tmp_path, sites) as here:
        assert await outcomes(await here.start("long.org", range(20))) == {"expanded"}
        gate = await here.gate("long.org")
    assert (gate.waiting, gate.inside, gate.successes) == (0, 0, 20)
    runs = [each async for each in client.list_workflows("WorkflowId = 'site-long.org'")]
    assert len(runs) > 3


@pytest.mark.parametrize("notify", [True, False])
async def test_the_end_of_a_run_is_told_where_a_webhook_is_set(
    client: Client, tmp_path: Path, *, notify: bool
) -> None:
    async with world(client, tmp_path, Sites(), notify=notify) as here:
        (handle,) = await here.start("told.org", [1])
        assert await outcomes([handle]) == {"expanded"}
        run_id = (await handle.describe()).run_id
        notice = client.get_workflow_handle(notice_workflow_id(handle.id, run_id))
        if notify:
            assert (await notice.describe()).workflow_type == "Notice"
        else:
            with pytest.raises(RPCError, match="not found"):
                await notice.describe()
