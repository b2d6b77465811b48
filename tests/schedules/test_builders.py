from datetime import timedelta

import pytest
from temporalio.client import Schedule, ScheduleActionStartWorkflow, ScheduleOverlapPolicy

from mindreel.bootstrap.schedules import paces
from mindreel.settings import load
from schedules.pace import Pace, chosen_by_hand
from schedules.standing import BUILDERS, wanted
from workflows.ids import CLEANUP_ID, CLEANUP_SCHEDULE, CPU_QUEUE, CSV_SCAN_ID, CSV_SCAN_SCHEDULE


def action(schedule: Schedule) -> ScheduleActionStartWorkflow:
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    return schedule.action


@pytest.mark.parametrize("schedule_id", BUILDERS)
def test_runs_never_overlap_and_of_missed_times_one_interval_is_caught_up(schedule_id: str) -> None:
    schedule = BUILDERS[schedule_id](Pace(300, 4))

    assert schedule.policy.overlap == ScheduleOverlapPolicy.SKIP
    assert schedule.policy.catchup_window == timedelta(minutes=5)
    assert [each.every for each in schedule.spec.intervals] == [timedelta(minutes=5)]
    assert schedule.spec.jitter == timedelta(seconds=4)
    assert action(schedule).task_queue == CPU_QUEUE
    assert action(schedule).static_summary


def test_each_starts_its_workflow_under_an_id_of_its_own() -> None:
    schedules = wanted(scan=Pace(60), cleaning=Pace(3600))

    scan, cleaning = action(schedules[CSV_SCAN_SCHEDULE]), action(schedules[CLEANUP_SCHEDULE])
    assert (scan.workflow, scan.id) == ("CsvScan", CSV_SCAN_ID)
    assert (cleaning.workflow, cleaning.id) == ("Cleanup", CLEANUP_ID)
    assert schedules[CLEANUP_SCHEDULE].spec.intervals[0].every == timedelta(hours=1)


def test_the_window_is_never_shorter_than_the_server_makes_it() -> None:
    assert BUILDERS[CSV_SCAN_SCHEDULE](Pace(1)).policy.catchup_window == timedelta(seconds=10)


def test_a_pace_chosen_by_hand_is_remembered_and_another_is_not() -> None:
    build = BUILDERS[CSV_SCAN_SCHEDULE]

    assert chosen_by_hand(build(Pace(10, by_hand=True)))
    assert not chosen_by_hand(build(Pace(10)))


def test_the_settings_say_how_often() -> None:
    settings = load(
        {
            "MINDREEL_SCAN_INTERVAL_S": "12.5",
            "MINDREEL_SCAN_JITTER_S": "0",
            "MINDREEL_CLEANUP_HOURS": "2",
        }
    )

    assert paces(settings) == {CSV_SCAN_SCHEDULE: Pace(12.5), CLEANUP_SCHEDULE: Pace(7200)}
