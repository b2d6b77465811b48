"""When the inbox is looked at."""

from datetime import timedelta

from temporalio.client import Schedule, ScheduleActionStartWorkflow

from mindreel.contracts.scan import ScanInput
from schedules.pace import Pace
from workflows.csv_scan import CsvScan
from workflows.ids import CPU_QUEUE, CSV_SCAN_ID

LONGEST = timedelta(hours=6)
"""No scan begins while one goes on: one that is stuck must not be the last."""


def schedule(pace: Pace) -> Schedule:
    """A look into the inbox of the worker's settings, every `pace`."""
    action = ScheduleActionStartWorkflow(
        CsvScan.run,
        ScanInput(),
        id=CSV_SCAN_ID,
        task_queue=CPU_QUEUE,
        execution_timeout=LONGEST,
        memo=pace.memo,
        static_summary="Look for new CSV files in the inbox",
    )
    return Schedule(action=action, spec=pace.spec, policy=pace.policy)
