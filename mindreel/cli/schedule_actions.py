"""What `schedule` does to a schedule that stands."""

import argparse
from datetime import UTC, datetime

from temporalio.client import Client, ScheduleBackfill, ScheduleHandle, ScheduleOverlapPolicy
from temporalio.service import RPCError, RPCStatusCode

from mindreel.cli.invocation import invocation
from mindreel.errors import InputError

_MOST_BACKFILLED = 100


async def steer(client: Client, schedule_id: str, arguments: argparse.Namespace) -> str:
    """Do `arguments.action`; what is told then. Raises `InputError` where there is no such schedule."""
    handle = client.get_schedule_handle(schedule_id)
    try:
        return await _STEPS[arguments.action](handle, arguments)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise InputError(
            f"The schedule {arguments.name} does not stand; `{invocation()} schedule ensure` makes it."
        ) from error


async def _pause(handle: ScheduleHandle, arguments: argparse.Namespace) -> str:
    await handle.pause(note=arguments.note.strip() or "Paused with `schedule pause`")
    return f"{arguments.name} is paused until `{invocation()} schedule resume {arguments.name}`."


async def _resume(handle: ScheduleHandle, arguments: argparse.Namespace) -> str:
    await handle.unpause(note="Resumed with `schedule resume`")
    return f"{arguments.name} runs again."


async def _trigger(handle: ScheduleHandle, arguments: argparse.Namespace) -> str:
    await handle.trigger()
    return (
        f"{arguments.name} runs now, unless it does already; `{invocation()} schedule list` says how it went."
    )


async def _delete(handle: ScheduleHandle, arguments: argparse.Namespace) -> str:
    await handle.delete()
    return f"{arguments.name} is removed; the next `up`, worker or `schedule ensure` makes it again."


async def _backfill(handle: ScheduleHandle, arguments: argparse.Namespace) -> str:
    start, end = arguments.beginning, arguments.end
    if end < start:
        raise InputError(f"--to {end.isoformat()} lies before --from {start.isoformat()}.")
    if end > datetime.now(UTC):
        raise InputError(f"--to {end.isoformat()} has not come yet; only past times are run again.")
    seen = await handle.describe()
    intervals = seen.schedule.spec.intervals
    times = int((end - start) / intervals[0].every) + 1 if intervals else 1
    if times > _MOST_BACKFILLED:
        raise InputError(
            f"That span holds about {times} times; at most {_MOST_BACKFILLED} are run again at once. One "
            "scan takes everything that lies in the inbox: `schedule trigger` may be all that is needed."
        )
    await handle.backfill(ScheduleBackfill(start, end, ScheduleOverlapPolicy.BUFFER_ALL))
    return f"{arguments.name} runs for about {times} times that have passed, one after another."


_STEPS = {
    "pause": _pause,
    "resume": _resume,
    "trigger": _trigger,
    "delete": _delete,
    "backfill": _backfill,
}
