"""What the server says of one schedule."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionResult,
    ScheduleDescription,
)
from temporalio.service import RPCError, RPCStatusCode

from mindreel.cli import wording
from mindreel.cli.parsers.schedules import NAMES
from schedules.pace import chosen_by_hand
from workflows.ids import CLEANUP_SCHEDULE, CSV_SCAN_SCHEDULE

IDS = dict(zip(NAMES, (CSV_SCAN_SCHEDULE, CLEANUP_SCHEDULE), strict=True))
"""Name, as people type it, to schedule id."""

_RPC_TIMEOUT = timedelta(seconds=5)
_SHOWN, _PROBLEM_WIDTH = 10, 160


@dataclass(frozen=True)
class PastRun:
    """A run that the schedule started."""

    workflow_id: str
    run_id: str
    started_at: str
    """ISO 8601."""
    state: str
    """running, completed, failed, …; `forgotten` where the server keeps no more of it."""


@dataclass(frozen=True)
class ScheduleView:
    """One schedule at a glance."""

    name: str
    """As people type it."""
    id: str
    interval_s: float | None
    """None where somebody replaced the interval by a calendar."""
    jitter_s: float
    by_hand: bool
    """True where `schedule ensure --interval` chose the interval."""
    paused: bool
    note: str
    next_at: str | None
    """ISO 8601; None while it is paused."""
    runs: tuple[PastRun, ...]
    """The last ten at most, oldest first."""
    missed: int
    """Times that passed while the server was away."""
    skipped: int
    """Times at which the run before was still going on."""
    last_result: dict[str, Any] | None
    """What the newest completed run gave back: `ScanResult` or `CleanupResult`; None where there is none."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)

    @property
    def outcomes(self) -> str:
        """Of the last runs: `9 completed, 1 failed`."""
        counts = Counter(run.state for run in self.runs)
        return ", ".join(f"{count} {state}" for state, count in counts.most_common())


def every(view: ScheduleView) -> str:
    """How often it runs."""
    if view.interval_s is None:
        return "at times of a calendar"
    jitter = f" + up to {wording.span(view.jitter_s)}" if view.jitter_s else ""
    return f"every {wording.span(view.interval_s)}{jitter}{', chosen by hand' if view.by_hand else ''}"


def outcome_of_last(view: ScheduleView) -> str:
    """What the newest completed run did, as a sentence; empty where there is none, or nothing to say."""
    result = view.last_result or {}
    if "freed_bytes" in result:
        kinds = ", ".join(f"{each['count']} {kind}" for kind, each in result["kinds"].items())
        freed = wording.size(result["freed_bytes"])
        return f"The last {view.name} freed {freed}{f' ({kinds} removed)' if kinds else ''}."
    taken = [each["file"] for each in result.get("files", ()) if not each.get("problem")]
    took = f"The last {view.name} took {_some(taken)}." if taken else ""
    return " ".join(filter(None, (took, not_taken(view))))


def not_taken(view: ScheduleView) -> str:
    """The files that the newest completed run could not take, and why in short; empty where it took all."""
    files = [each for each in (view.last_result or {}).get("files", ()) if each.get("problem")]
    told = [f"{each['file']} ({wording.shortened(_about(each), _PROBLEM_WIDTH)})" for each in files]
    return f"The last {view.name} could not take {_some(told)}." if told else ""


def _about(file: dict[str, Any]) -> str:
    """The problem, without the file's name where it begins with that."""
    return str(file["problem"]).removeprefix(f"{file['file']} ").rstrip(".")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


async def look(client: Client, name: str, schedule_id: str) -> ScheduleView | None:
    """How it stands; None where there is none."""
    try:
        seen = await client.get_schedule_handle(schedule_id).describe(rpc_timeout=_RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    runs = await asyncio.gather(*(_past_run(client, each) for each in seen.info.recent_actions))
    return _view(name, seen, tuple(runs), await _last_result(client, runs))


def _view(
    name: str, seen: ScheduleDescription, runs: tuple[PastRun, ...], last_result: dict[str, Any] | None
) -> ScheduleView:
    schedule = seen.schedule
    intervals, jitter, times = schedule.spec.intervals, schedule.spec.jitter, seen.info.next_action_times
    paused = schedule.state.paused
    return ScheduleView(
        name=name,
        id=seen.id,
        interval_s=intervals[0].every.total_seconds() if intervals else None,
        jitter_s=jitter.total_seconds() if jitter is not None else 0.0,
        by_hand=chosen_by_hand(schedule),
        paused=paused,
        note=schedule.state.note or "",
        next_at=times[0].isoformat() if times and not paused else None,
        runs=runs,
        missed=seen.info.num_actions_missed_catchup_window,
        skipped=seen.info.num_actions_skipped_overlap,
        last_result=last_result,
    )


async def _past_run(client: Client, result: ScheduleActionResult) -> PastRun:
    action = result.action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)  # noqa: S101 - the server knows no other
    state = await _state(client, action.workflow_id, action.first_execution_run_id)
    return PastRun(action.workflow_id, action.first_execution_run_id, _iso(result.started_at), state)


async def _last_result(client: Client, runs: Sequence[PastRun]) -> dict[str, Any] | None:
    for run in reversed(runs):
        if run.state == "completed":
            handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
            result: dict[str, Any] = await handle.result(rpc_timeout=_RPC_TIMEOUT)
            return result
    return None


async def _state(client: Client, workflow_id: str, run_id: str) -> str:
    try:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        seen = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return "forgotten"
        raise
    return seen.status.name.lower() if seen.status is not None else "unknown"


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
