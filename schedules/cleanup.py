"""When what nobody needs any more is removed."""

from temporalio.client import Schedule, ScheduleActionStartWorkflow

from mindreel.contracts.cleanup import CleanupInput
from schedules.pace import Pace
from workflows.cleanup import Cleanup
from workflows.ids import CLEANUP_ID, CPU_QUEUE


def schedule(pace: Pace) -> Schedule:
    """A clean-up of temporary files, expired artifacts and orphans, every `pace`."""
    action = ScheduleActionStartWorkflow(
        Cleanup.run,
        CleanupInput(),
        id=CLEANUP_ID,
        task_queue=CPU_QUEUE,
        memo=pace.memo,
        static_summary="Remove temporary files, expired artifacts and orphans",
    )
    return Schedule(action=action, spec=pace.spec, policy=pace.policy)
