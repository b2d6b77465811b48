"""Every schedule that should stand."""

from collections.abc import Callable, Mapping

from temporalio.client import Schedule

from schedules import cleanup, csv_scan
from schedules.pace import Pace
from workflows.ids import CLEANUP_SCHEDULE, CSV_SCAN_SCHEDULE

BUILDERS: Mapping[str, Callable[[Pace], Schedule]] = {
    CSV_SCAN_SCHEDULE: csv_scan.schedule,
    CLEANUP_SCHEDULE: cleanup.schedule,
}
"""By schedule id."""


def wanted(*, scan: Pace, cleaning: Pace) -> dict[str, Schedule]:
    """All of them, by id."""
    paces = {CSV_SCAN_SCHEDULE: scan, CLEANUP_SCHEDULE: cleaning}
    return {name: build(paces[name]) for name, build in BUILDERS.items()}
