"""Bring one schedule on the server to what is wanted, however often and from wherever that is asked."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from schedules.pace import chosen_by_hand

MADE, CHANGED, KEPT = "made", "changed", "kept"
"""What `ensure` found to do."""

_ATTEMPTS = 10
_GONE = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
"""The second where it is deleted while it is being looked at."""


async def ensure(client: Client, schedule_id: str, wanted: Schedule, *, override: bool = False) -> str:
    """Create it, or change what differs; MADE, CHANGED or KEPT.

    An operator's pause and note stay, and so does a pace chosen by hand, unless `wanted` has one too or
    `override` is set. Raises `RPCError`.
    """
    for _ in range(_ATTEMPTS):
        try:
            await client.create_schedule(schedule_id, wanted)
        except ScheduleAlreadyRunningError:
            pass
        else:
            return MADE
        try:
            return await _update(client, schedule_id, wanted, override=override)
        except RPCError as error:
            if error.status not in _GONE:
                raise
            # Deleted since we were told that it is there: make it.
    return await _update(client, schedule_id, wanted, override=override)


async def _update(client: Client, schedule_id: str, wanted: Schedule, *, override: bool) -> str:
    done = KEPT

    async def change(seen: ScheduleUpdateInput) -> ScheduleUpdate | None:
        nonlocal done
        there = seen.description.schedule
        target = replace(wanted, state=there.state)
        if chosen_by_hand(there) and not chosen_by_hand(wanted) and not override:
            target = _at_the_pace_of(there, target)
        if await _same(client, there, target):
            done = KEPT
            return None  # each write could overtake an operator's pause
        done = CHANGED
        return ScheduleUpdate(target)

    await client.get_schedule_handle(schedule_id).update(change)
    return done


def _at_the_pace_of(there: Schedule, target: Schedule) -> Schedule:
    """`target` with the pace of the schedule that stands, and the memory of who chose it."""
    action = copy(target.action)
    assert isinstance(action, ScheduleActionStartWorkflow)  # noqa: S101 - ours all are
    assert isinstance(there.action, ScheduleActionStartWorkflow)  # noqa: S101 - the server knows no other
    action.memo = there.action.memo
    return replace(target, action=action, spec=there.spec, policy=there.policy)


async def _same(client: Client, there: Schedule, target: Schedule) -> bool:
    """True when nothing would change; what was encoded is compared as the bytes that are sent."""
    return (
        there.spec == target.spec
        and there.policy == target.policy
        and await _action(client, there) == await _action(client, target)
    )


async def _action(client: Client, schedule: Schedule) -> tuple[Any, ...]:
    action = schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)  # noqa: S101 - the server knows no other
    said = [*action.args, *(action.memo or {}).values(), action.static_summary]
    return (
        action.workflow,
        action.id,
        action.task_queue,
        action.execution_timeout,
        await _encoded(client, said),
    )


async def _encoded(client: Client, values: Sequence[Any]) -> list[Payload]:
    """What comes from the server is encoded already."""
    return [
        each if isinstance(each, Payload) else (await client.data_converter.encode([each]))[0]
        for each in values
    ]
