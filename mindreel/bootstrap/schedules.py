"""The schedules of these settings, brought to stand on the server."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mindreel.errors import SetupError
from mindreel.settings import Settings
from schedules.apply import ensure
from schedules.pace import Pace
from schedules.standing import wanted
from workflows.ids import CLEANUP_SCHEDULE, CSV_SCAN_SCHEDULE

_DENIED = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED)


def paces(settings: Settings) -> dict[str, Pace]:
    """How often each is to run where no operator has chosen otherwise, by schedule id."""
    return {
        CSV_SCAN_SCHEDULE: Pace(settings.batch.scan_interval_s, settings.batch.scan_jitter_s),
        CLEANUP_SCHEDULE: Pace(settings.retention.interval_s),
    }


async def ensure_schedules(client: Client, settings: Settings) -> dict[str, str]:
    """Make or mend them all; what was done, by schedule id. An operator's pause and pace stay.

    Raises `SetupError` where the cluster does not allow it, `RPCError` when it does not answer.
    """
    chosen = paces(settings)
    schedules = wanted(scan=chosen[CSV_SCAN_SCHEDULE], cleaning=chosen[CLEANUP_SCHEDULE])
    try:
        return {name: await ensure(client, name, schedule) for name, schedule in schedules.items()}
    except RPCError as error:
        if error.status not in _DENIED:
            raise
        raise SetupError(
            f"The Temporal cluster refuses to make schedules ({error.message}): only `scan` takes CSV files "
            "until its operator allows it."
        ) from error
